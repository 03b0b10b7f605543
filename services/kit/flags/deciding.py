"""One flag, compiled: what it can decide is made once, and its rule becomes what chooses."""

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

from services.kit.flags.decision import Decision, ErrorCode, Metadata, Reason
from services.kit.flags.outcomes import Outcomes, failure, outcomes
from services.kit.flags.rule import Compiler
from services.kit.flags.scope import EVALUATION, TARGETING_KEY, Scope
from services.kit.flags.snapshot import CompiledFlag
from services.kit.flags.values import Context, Json


def compiled_flag(
    scope: Scope, definition: dict[str, Json], shared: Metadata, now: Callable[[], float], *, cached: bool
) -> CompiledFlag:
    """Return the flag that the scope is of, ready to decide; `shared` is the metadata of its set."""
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
