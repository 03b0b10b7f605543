"""What search leaves out, step by step, when more is asked than it can answer. Each step is told in the answer."""

from dataclasses import dataclass
from enum import IntEnum

from services.search.domain.query import Query

SOURCES_SKIPPED = "sources_skipped"
"""In `Result.degraded`: sources were not asked that look further where little was found."""
SHORT_QUERY_SKIPPED = "short_query_skipped"
"""In `Result.degraded`: a letter or two were not looked for, since that was not remembered from before."""

_SHORT_CHARS = 2


class Level(IntEnum):
    """How much is left out; each level includes those before it."""

    NOTHING = 0
    SPARE_SOURCES = 1
    """Only what was typed is looked for, not what may have been meant."""
    SHORT_QUERIES = 2
    """A letter or two are answered from what is remembered, or not at all: the next keystroke asks again."""
    EVERYTHING = 3
    """What is not remembered is refused."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From how many searches on, that wait or are under way, how much is left out."""

    spare_sources: int = 32
    short_queries: int = 64
    everything: int = 128
    retry_after_s: float = 1.0
    """When whoever was refused may try again."""

    def level(self, pressure: int) -> Level:
        """Return how much is left out at so many searches."""
        if pressure < self.spare_sources:
            return Level.NOTHING
        bounds = (self.spare_sources, self.short_queries, self.everything)
        return Level(sum([pressure >= bound for bound in bounds]))


def is_short(query: Query) -> bool:
    """Whether so little was typed that more will follow."""
    return len(query.text) <= _SHORT_CHARS
