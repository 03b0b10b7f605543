"""Random names that need not be secret: request, trace and span ids."""

import random
from dataclasses import dataclass, field

_NOT_ZERO = 1 << 64 | 1
"""A bit in each of the two ids."""


@dataclass(frozen=True, slots=True)
class Ids:
    """Draws ids; give it a seeded source to repeat them."""

    source: random.Random = field(default_factory=random.Random)

    def trace_and_span(self) -> tuple[str, str]:
        """Return 32 and 16 hexadecimal digits, neither all zero."""
        digits = f"{self.source.getrandbits(192) | _NOT_ZERO:048x}"
        return digits[:32], digits[32:]

    def chance(self, share: float) -> bool:
        """Return true for about that share of the calls."""
        return self.source.random() < share
