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
    is_list: bool = False
    """Whether it is a list that stands in the rule."""
    constants: list[Json] | None = None
    """The items of such a list that is always the same."""
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


def constant(value: Json) -> Term:
    """Return the term that is always the value, the very same one."""
    settles = value is None or isinstance(value, bool)
    return Term(lambda _: value, settles=settles, constant=True, value=value)


NULL = constant(None)
_SHARED = (str, int, type(None))


class Constants:
    """Terms of what rules have in common: names of variants, weights, countries."""

    def __init__(self) -> None:
        self._terms: dict[tuple[type, Json], Term] = {}

    def term(self, value: Json) -> Term:
        """Return the term that is always the value, the same one for the same text or whole number."""
        if not isinstance(value, _SHARED):
            return constant(value)
        key = type(value), value
        return self._terms.get(key) or self._terms.setdefault(key, constant(value))


def listed(items: Sequence[Term]) -> Term:
    """Return the term of a list; it makes a new one each time, since `==` tells lists apart by which they are."""
    constants = [item.value for item in items if item.constant]
    if len(constants) == len(items):
        return Term(lambda _: constants.copy(), is_list=True, constants=constants)
    runs = [item.run for item in items]
    return Term(lambda data: [run(data) for run in runs], is_list=True)
