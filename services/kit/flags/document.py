"""Definitions as they arrive: one JSON document with flags, what they share, and metadata of the set.

It is opened as texts, one for each flag, of which those are read that are to be compiled.

flagd-core puts shared evaluators in by replacing text. Here they are put into the tree in the same order, so that one
may name those after it and no others. Only where its way breaks a text is this kinder: with a backslash in a shared
evaluator, which is what characters outside ASCII become, it refuses the document or reads another character.
"""

import json
from collections.abc import Generator, Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field

from services.kit.errors import Invalid
from services.kit.flags.bounds import counted, levels
from services.kit.flags.cursor import Cursor
from services.kit.flags.faults import STATES, faults_of_metadata
from services.kit.flags.rule_faults import Fault
from services.kit.flags.values import Json

_MOST_TOLD = 20
_KEYS = frozenset(
    {"state", "variants", "defaultVariant", "default_variant", "targeting", "metadata", "source", "selector"}
)
_FLAGS, _EVALUATORS, _METADATA, _REFERENCE = "flags", "$evaluators", "metadata", "$ref"
_ABOVE_FLAGS = 2
"""Levels of a document above a flag."""
_VALUE_CHARS = 100
"""Are read in the time that compiling a value takes."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document whose flags are not read yet."""

    texts: Mapping[str, str] = field(default_factory=dict)
    """Of its flags, by key."""
    members: Mapping[str, Json] = field(default_factory=dict)
    """What else there is."""
    shared: str = ""
    """The text of the evaluators that flags share."""
    rest: str = ""
    """The text of what concerns all flags."""

    @property
    def metadata(self) -> Json:
        """Of the set."""
        return self.members.get(_METADATA, {})

    def flag(self, key: str, more: int) -> tuple[Json, int]:
        """Return a flag, shared evaluators put in, and how many values it has.

        Raises Invalid where it is too deep, or they are too many with so many more.
        """
        text = self.texts[key]
        evaluators = self.members.get(_EVALUATORS) if may_refer(text) else None
        return _resolved(json.loads(text), evaluators or {}, more, _ABOVE_FLAGS)


def may_refer(text: str) -> bool:
    """Whether a flag may name a shared evaluator; JSON can spell it in many ways, all others with a backslash."""
    return _REFERENCE in text or "\\" in text


def opened(definitions: bytes | str, known: Mapping[str, str]) -> Generator[int, None, Document]:
    """Return the document, in steps as `compiling` has them: flags whose text is known are stepped over.

    Raises Invalid with each fault and its path where flagd-core would not take what is not flags either.
    """
    try:
        text = _text(definitions)
        try:
            document = yield from _cut(Cursor(text), known)
        except ValueError:
            document = _irregular(json.loads(text))
    except (ValueError, RecursionError) as error:
        raise Invalid(f"$: It is no JSON that can be read: {error}.", field="$") from error
    refuse(_faults_of_set(document.members))
    return document


def refuse(faults: Iterable[Fault]) -> None:
    """Raise Invalid if there is a fault."""
    found = list(faults)
    if found:
        raise Invalid(" ".join(map(str, found[:_MOST_TOLD])), field=found[0].path)


def faults_of_flag(key: str, flag: Json) -> Iterator[Fault]:
    """Yield why flagd-core would not take the flag either."""
    path = f"$.flags.{key}"
    if not isinstance(flag, dict):
        yield Fault(path, "It is no object.")
        return
    default = flag.get("defaultVariant", flag.get("default_variant"))
    metadata = flag.get("metadata")
    if not flag.keys() <= _KEYS:
        yield Fault(path, f"It has {', '.join(sorted(flag.keys() - _KEYS))}, which is no part of a flag.")
    if flag.get("state") not in STATES:
        yield Fault(f"{path}.state", "It is neither ENABLED nor DISABLED.")
    if not isinstance(flag.get("variants"), dict) or not flag["variants"]:
        yield Fault(f"{path}.variants", "There is none.")
    if default and not isinstance(default, str | bool):
        yield Fault(f"{path}.defaultVariant", "It is no name.")
    if metadata:
        yield from faults_of_metadata(f"{path}.metadata", metadata)


def _text(definitions: bytes | str) -> str:
    if isinstance(definitions, str):
        return definitions
    return definitions.decode(json.detect_encoding(definitions), "surrogatepass")


def _cut(cursor: Cursor, known: Mapping[str, str]) -> Generator[int, None, Document]:
    """Return the document. Raises ValueError where it is not of the usual form."""
    texts: dict[str, str] = {}
    members: dict[str, tuple[Json, str]] = {}
    for name in cursor.members():
        if name == _FLAGS:
            texts = yield from _flags(cursor, known)
        else:
            members[name] = cursor.value()
    cursor.end()
    shared = members.get(_EVALUATORS, (None, ""))[1]
    rest = json.dumps({name: text for name, (_, text) in members.items() if name != _EVALUATORS})
    return Document(texts, {name: value for name, (value, _) in members.items()}, shared, rest)


def _flags(cursor: Cursor, known: Mapping[str, str]) -> Generator[int, None, dict[str, str]]:
    texts: dict[str, str] = {}
    for key in cursor.members():
        text = known.get(key)
        texts[key] = text if text and cursor.steps_over(text) else cursor.value()[1]
        yield 1 if texts[key] is text else 1 + len(texts[key]) // _VALUE_CHARS
    if _REFERENCE in texts:
        raise ValueError("All of its flags may be a shared evaluator.")
    return texts


def _irregular(document: Json) -> Document:
    """Return a document of which its flags are no object, or may be a shared evaluator as a whole."""
    members = document if isinstance(document, dict) else {_FLAGS: document}
    counted(members)
    refuse(_faults_of_set(members))
    flags, _ = _resolved(members.pop(_FLAGS, {}), members.get(_EVALUATORS) or {}, 0, 1)
    if not isinstance(flags, dict):
        return Document(members={_FLAGS: flags})
    return Document({key: json.dumps(flag) for key, flag in flags.items()}, members, rest=json.dumps(members))


def _faults_of_set(members: Mapping[str, Json]) -> Iterator[Fault]:
    evaluators = members.get(_EVALUATORS)
    if not isinstance(members.get(_FLAGS, {}), dict):
        yield Fault("$.flags", "It is no object.")
    if evaluators and not isinstance(evaluators, dict):
        yield Fault("$.$evaluators", "It is no object.")
    yield from faults_of_metadata("$.metadata", members.get(_METADATA, {}))


def _resolved(tree: Json, evaluators: Mapping[str, Json], more: int, above: int) -> tuple[Json, int]:
    """Return the tree with the evaluators put in, and how many values it has; bounded as in `counted`."""
    size = counted(tree, more, above)
    for name, rule in evaluators.items():
        # flagd-core looks for the name in JSON's text, where it does not find one that is written with a backslash.
        reference = {_REFERENCE: name} if json.dumps(name) == f'"{name}"' else None
        found = sum(level.count(reference) for level in levels(tree)) if reference else 0
        if found:
            counted(tree, more + found * sum(map(len, levels(rule))), above)
            tree = _replaced(tree, reference, rule)
            size = counted(tree, more, above)
    return tree, size


def _replaced(node: Json, reference: Json, rule: Json) -> Json:
    """Return the tree with the rule, a copy of it each time, where it has the reference."""
    if node == reference:
        return deepcopy(rule)
    if isinstance(node, dict):
        return {key: _replaced(item, reference, rule) for key, item in node.items()}
    return [_replaced(item, reference, rule) for item in node] if isinstance(node, list) else node
