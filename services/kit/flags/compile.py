"""Definitions into a snapshot: everything that can be known before a call is worked out here, once."""

import gc
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from functools import partial
from types import MappingProxyType

from services.kit.flags.decision import Decision, ErrorCode, Metadata, Reason
from services.kit.flags.document import read
from services.kit.flags.outcomes import Outcomes, failure, outcomes
from services.kit.flags.rule import Compiler
from services.kit.flags.scope import EVALUATION, TARGETING_KEY, Scope, unheard
from services.kit.flags.snapshot import CompiledFlag, Snapshot
from services.kit.flags.term import Constants
from services.kit.flags.values import Context, Json
from services.kit.flags.versions import Versions


def compile_flags(
    definitions: bytes | str,
    *,
    now: Callable[[], float],
    on_invalid: Callable[[str], None] = unheard,
    cached: bool = False,
) -> Snapshot:
    """Return the flags of a document in flagd's format, ready to decide.

    `now` tells the seconds since 1970 to rules that ask. `on_invalid` is called with the name of an attribute that is
    there and cannot be used: a version that is none, a targeting key that is no text. `cached` marks decisions as made
    from what the disk remembers. Raises Invalid with each fault and its JSON path for a document that cannot be used.
    """
    versions, constants = Versions(), Constants()
    with _collector_at_rest():
        document = read(definitions)
        return Snapshot(
            {
                key: _compiled(Scope(key, on_invalid, versions, constants), flag, document.metadata, now, cached=cached)
                for key, flag in document.flags.items()
            }
        )


@contextmanager
def _collector_at_rest() -> Generator[None, None, None]:
    """Collect nothing meanwhile: what a compilation makes stays, and walking it took longer than making it."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _compiled(
    scope: Scope, definition: dict[str, Json], shared: Metadata, now: Callable[[], float], *, cached: bool
) -> CompiledFlag:
    own = definition.get("metadata")
    metadata: Metadata = MappingProxyType({**shared, **(own or {})})
    decisions = outcomes(definition, metadata, cached=cached)
    settled = _settled(definition, decisions)
    data = partial(_data, scope.flag_key, now)
    decide = _fixed(settled) if settled else _deciding(scope, definition["targeting"], decisions, data)
    return CompiledFlag(
        key=scope.flag_key,
        enabled=definition["state"] == "ENABLED",
        definition=MappingProxyType(definition),
        metadata=metadata,
        attributes=frozenset(scope.reads.attributes),
        uses_time=scope.reads.whole,
        settled=settled,
        decide=decide,
        data=data,
        outcomes=decisions,
    )


def _settled(definition: Mapping[str, Json], decisions: Outcomes) -> Decision | None:
    """Return what the flag decides whatever the context, None where that is for its rule."""
    targeting, metadata = definition.get("targeting"), definition.get("metadata")
    if metadata is not None and not isinstance(metadata, dict):
        return failure(ErrorCode.GENERAL, "Its metadata is no object.", decisions.metadata)
    if definition["state"] == "DISABLED":
        return Decision(None, None, Reason.DISABLED, decisions.metadata)
    if not targeting:
        return decisions.default
    if not isinstance(targeting, dict):
        return failure(ErrorCode.PARSE_ERROR, "Its targeting is no object.", decisions.metadata)
    return None


def _fixed(decision: Decision) -> Callable[[Context], Decision]:
    return lambda _: decision


def _deciding(
    scope: Scope, targeting: Json, decisions: Outcomes, data: Callable[[Context], dict[str, Json]]
) -> Callable[[Context], Decision]:
    run, matched = Compiler(scope).compile(targeting).run, decisions.matched
    reads_whole = scope.reads.whole

    def decide(context: Context) -> Decision:
        try:
            value = run(data(context) if reads_whole else context)
        except Exception as error:  # noqa: BLE001 - no rule and no context may fail a caller
            return decisions.failed(error)
        decision = matched.get(value) if value.__class__ is str else None
        return decision or decisions.of(value)

    return decide


def _data(flag_key: str, now: Callable[[], float], context: Context) -> dict[str, Json]:
    """Return all that a rule may read of a context."""
    evaluation = {"flagKey": flag_key, "timestamp": int(now())}
    return {**context, EVALUATION: evaluation, TARGETING_KEY: context.get(TARGETING_KEY)}
