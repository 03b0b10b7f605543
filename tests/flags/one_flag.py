"""A flag or two, evaluated and kept, as tests need them."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from services.flags.domain.store import Held, Kept, State
from services.kit.flags.compile import compile_flags
from services.kit.flags.decision import Decision
from services.kit.flags.snapshot import Snapshot
from services.kit.flags.values import Json

WRITTEN = datetime(2026, 11, 1, tzinfo=UTC)


def flag(targeting: Mapping[str, Json] | None = None, **more: Json) -> dict[str, Json]:
    """Return a flag with variants on and off that has all that it needs to be written on the day WRITTEN."""
    return {
        "state": "ENABLED",
        "variants": {"on": True, "off": False},
        "defaultVariant": "off",
        "metadata": {"owner": "search", "expires": "2027-03-01"},
        **({"targeting": dict(targeting)} if targeting is not None else {}),
        **more,
    }


def state_of(**definitions: Mapping[str, Json]) -> State:
    """Return a state with these flags: underscores stand for a key's dashes, and `rule_` begins a shared rule."""
    keys = {name: name.replace("rule_", "$evaluators/").replace("_", "-") for name in definitions}
    kept = {keys[name]: Kept(json.dumps(each, sort_keys=True), 1, WRITTEN) for name, each in definitions.items()}
    return State(Held(1, "h"), WRITTEN, kept)


def compiled(definition: Mapping[str, Json]) -> Snapshot:
    """Return a snapshot of the flag alone, called `flag`."""
    return compile_flags(json.dumps({"flags": {"flag": definition}}), now=lambda: 0.0)


def decided(definition: Mapping[str, Json], context: Mapping[str, Json]) -> Decision:
    """Return what the flag decides for a context."""
    return compiled(definition).evaluate("flag", context)


def holds(condition: Json, context: Mapping[str, Json]) -> bool:
    """Return whether a condition holds in a context."""
    return decided(flag({"if": [condition, "on", "off"]}), context).variant == "on"
