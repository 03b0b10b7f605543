"""JSON values as JsonLogic sees them: what is true, what is equal, what is a number, which is more or less JavaScript.

Where JavaScript and panzi-json-logic, the library beneath flagd's Python evaluator, differ, these side with the latter:
an empty text is no number, and true is "True" in a text.
"""

from collections.abc import Callable, Mapping
from math import isnan, nan
from typing import Any, TypeAlias, TypeGuard

Json: TypeAlias = Any
"""A value of JSON: None, bool, int, float, str, list or dict."""

Context: TypeAlias = Mapping[str, Json]
"""The attributes of a call by name, `targetingKey` among them where there is one."""

_SHORT_INFINITY = frozenset({"inf", "+inf", "-inf"})


def truthy(value: Json) -> bool:
    """Return whether a condition of that value holds: not for null, 0, NaN, "" and [], but for {}."""
    if isinstance(value, dict):
        return True
    return bool(value) and not (isinstance(value, float) and isnan(value))


def number(value: Json) -> int | float:
    """Return the value as a number; NaN where it is none. A boolean is a number already."""
    if _numeric(value):
        return value
    if value is None:
        return 0
    if isinstance(value, list) and len(value) <= 1:
        return number(value[0]) if value else 0
    return _parsed(value) if isinstance(value, str) else nan


def text(value: Json) -> str:
    """Return the value as text."""
    if isinstance(value, str):
        return value
    if value is None:
        return "null"
    if isinstance(value, float):
        return f"{value:.15g}"
    if isinstance(value, list):
        return ",".join(map(text, value))
    return "[object Object]" if isinstance(value, dict) else str(value)


def equal(a: Json, b: Json) -> bool:
    """Return whether two values are equal by `==`: containers only to themselves, numbers to what looks like them."""
    if type(a) is type(b):
        return a is b if isinstance(a, list | dict) else bool(a == b)
    if _numeric(a) or _numeric(b):
        return number(a) == number(b)
    if isinstance(a, str) and isinstance(b, list | dict):
        return a == text(b)
    if isinstance(b, str) and isinstance(a, list | dict):
        return text(a) == b
    return False


def compared(compare: Callable[[Any, Any], bool]) -> Callable[[Json, Json], bool]:
    """Return the comparison of two values of any type: as texts where one is a text and none a number."""

    def comparison(a: Json, b: Json) -> bool:
        if not (_numeric(a) or _numeric(b)) and (isinstance(a, str) or isinstance(b, str)):
            return compare(text(a), text(b))
        return compare(number(a), number(b))

    return comparison


def _numeric(value: Json) -> TypeGuard[int | float]:
    return isinstance(value, int | float)


def _parsed(digits: str) -> float:
    # Python would take these; "infinity" it takes there as well.
    if digits.strip().lower() in _SHORT_INFINITY:
        return nan
    try:
        return float(digits)
    except ValueError:
        return nan
