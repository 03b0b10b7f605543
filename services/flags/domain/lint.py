"""What is allowed in a rule and still worth a second look.

Comparisons that JsonLogic reads otherwise than people do, attributes that nobody has, branches that nobody reaches.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from services.flags.domain.fractions import json_text
from services.flags.domain.targeting import NO_NUMBER
from services.flags.domain.vocabulary import EVALUATION, VOCABULARY, Attribute, Kind, unheard_of
from services.kit.errors import Invalid
from services.kit.flags.values import truthy

Json: TypeAlias = Any
Operands: TypeAlias = Sequence[Json]

_ORDERS = ("<", "<=", ">", ">=")
_EQUALITIES = ("==", "!=", "===", "!==")
_PAIR = 2
_NO_ORDER = (Kind.CHOICE, Kind.TEXT)
_ITEMS = frozenset({"map", "filter", "reduce", "all", "some", "none"})
"""Within these, `var` reads the item at hand and not the context."""


def second_looks(node: Json, path: str) -> Iterator[str]:
    """Yield a sentence for each place in a rule that stands at the path."""
    if isinstance(node, list):
        for place, item in enumerate(node):
            yield from second_looks(item, f"{path}[{place}]")
    elif isinstance(node, dict) and len(node) == 1:
        ((operator, written),) = node.items()
        below = f"{path}.{operator}"
        operands = written if isinstance(written, list) else [written]
        look = _LOOKS.get(operator)
        yield from (f"{below}: {sentence}" for sentence in (look(operator, operands) if look else ()))
        yield from second_looks(operands[:1] if operator in _ITEMS else written, below)


def _variable(_operator: str, operands: Operands) -> Iterator[str]:
    name = operands[0] if operands and isinstance(operands[0], str) else ""
    root = name.partition(".")[0]
    if root and root not in VOCABULARY and root != EVALUATION:
        yield unheard_of(name)


def _order(operator: str, operands: Operands) -> Iterator[str]:
    for word, value in _compared(operands):
        if word.kind is Kind.VERSION:
            yield f'{word.name} is compared as text or as a number, where "8.10" is before "8.9"; use sem_ver.'
        elif word.kind in _NO_ORDER:
            yield f"{word.name} has no order, so this compares it letter by letter."
        elif not isinstance(value, int) or isinstance(value, bool):
            yield f"{word.name} is a number and is compared with {json_text(value)}."
        elif _holds_for_nothing(operator, operands, value) and {"var": word.name} in operands:
            default = json_text({"var": [word.name, NO_NUMBER]})
            yield f"Who has no {word.name} counts as 0 here; with {default} nobody does."


def _holds_for_nothing(operator: str, operands: Operands, value: int) -> bool:
    is_left = isinstance(operands[0], dict)
    below = operator.startswith("<") == is_left
    return value > 0 if below else value == 0 and operator.endswith("=")


def _equality(_operator: str, operands: Operands) -> Iterator[str]:
    for word, value in _compared(operands):
        yield from _unequal(word, value)


def _among(_operator: str, operands: Operands) -> Iterator[str]:
    if len(operands) != _PAIR or (word := _attribute(operands[0])) is None:
        return
    if isinstance(operands[1], str):
        yield f"{word.name} is looked for as a piece of a text, where an empty one is found too; use a list."
    for value in operands[1] if isinstance(operands[1], list) else ():
        yield from _unequal(word, value)


def _unequal(word: Attribute, value: Json) -> Iterator[str]:
    """Yield why an attribute never equals a value, where it never does."""
    if isinstance(value, dict | list) or value is None:
        return
    try:
        usual = word.read(str(value))
    except Invalid as fault:
        yield str(fault)
    else:
        if type(usual) is not type(value) or usual != value:
            yield f"{word.name} is never {json_text(value)}; write {json_text(usual)}."


def _version(_operator: str, operands: Operands) -> Iterator[str]:
    for word in filter(None, map(_attribute, operands)):
        if word.kind is not Kind.VERSION:
            yield f"{word.name} is no version, so this never holds."


def _conjunction(_operator: str, operands: Operands) -> Iterator[str]:
    """Yield the attributes that would have to be two things at once."""
    left: dict[str, list[str]] = {}
    for word, wanted in filter(None, map(_wanted, operands)):
        before = left.get(word.name, wanted)
        left[word.name] = [value for value in before if value in wanted]
        if before and not left[word.name]:
            yield f"{word.name} is never {' or '.join(before)} and {' or '.join(wanted)} at once, so this never holds."


def _wanted(node: Json) -> tuple[Attribute, list[str]] | None:
    """Return an attribute and the values of which a condition wants it to have one; None of any other condition."""
    match node:
        case {"==": [subject, value]} | {"===": [subject, value]} | {"sem_ver": [subject, "=", value]}:
            values = [value]
        case {"in": [subject, list(values)]}:
            pass
        case _:
            return None
    word = _attribute(subject)
    return (word, list(map(json_text, values))) if word and all(map(_is_constant, values)) else None


def _branches(_operator: str, operands: Operands) -> Iterator[str]:
    """Yield the branches that nobody reaches: behind what always holds, what never does, and what was asked before."""
    asked: dict[str, int] = {}
    for place in range(0, len(operands) - 1, 2):
        condition = operands[place]
        text = json_text(condition)
        if text in asked:
            yield f"The branch at [{place + 1}] is never reached: its condition is that at [{asked[text]}] again."
        asked.setdefault(text, place)
        if _is_constant(condition) and not truthy(condition):
            yield f"The branch at [{place + 1}] is never reached: its condition never holds."
        if _is_constant(condition) and truthy(condition) and place + _PAIR < len(operands):
            yield f"What follows [{place + 1}] is never reached: its condition always holds."
            return


def _compared(operands: Operands) -> Iterator[tuple[Attribute, Json]]:
    """Yield the attribute of a comparison with what it is compared with, where that stands in the rule."""
    if len(operands) == _PAIR:
        for one, other in (operands, operands[::-1]):
            word = _attribute(one)
            if word is not None and not isinstance(other, dict):
                yield word, other


def _attribute(node: Json) -> Attribute | None:
    if not isinstance(node, dict) or len(node) != 1 or "var" not in node:
        return None
    name = node["var"][0] if isinstance(node["var"], list) and node["var"] else node["var"]
    return VOCABULARY.get(name) if isinstance(name, str) else None


def _is_constant(node: Json) -> bool:
    return not isinstance(node, dict | list)


_LOOKS: Mapping[str, Callable[[str, Operands], Iterator[str]]] = {
    "var": _variable,
    **dict.fromkeys(_ORDERS, _order),
    **dict.fromkeys(_EQUALITIES, _equality),
    "in": _among,
    "sem_ver": _version,
    "and": _conjunction,
    "if": _branches,
}
"""What to look for, by operator."""
