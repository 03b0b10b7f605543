"""The operators that look at an operand only when they need it: conditions, and what goes through a list."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from services.kit.flags.data import Run
from services.kit.flags.term import NULL, Term
from services.kit.flags.values import Json, truthy


def choice(terms: Sequence[Term]) -> Term:
    """Return `if`: pairs of a condition and what holds then, and what holds otherwise. One within another is one."""
    pairs = tuple((condition.condition, then.run) for condition, then in zip(terms[::2], terms[1::2], strict=False))
    last = terms[-1] if len(terms) % 2 else NULL
    branches, otherwise = (*pairs, *last.branches), last.otherwise or last.run
    return Term(_one_of(branches, otherwise), branches=branches, otherwise=otherwise)


def conjunction(terms: Sequence[Term]) -> Term:
    """Return `and`: the first value that is not true, else the last one."""
    if all(term.settles for term in terms):
        return Term(_all_settled([term.run for term in terms]), settles=True)
    return Term(_until([term.run for term in terms], found=False))


def disjunction(terms: Sequence[Term]) -> Term:
    """Return `or`: the first value that is true, else the last one."""
    return Term(_until([term.run for term in terms], found=True), settles=all(term.settles for term in terms))


def reduction(items: Run, step: Run, initial: Json) -> Run:
    """Return `reduce`: each item in turn with what came of those before it, which begins as written in the rule."""

    def run(data: Json) -> Json:
        found = items(data)
        if not isinstance(found, list):
            return initial
        state = {"accumulator": initial}
        for item in found:
            state["current"] = item
            state["accumulator"] = step(state)
        return state["accumulator"]

    return run


@dataclass(frozen=True, slots=True)
class Iteration:
    """An operator that puts an expression to each item of a list."""

    answer: Callable[[list[Json], Run], Json]
    nothing: Callable[[], Json]
    """What it answers where there is no list, or too few operands."""
    least_operands: int = 2
    tests: bool = True
    """Whether it asks of the expression only whether it is true."""

    def over(self, items: Run, each: Term) -> Run:
        """Return the operator, compiled."""
        answer, nothing = self.answer, self.nothing
        test = each.condition if self.tests else each.run

        def run(data: Json) -> Json:
            found = items(data)
            return answer(found, test) if isinstance(found, list) else nothing()

        return run


def _true() -> bool:
    return True


ITERATIONS: Mapping[str, Iteration] = {
    "map": Iteration(lambda items, each: [each(item) for item in items], list, least_operands=1, tests=False),
    "filter": Iteration(lambda items, test: [item for item in items if test(item)], list),
    "all": Iteration(lambda items, test: bool(items) and all(test(item) for item in items), bool),
    "some": Iteration(lambda items, test: any(test(item) for item in items), bool),
    "none": Iteration(lambda items, test: not any(test(item) for item in items), _true),
}
"""By name. `all` of nothing is false, as JsonLogic has it."""


def _one_of(branches: tuple[tuple[Run, Run], ...], otherwise: Run) -> Run:
    def run(data: Json) -> Json:
        for condition, then in branches:
            if condition(data):
                return then(data)
        return otherwise(data)

    return run


def _all_settled(runs: Sequence[Run]) -> Run:
    def run(data: Json) -> Json:
        value = None
        for each in runs:
            value = each(data)
            if not value:
                return value
        return value

    return run


def _until(runs: Sequence[Run], *, found: bool) -> Run:
    def run(data: Json) -> Json:
        value = None
        for each in runs:
            value = each(data)
            if truthy(value) is found:
                return value
        return value

    return run
