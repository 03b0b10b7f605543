"""Where definitions refer to shared rules, and what they are with those put in.

A shared rule refers to no other: what flagd's clients make of that depends on how the two are called.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from services.flags.domain.document import SHARED_PREFIX
from services.flags.domain.store import State

Json: TypeAlias = Any
_REFERENCE = "$ref"


def shared_rules(state: State) -> dict[str, Json]:
    """Return the shared rules in force, by the name that others refer to."""
    return {
        key.removeprefix(SHARED_PREFIX): json.loads(kept.definition)
        for key, kept in state.flags.items()
        if key.startswith(SHARED_PREFIX)
    }


def references(node: Json, path: str = "$") -> Iterator[tuple[str, str]]:
    """Yield each reference below a node: its path, and the name that it refers to."""
    name = _referred(node)
    if name is not None:
        yield path, name
    elif isinstance(node, dict):
        for key, item in node.items():
            yield from references(item, f"{path}.{key}")
    elif isinstance(node, list):
        for place, item in enumerate(node):
            yield from references(item, f"{path}[{place}]")


def users(name: str, state: State) -> Iterator[tuple[str, Json]]:
    """Yield the flags that refer to a shared rule, by key, and their definitions."""
    for key, kept in sorted(state.flags.items()):
        if not key.startswith(SHARED_PREFIX) and _REFERENCE in kept.definition:
            definition = json.loads(kept.definition)
            if name in {used for _, used in references(definition)}:
                yield key, definition


def expanded(node: Json, rules: Mapping[str, Json]) -> Json:
    """Return the node with the shared rules where it refers to them; what refers to nothing stays."""
    name = _referred(node)
    if name is not None:
        return rules.get(name, node)
    if isinstance(node, dict):
        return {key: expanded(item, rules) for key, item in node.items()}
    return [expanded(item, rules) for item in node] if isinstance(node, list) else node


def _referred(node: Json) -> str | None:
    if isinstance(node, dict) and len(node) == 1 and isinstance(node.get(_REFERENCE), str):
        return str(node[_REFERENCE])
    return None
