"""A flag as code asks for it: with the type of value it wants, and the value that holds where there is no other."""

from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from services.kit.flags.decision import Decision, Reason
from services.kit.flags.snapshot import Kind, typed

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Flag(Generic[T]):
    """What code asks for."""

    key: str
    kind: Kind
    default: T
    """The code's default: what holds without a flags service, without the flag, or where it is of no use here."""


class Choice(NamedTuple, Generic[T]):
    """A decision as code takes it: always a value."""

    flag: str
    """The flag's key."""
    value: T
    variant: str
    """Empty where the code's default holds."""
    reason: Reason


def chosen(flag: Flag[T], decision: Decision, otherwise: T | None = None) -> Choice[T]:
    """Return what code takes of a decision: its value where that is of the flag's kind, else the code's default.

    `otherwise` is a default that is better for this one call than the flag's own.
    """
    fit = typed(decision, flag.kind)
    if fit.variant is None:
        return Choice(flag.key, flag.default if otherwise is None else otherwise, "", fit.reason)
    return Choice(flag.key, fit.value, fit.variant, fit.reason)
