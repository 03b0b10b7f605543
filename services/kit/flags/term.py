"""A piece of a rule, compiled, and what is known of it without running it."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.kit.flags.data import Run
from services.kit.flags.values import Json, truthy


@dataclass(frozen=True, slots=True)
class Term:
    """A compiled expression."""

    run: Run
    settles: bool = False
    """Whether it is true, false or null whatever the data, so that Python's own truth is JsonLogic's."""
    constant: bool = False
    """Whether it is one and the same value, held in `value`."""
    value: Json = None
    attribute: str = ""
    """The name or path in the context that it reads, where it does no more than that."""
    items: "tuple[Term, ...] | None" = None
    """Those of a list written in the rule."""
    branches: tuple[tuple[Run, Run], ...] = ()
    """Of an `if`: its conditions, and what holds where each does."""
    otherwise: Run | None = None
    """Of an `if`: what holds where none does."""

    @property
    def condition(self) -> Run:
        """The expression as one whose truth in Python is its truth in JsonLogic."""
        if self.settles:
            return self.run
        run = self.run
        return lambda data: truthy(run(data))

    @property
    def constants(self) -> list[Json] | None:
        """The items of a list that is written in the rule and always the same."""
        if self.items is None or not all(item.constant for item in self.items):
            return None
        return [item.value for item in self.items]


def constant(value: Json) -> Term:
    """Return the term that is always the value, the very same one."""
    settles = value is None or isinstance(value, bool)
    return Term(lambda _: value, settles=settles, constant=True, value=value)


NULL = constant(None)


def listed(items: Sequence[Term]) -> Term:
    """Return the term of a list; it makes a new one each time, since `==` tells lists apart by which they are."""
    runs = [item.run for item in items]
    return Term(lambda data: [run(data) for run in runs], items=tuple(items))
