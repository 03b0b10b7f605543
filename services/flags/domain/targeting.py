"""A rule in one line, as people write it, into JsonLogic, as flagd has it.

    client_type=car and app_version>=8.9 and country in (SE, NO)

    condition    conjunction { "or" conjunction }
    conjunction  negation { "and" negation }
    negation     "not" negation | "(" condition ")" | attribute comparison

A comparison never holds for somebody of whom the attribute is not known, and its opposite (`!=`, `not in`, `not`)
always does. Versions compare by their numbers, parts left out being zero; builds by size; what has a known set of
values is checked against it.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from services.flags.domain.vocabulary import Attribute, Kind, attribute
from services.kit.errors import Invalid

MOST_CHARS = 2_000
_DEEPEST = 30
NO_NUMBER = "unknown"
"""Stands in for a build that is not known: it is neither more nor less than any number, as null would be."""

Json: TypeAlias = Any
Found = TypeVar("Found")
Values: TypeAlias = Sequence[str | int]
Write: TypeAlias = Callable[[str, Values], Json]


class Unclear(Invalid):
    """The line cannot be read. The message shows it, with a caret below the place."""

    def __init__(self, sentence: str, line: str, start: int, end: int) -> None:
        super().__init__(f"{sentence}\n  {line}\n  {' ' * start}{'^' * max(1, end - start)}", field="when")
        self.sentence, self.start, self.end = sentence, start, end


def condition(line: str) -> Json:
    """Return the line as a condition in JsonLogic. Raises Unclear where it cannot be read."""
    one_line = " ".join(line.split())
    if len(one_line) > MOST_CHARS:
        raise Unclear(f"The rule is longer than {MOST_CHARS:,} characters.", f"{one_line[:60]} …", 0, 60)
    return _Reader(one_line).whole()


def _equals(name: str, values: Values) -> Json:
    return {"==": [{"var": name}, values[0]]}


def _differs(name: str, values: Values) -> Json:
    return {"!=": [{"var": name}, values[0]]}


def _among(name: str, values: Values) -> Json:
    return {"in": [{"var": name}, list(values)]}


def _begins(name: str, values: Values) -> Json:
    return {"starts_with": [{"var": name}, values[0]]}


def _ends(name: str, values: Values) -> Json:
    return {"ends_with": [{"var": name}, values[0]]}


def _version(operator: str) -> Write:
    return lambda name, values: {"sem_ver": [{"var": name}, operator, values[0]]}


def _any_version(name: str, values: Values) -> Json:
    return _joined("or", [_version("=")(name, [value]) for value in values])


def _number(operator: str) -> Write:
    return lambda name, values: {operator: [{"var": [name, NO_NUMBER]}, values[0]]}


def _not(write: Write) -> Write:
    return lambda name, values: {"!": [write(name, values)]}


_ORDERS = ("<", "<=", ">", ">=")
_SETS: Mapping[str, Write] = {"=": _equals, "!=": _differs, "in": _among, "not in": _not(_among)}

COMPARISONS: Mapping[Kind, Mapping[str, Write]] = {
    Kind.CHOICE: _SETS,
    Kind.TEXT: {**_SETS, "starts with": _begins, "ends with": _ends},
    Kind.NUMBER: {
        "=": _number("=="),
        "!=": _number("!="),
        **{operator: _number(operator) for operator in _ORDERS},
        "in": _among,
        "not in": _not(_among),
    },
    Kind.VERSION: {
        "=": _version("="),
        "!=": _not(_version("=")),
        **{operator: _version(operator) for operator in _ORDERS},
        "in": _any_version,
        "not in": _not(_any_version),
    },
}
"""How each kind of attribute can be compared, and what that is in JsonLogic."""

_LISTS = frozenset({"in", "not in"})
_WORDED = ("not in", "starts with", "ends with", "in")
_TOKEN = re.compile(
    r"""(?P<quoted>"[^"]*"|'[^']*')|(?P<mark><=|>=|!=|==|[=<>(),])|(?P<word>[^\s()<>=!,"']+)|(?P<stray>\S)"""
)
_AGAIN = {"==": "="}


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    kind: str
    start: int
    end: int

    @property
    def word(self) -> str:
        """The text where it may be a word of the language, in small letters."""
        return self.text.lower() if self.kind in {"word", "mark"} else ""


