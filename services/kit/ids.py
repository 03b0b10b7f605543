"""Random names that need not be secret: request, trace and span ids."""

import random
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Ids:
    """Draws ids; give it a seeded source to repeat them."""

    source: random.Random = field(default_factory=random.Random)

    def trace_id(self) -> str:
        """Return 32 hexadecimal digits, not all zero."""
        return f"{self.source.getrandbits(128) | 1:032x}"

    def span_id(self) -> str:
        """Return 16 hexadecimal digits, not all zero."""
        return f"{self.source.getrandbits(64) | 1:016x}"

    def chance(self, share: float) -> bool:
        """Return true for about that share of the calls."""
        return self.source.random() < share
