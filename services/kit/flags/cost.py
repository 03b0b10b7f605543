"""What a rule may cost: what it does with each item of a list is bounded, since whoever asks says how long the list is.

Lists within lists would multiply, and what `reduce` hands on from item to item may double with each: a text of one
character is a terabyte after forty of them.
"""

from collections.abc import Iterator
from itertools import chain

from services.kit.flags.bounds import levels
from services.kit.flags.values import Json

ITERATIONS = frozenset({"map", "filter", "reduce", "all", "some", "none"})
MOST_VALUES_PER_ITEM = 250
_GROW = frozenset({"cat", "merge", "*", "missing", "missing_some", "fractional"})
"""What may come to more than any of its operands; sums grow too, by a digit in ten items."""


def excess_per_item(operator: str, step: Json) -> str:
    """Return a sentence where the step of an operator that goes through a list costs too much; else nothing."""
    if sum(map(len, levels(step))) > MOST_VALUES_PER_ITEM:
        return f"For each item of a list it goes through more than {MOST_VALUES_PER_ITEM} values."
    if _operators(step) & ITERATIONS:
        return "For each item of a list it goes through a list."
    if operator == "reduce" and (_operators(step) & _GROW or any(map(_operators, _lists(step)))):
        return "What it hands on from item to item may be compared, chosen, added and cut, not joined or multiplied."
    return ""


def _operations(step: Json) -> Iterator[tuple[str, Json]]:
    for level in levels(step):
        for node in level:
            if isinstance(node, dict) and len(node) == 1:
                yield from node.items()


def _operators(step: Json) -> set[str]:
    return {name for name, _ in _operations(step)}


def _lists(step: Json) -> Iterator[Json]:
    """Yield the lists that are values: the step itself, and operands."""
    operands = (operands for _, operands in _operations(step) if isinstance(operands, list))
    yield from (each for each in (step, *chain.from_iterable(operands)) if isinstance(each, list))