class _Reader:
    """Reads one line from left to right."""

    def __init__(self, line: str) -> None:
        self._line, self._at, self._depth = line, 0, 0
        self._tokens = [*self._split(), _Token("", "end", len(line), len(line))]

    def whole(self) -> Json:
        """Return all of the line."""
        if self._next.kind == "end":
            raise self._unclear("The rule is empty; write for example client_type=car.")
        found = self._condition()
        if self._next.kind != "end":
            raise self._unclear(f"After a comparison comes and, or, or the end, not {self._next.text}.")
        return found

    def _split(self) -> Iterator[_Token]:
        for found in _TOKEN.finditer(self._line):
            kind = found.lastgroup or ""
            token = _Token(found[0][1:-1] if kind == "quoted" else found[0], kind, *found.span())
            if kind == "stray":
                raise Unclear(f"Nothing can be read from {found[0]} here.", self._line, token.start, token.end)
            yield token

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at]

    def _takes(self, word: str) -> bool:
        """Go past the words if they are what comes next."""
        parts = word.split()
        found = [token.word for token in self._tokens[self._at : self._at + len(parts)]] == parts
        self._at += len(parts) if found else 0
        return found

    def _taken(self) -> _Token:
        self._at += 1
        return self._tokens[self._at - 1]

    def _unclear(self, sentence: str, token: _Token | None = None) -> Unclear:
        at = token or self._next
        return Unclear(sentence, self._line, at.start, at.end)

    def _condition(self) -> Json:
        return self._joined("or", lambda: self._joined("and", self._negation))

    def _joined(self, word: str, read: Callable[[], Json]) -> Json:
        found = [read()]
        while self._takes(word):
            found.append(read())
        return _joined(word, found)

    def _negation(self) -> Json:
        if self._depth > _DEEPEST:
            raise self._unclear(f"The rule is nested more than {_DEEPEST} levels deep.")
        self._depth += 1
        try:
            return self._negated() if self._takes("not") else self._single()
        finally:
            self._depth -= 1

    def _negated(self) -> Json:
        return {"!": [self._negation()]}

    def _single(self) -> Json:
        opened = self._next
        if not self._takes("("):
            return self._comparison()
        found = self._condition()
        if not self._takes(")"):
            raise self._unclear("This parenthesis is never closed.", opened)
        return found

    def _comparison(self) -> Json:
        subject = self._attribute()
        operator = self._operator(subject)
        values = self._values(subject) if operator in _LISTS else [self._value(subject)]
        return COMPARISONS[subject.kind][operator](subject.name, values)

    def _attribute(self) -> Attribute:
        if self._next.kind != "word":
            raise self._unclear("Here has to be an attribute, such as client_type.")
        return self._checked(lambda: attribute(self._next.text))

    def _operator(self, subject: Attribute) -> str:
        began = self._next
        operator = next(filter(self._takes, _WORDED), "") or self._taken().word
        operator = _AGAIN.get(operator, operator)
        known = COMPARISONS[subject.kind]
        if operator not in known:
            raise self._unclear(f"After {subject.name}, {subject.kind.value}, comes one of {', '.join(known)}.", began)
        return operator

    def _values(self, subject: Attribute) -> Values:
        if not self._takes("("):
            raise self._unclear(f"Here has to be a list in parentheses, such as {subject.name} in (…, …).")
        values = [self._value(subject)]
        while self._takes(","):
            values.append(self._value(subject))
        if not self._takes(")"):
            raise self._unclear("Here has to be a comma and another value, or the closing parenthesis.")
        return values

    def _value(self, subject: Attribute) -> str | int:
        if self._next.kind not in {"word", "quoted"}:
            raise self._unclear(f"Here has to be a value for {subject.name}.")
        return self._checked(lambda: subject.read(self._next.text))

    def _checked(self, read: Callable[[], Found]) -> Found:
        """Go past a word that the vocabulary knows, to what it makes of it."""
        try:
            found = read()
        except Invalid as fault:
            raise self._unclear(str(fault)) from fault
        self._taken()
        return found


def _joined(word: str, parts: Sequence[Json]) -> Json:
    return parts[0] if len(parts) == 1 else {word: list(parts)}
