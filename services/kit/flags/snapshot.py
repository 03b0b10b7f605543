"""Flags, compiled: an immutable whole, replaced by another one in a single assignment, so that no reader ever waits."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from services.kit.flags.decision import Decision, ErrorCode, Metadata
from services.kit.flags.outcomes import Outcomes, failure
from services.kit.flags.values import Context, Json

NO_METADATA: Metadata = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class CompiledFlag:
    """One flag, ready to decide."""

    key: str
    enabled: bool
    definition: Mapping[str, Json]
    """As it was written, with shared evaluators put in where it names them."""
    metadata: Metadata
    attributes: frozenset[str]
    """What its rule reads of the context by name."""
    uses_time: bool
    """Whether its rule may read the time, so that a decision may not be kept."""
    settled: Decision | None
    """What it decides whatever the context; None where it has a rule to ask."""
    decide: Callable[[Context], Decision]
    """The rule, compiled."""
    data: Callable[[Context], dict[str, Json]]
    """From a context to all that a rule may read."""
    outcomes: Outcomes


class Snapshot:
    """Flags as they were at one moment. Made by `kit.flags.compile`; safe to share among threads."""

    def __init__(self, flags: Mapping[str, CompiledFlag]) -> None:
        self.flags: Mapping[str, CompiledFlag] = MappingProxyType(dict(flags))
        """By key; read-only."""
        self._settled = {key: flag.settled for key, flag in flags.items() if flag.settled is not None}
        self._deciding = {key: flag.decide for key, flag in flags.items() if flag.settled is None}

    def evaluate(self, key: str, context: Context) -> Decision:
        """Return what the flag decides for a context of plain attributes, `targetingKey` among them.

        Never raises, blocks or logs: what goes wrong is a decision with reason ERROR.
        """
        settled = self._settled.get(key)
        if settled is not None:
            return settled
        decide = self._deciding.get(key)
        if decide is not None:
            return decide(context)
        return failure(ErrorCode.FLAG_NOT_FOUND, f"There is no flag {key!r:.80}.", NO_METADATA)


class Kind(StrEnum):
    """The type of value that a caller asks for."""

    BOOLEAN = "boolean"
    STRING = "string"
    INTEGER = "integer"
    FLOAT = "float"
    OBJECT = "object"


_TYPES: Mapping[Kind, tuple[type, ...]] = {
    Kind.BOOLEAN: (bool,),
    Kind.STRING: (str,),
    Kind.INTEGER: (int,),
    Kind.FLOAT: (int, float),
    Kind.OBJECT: (dict, list),
}


def typed(decision: Decision, kind: Kind) -> Decision:
    """Return the decision for a caller who asks for that kind, TYPE_MISMATCH where it has another.

    An integer, and even a boolean, is a float to who asks for one; a boolean is no integer.
    """
    value = decision.value
    if decision.variant is None:
        return decision
    if not isinstance(value, _TYPES[kind]) or (kind is Kind.INTEGER and isinstance(value, bool)):
        detail = f"Its variant {decision.variant!r:.80} is of type {type(value).__name__}, and not {kind}."
        return failure(ErrorCode.TYPE_MISMATCH, detail, decision.metadata)
    if kind is not Kind.FLOAT or not isinstance(value, int):
        return decision
    try:
        return decision._replace(value=float(value))
    except OverflowError:
        return failure(ErrorCode.GENERAL, "Its value is larger than a float can be.", decision.metadata)
