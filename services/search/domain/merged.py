"""An index and what has changed since: a delta's documents in between, what they replace or what is gone left out."""

from collections.abc import Collection
from dataclasses import dataclass
from heapq import merge
from itertools import islice

from services.search.domain.candidates import SLOTS, Candidate, Found, Index, Reading, Window
from services.search.domain.query import Filters


@dataclass(frozen=True, slots=True)
class Merged:
    """Reads a base index and a delta over it as one index, by popularity."""

    base: Index
    delta: Index
    hidden: Collection[int]
    """The base's row numbers that are superseded or gone."""

    @property
    def name(self) -> str:
        """Return the name of the base's generation."""
        return self.base.name

    def find(self, reading: Reading, filters: Filters, window: Window) -> Found:
        """Return the first candidates of the window that have a word of every group."""
        fresh = self.delta.find(reading, filters, window)
        standing = self._standing(reading, filters, window)
        candidates = list(islice(merge(standing.candidates, fresh.candidates), window.limit))
        return Found(candidates, cut=standing.cut or fresh.cut)

    def _standing(self, reading: Reading, filters: Filters, window: Window) -> Found:
        """Go on in the base until enough of what it holds still stands."""
        standing: list[Candidate] = []
        while True:
            found = self.base.find(reading, filters, window)
            standing += [each for each in found.candidates if each.position // SLOTS not in self.hidden]
            if found.cut or len(found.candidates) < window.limit or len(standing) >= window.limit:
                return Found(standing, found.cut)
            window = window._replace(after=found.candidates[-1].position)
