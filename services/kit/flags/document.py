"""Definitions as they arrive: one JSON document with flags, what they share, and metadata of the set.

flagd-core puts shared evaluators in by replacing text. Here they are put into the tree in the same order, so that one
may name those after it and no others. Only where its way breaks a text is this kinder: with a backslash in a shared
evaluator, which is what characters outside ASCII become, it refuses the document or reads another character.
"""

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass

from services.kit.errors import Invalid
from services.kit.flags.bounds import excess, levels
from services.kit.flags.decision import Metadata
from services.kit.flags.faults import STATES, faults_of_metadata
from services.kit.flags.rule_faults import Fault
from services.kit.flags.values import Json

_MOST_TOLD = 20
_KEYS = frozenset(
    {"state", "variants", "defaultVariant", "default_variant", "targeting", "metadata", "source", "selector"}
)
_REFERENCE = "$ref"


@dataclass(frozen=True, slots=True)
class Document:
    """A document that can be used as a whole."""

    flags: Mapping[str, dict[str, Json]]
    """By key, shared evaluators put in."""
    metadata: Metadata


def read(definitions: bytes | str) -> Document:
    """Return the document. Raises Invalid with each fault and its path where flagd-core would not take it either."""
    document = _parsed(definitions)
    _refuse(_faults_of_set(document))
    flags = _resolved(document.get("flags", {}), document.get("$evaluators") or {})
    _refuse(fault for key, flag in flags.items() for fault in _faults_of_flag(f"$.flags.{key}", flag))
    return Document(flags, document.get("metadata", {}))


def _parsed(definitions: bytes | str) -> dict[str, Json]:
    try:
        document = json.loads(definitions)
    except (ValueError, RecursionError) as error:
        raise Invalid(f"$: It is no JSON that can be read: {error}.", field="$") from error
    _bound(document)
    return document if isinstance(document, dict) else {"flags": document}


def _refuse(faults: Iterator[Fault]) -> None:
    found = list(faults)
    if found:
        raise Invalid(" ".join(map(str, found[:_MOST_TOLD])), field=found[0].path)


def _faults_of_set(document: dict[str, Json]) -> Iterator[Fault]:
    evaluators = document.get("$evaluators")
    if not isinstance(document.get("flags", {}), dict):
        yield Fault("$.flags", "It is no object.")
    if evaluators and not isinstance(evaluators, dict):
        yield Fault("$.$evaluators", "It is no object.")
    yield from faults_of_metadata("$.metadata", document.get("metadata", {}))


def _faults_of_flag(path: str, flag: Json) -> Iterator[Fault]:
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


def _resolved(flags: Json, evaluators: Mapping[str, Json]) -> dict[str, Json]:
    for name, rule in evaluators.items():
        # flagd-core looks for the name in JSON's text, where it does not find one that is written with a backslash.
        reference = {_REFERENCE: name} if json.dumps(name) == f'"{name}"' else None
        found = sum(level.count(reference) for level in levels(flags)) if reference else 0
        if found:
            _bound(flags, found * sum(map(len, levels(rule))))
            flags = _replaced(flags, reference, rule)
            _bound(flags)
    return dict(flags)


def _replaced(node: Json, reference: Json, rule: Json) -> Json:
    """Return the tree with the rule, a copy of it each time, where it has the reference."""
    if node == reference:
        return deepcopy(rule)
    if isinstance(node, dict):
        return {key: _replaced(item, reference, rule) for key, item in node.items()}
    return [_replaced(item, reference, rule) for item in node] if isinstance(node, list) else node


def _bound(tree: Json, more: int = 0) -> None:
    sentence = excess(tree, more)
    if sentence:
        raise Invalid(f"$: {sentence}", field="$")
