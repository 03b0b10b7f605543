"""What flagd's published schema (targeting.json) says about operators, as data: how many operands, and of what kind."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shape:
    """The operands of an operator."""

    least: int
    most: int | None = None
    """None for as many as there are."""
    alone: bool = False
    """Whether a single operand may stand without its list."""
    truth: bool = False
    """Whether it comes to true or false."""

    @property
    def words(self) -> str:
        """The number of operands, for people."""
        if self.most is None:
            return f"{self.least} or more"
        return str(self.least) if self.least == self.most else f"{self.least} to {self.most}"


_TEST = Shape(2, 2, truth=True)
_ORDER = Shape(2, 3, truth=True)
_TWO = Shape(2, 2)
_SOME = Shape(1)
_NEGATION = Shape(1, 1, alone=True, truth=True)

SHAPES: Mapping[str, Shape] = {
    **dict.fromkeys(("if", "and", "or", "+", "-", "min", "max", "merge", "cat"), _SOME),
    **dict.fromkeys(("==", "===", "!=", "!==", "in", "all", "some", "none", "starts_with", "ends_with"), _TEST),
    **dict.fromkeys(("<", "<=", ">", ">="), _ORDER),
    **dict.fromkeys(("%", "/", "map", "filter"), _TWO),
    **dict.fromkeys(("!", "!!"), _NEGATION),
    "*": Shape(2),
    "substr": Shape(2, 3),
    "reduce": Shape(3, 3),
    "var": Shape(1, 2, alone=True),
    "missing": Shape(1),
    "missing_some": _TWO,
    "sem_ver": Shape(3, 3, truth=True),
    "fractional": Shape(1),
}
"""By operator. The schema has no `log` and no `?:`, though evaluators know them."""

COMPARISONS = ("=", "!=", ">", "<", ">=", "<=", "~", "^")
"""Of `sem_ver`."""
EVALUATION_PATHS = ("$flagd.timestamp", "$flagd.flagKey")
"""What a rule may ask of the evaluation itself."""
VARIANT_TYPES: Mapping[str, tuple[type, ...]] = {
    "a boolean": (bool,),
    "a text": (str,),
    "a number": (int, float),
    "an object": (dict,),
}
LARGEST_INTEGER = 2**53 - 1
"""What every language's numbers hold exactly."""
