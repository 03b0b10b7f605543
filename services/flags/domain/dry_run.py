"""What a definition would do, tried on recent contexts without writing it."""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from services.flags.domain.document import SHARED_PREFIX
from services.flags.domain.fractions import json_text
from services.flags.domain.references import users
from services.flags.domain.store import State
from services.kit.errors import NotFound
from services.kit.flags.compile import compile_flags
from services.kit.flags.decision import Decision
from services.kit.flags.snapshot import Snapshot

Json: TypeAlias = Any


@dataclass(frozen=True, slots=True)
class Reached:
    """Part of the contexts."""

    variant: str
    """The variant that they would get; empty where the caller's default would hold."""
    contexts: int


@dataclass(frozen=True, slots=True)
class DryRun:
    """What a definition would do."""

    contexts: int
    """How many were tried."""
    reached: tuple[Reached, ...]
    """What they would get, the largest part first; nothing of a shared rule, which decides nothing by itself."""
    changed: int
    """How many would get something else than now; of a shared rule, by any flag that uses it."""
    invalid: Mapping[str, int]
    """Contexts in which an attribute that the rule reads could not be used, by attribute."""


def dry_run(
    key: str, definition: Mapping[str, Json] | None, state: State, contexts: Sequence[Json], now: Callable[[], float]
) -> DryRun:
    """Return what the definition, None for the one in force, would do with the contexts.

    Raises NotFound where there is none in force, Invalid where the definition cannot be compiled.
    """
    if definition is None and key not in state.flags:
        raise NotFound(f"There is no flag {key}.")
    now_in_force = {name: json.loads(kept.definition) for name, kept in state.flags.items()}
    proposed = now_in_force if definition is None else {**now_in_force, key: definition}
    affected, unusable = _affected(key, state), Counter[str]()
    noted: set[str] = set()
    before, after = _compiled(now_in_force, affected, now), _compiled(proposed, affected, now, noted.add)
    reached, changed = Counter[str](), 0
    for context in contexts:
        decisions = [after.evaluate(flag, context) for flag in affected]
        changed += any(
            _differ(before.evaluate(each, context), new) for each, new in zip(affected, decisions, strict=True)
        )
        reached.update(decision.variant or "" for decision in decisions)
        unusable.update(noted)
        noted.clear()
    parts = () if key.startswith(SHARED_PREFIX) else tuple(Reached(*each) for each in reached.most_common())
    return DryRun(len(contexts), parts, changed, dict(unusable))


def _affected(key: str, state: State) -> list[str]:
    """Return the flags that a definition decides: itself, or those that refer to it."""
    if not key.startswith(SHARED_PREFIX):
        return [key]
    return [flag for flag, _ in users(key.removeprefix(SHARED_PREFIX), state)]


def _compiled(
    definitions: Mapping[str, Json],
    flags: Sequence[str],
    now: Callable[[], float],
    on_invalid: Callable[[str], None] = lambda _: None,
) -> Snapshot:
    shared = {
        key.removeprefix(SHARED_PREFIX): rule for key, rule in definitions.items() if key.startswith(SHARED_PREFIX)
    }
    chosen = {key: definitions[key] for key in flags if key in definitions}
    return compile_flags(json.dumps({"flags": chosen, "$evaluators": shared}), now=now, on_invalid=on_invalid)


def _differ(before: Decision, after: Decision) -> bool:
    return (before.variant, json_text(before.value)) != (after.variant, json_text(after.value))
