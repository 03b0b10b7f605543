"""The operators whose outcome depends on their operands alone, as data: a function of so many operands each.

Operands that a rule leaves out are null, and those too many are not looked at. What Python raises here (a division by
zero, a number too large) ends the evaluation as a GENERAL error. The semantics are those of panzi-json-logic 1.0.1,
beneath flagd's own Python evaluator.
"""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from math import isnan, nan

from services.kit.flags.values import Json, compared, equal, number, text, truthy


@dataclass(frozen=True, slots=True)
class Operator:
    """How an operator computes."""

    function: Callable[..., Json]
    most_operands: int | None
    """None for as many as there are."""
    settles: bool = False
    """Whether it answers true, false or null and nothing else, so that Python's own truth is JsonLogic's."""


def between(compare: Callable[[Json, Json], bool]) -> Callable[[Json, Json, Json], bool]:
    """Return the comparison of two values, or of three in a row."""

    def comparison(a: Json = None, b: Json = None, c: Json = None) -> bool:
        return compare(a, b) and (c is None or compare(b, c))

    return comparison


def contains(needle: Json = None, haystack: Json = None) -> bool:
    """Return whether a list has the item, or a text the characters."""
    if isinstance(haystack, list):
        return needle in haystack
    return isinstance(haystack, str) and text(needle) in haystack


def substring(value: Json = None, start: Json = None, length: Json = None) -> str:
    """Return part of a text; a start below zero counts from its end, as a length below zero does."""
    whole = text(value)
    begin = _begin(number(start), len(whole))
    if length is None:
        return whole[begin:]
    count = number(length)
    if isnan(count):
        return ""
    count = int(count)
    return whole[begin : begin + count] if count >= 0 else whole[begin : max(begin, len(whole) + count)]


def _begin(start: float, size: int) -> int:
    if isnan(start):
        return 0
    if start < 0:
        return size - int(-start) if -start < size else 0
    return min(int(start), size)


def _different(a: Json = None, b: Json = None) -> bool:
    return not equal(a, b)


def _equal(a: Json = None, b: Json = None) -> bool:
    return equal(a, b)


def _identical(a: Json = None, b: Json = None) -> bool:
    return bool(a == b)


def _unidentical(a: Json = None, b: Json = None) -> bool:
    return bool(a != b)


def _not(value: Json = None) -> bool:
    return not truthy(value)


def _truth(value: Json = None) -> bool:
    return truthy(value)


def _sum(*values: Json) -> int | float:
    return reduce(operator.add, map(number, values), 0)  # the built-in sum rounds otherwise from Python 3.12 on


def _product(*values: Json) -> int | float:
    return reduce(operator.mul, map(number, values), 1)


def _difference(a: Json = None, b: Json = None) -> int | float:
    return -number(a) if b is None else number(a) - number(b)


def _quotient(a: Json = None, b: Json = None) -> float:
    return number(a) / number(b)


def _remainder(a: Json = None, b: Json = None) -> int | float:
    return number(a) % number(b)


def _least(*values: Json) -> int | float:
    return min(map(number, values)) if values else nan


def _most(*values: Json) -> int | float:
    return max(map(number, values)) if values else nan


def _together(*values: Json) -> str:
    return "".join(map(text, values))


def _merged(*values: Json) -> list[Json]:
    return [item for value in values for item in (value if isinstance(value, list) else [value])]


def _starts(*values: Json) -> bool | None:
    return str.startswith(*values) if _two_texts(values) else None


def _ends(*values: Json) -> bool | None:
    return str.endswith(*values) if _two_texts(values) else None


def _two_texts(values: tuple[Json, ...]) -> bool:
    return len(values) == 2 and all(isinstance(value, str) for value in values)  # noqa: PLR2004 - the text and its part


def _itself(value: Json = None) -> Json:
    return value


OPERATORS: Mapping[str, Operator] = {
    "==": Operator(_equal, 2, settles=True),
    "!=": Operator(_different, 2, settles=True),
    "===": Operator(_identical, 2, settles=True),
    "!==": Operator(_unidentical, 2, settles=True),
    "<": Operator(between(compared(operator.lt)), 3, settles=True),
    ">": Operator(between(compared(operator.gt)), 3, settles=True),
    "<=": Operator(between(compared(operator.le)), 3, settles=True),
    ">=": Operator(between(compared(operator.ge)), 3, settles=True),
    "!": Operator(_not, 1, settles=True),
    "!!": Operator(_truth, 1, settles=True),
    "in": Operator(contains, 2, settles=True),
    "+": Operator(_sum, None),
    "-": Operator(_difference, 2),
    "*": Operator(_product, None),
    "/": Operator(_quotient, 2),
    "%": Operator(_remainder, 2),
    "min": Operator(_least, None),
    "max": Operator(_most, None),
    "cat": Operator(_together, None),
    "substr": Operator(substring, 3),
    "merge": Operator(_merged, None),
    "starts_with": Operator(_starts, None, settles=True),
    "ends_with": Operator(_ends, None, settles=True),
    "log": Operator(_itself, 1),
}
"""By name. `log` answers its operand and prints nothing."""
