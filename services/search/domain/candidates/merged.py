"""An index and what has changed since: a delta's documents in between, what they replace or what is gone left out."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import islice
from typing import TypeVar

from services.search.domain.candidates.candidate import Candidate
from services.search.domain.candidates.index import SLOTS, Found, Index, Window
from services.search.domain.candidates.lexicon import Lexicon, Near
from services.search.domain.candidates.reading import Reading
from services.search.domain.query import Filters

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class MergedLexicon:
    """The words of two indexes."""

    base: Lexicon
    delta: Lexicon

    def position(self, word: str) -> int:
        """Return the least position of the documents that have the word; 0 where none has it."""
        positions = self.base.position(word), self.delta.position(word)
        return min(filter(None, positions), default=0)

    def count(self, word: str) -> int:
        """Return how many documents have the word, hidden ones among them."""
        return self.base.count(word) + self.delta.count(word)

    def begins(self, beginning: str) -> bool:
        """Whether a word begins so."""
        return self.base.begins(beginning) or self.delta.begins(beginning)

    def near(self, word: str, edits: int, *, unfinished: bool) -> list[Near]:
        """Return what differs from the word by just so many letters, most popular first."""
        both = [lexicon.near(word, edits, unfinished=unfinished) for lexicon in (self.base, self.delta)]
        return sorted({near.text: near for near in sorted(both[0] + both[1], reverse=True)}.values())


@dataclass(frozen=True, slots=True)
class Merged:
    """Reads a base index and a delta over it as one index, by popularity."""

    base: Index
    delta: Index
    hidden: Collection[int]
    """The base's rows that are superseded or gone."""

    @property
    def name(self) -> str:
        """Return the name of the base's generation."""
        return self.base.name

    @property
    def lexicon(self) -> Lexicon:
        """Return the words of both."""
        return MergedLexicon(self.base.lexicon, self.delta.lexicon)

    def find(self, reading: Reading, filters: Filters, window: Window) -> Found:
        """Return the first candidates of the window that have a word of every group."""
        return self._both(window, lambda index, part: index.find(reading, filters, part))

    def titled(self, title: str, filters: Filters, window: Window) -> Found:
        """Return the first candidates of the window whose folded title is this."""
        return self._both(window, lambda index, part: index.titled(title, filters, part))

    def at(self, positions: Sequence[int]) -> list[Candidate]:
        """Return the candidates at these positions, in their order."""
        return self._each(positions, lambda index, part: index.at(part))

    def hits(self, positions: Sequence[int]) -> list[bytes]:
        """Return what to send of those at these positions, in their order."""
        return self._each(positions, lambda index, part: index.hits(part))

    def _each(self, positions: Sequence[int], look_up: Callable[[Index, Sequence[int]], Sequence[T]]) -> list[T]:
        ours = [position for position in positions if position % SLOTS == 0]
        theirs = [position for position in positions if position % SLOTS]
        found = [*look_up(self.base, ours), *look_up(self.delta, theirs)]
        by_position = dict(zip([*ours, *theirs], found, strict=True))
        return [by_position[position] for position in positions]

    def _both(self, window: Window, find: Callable[[Index, Window], Found]) -> Found:
        fresh, standing = find(self.delta, window), self._standing(window, find)
        candidates = list(islice(merge(standing.candidates, fresh.candidates), window.limit))
        return Found(candidates, cut=standing.cut or fresh.cut)

    def _standing(self, window: Window, find: Callable[[Index, Window], Found]) -> Found:
        """Go on in the base until enough of what it holds still stands."""
        standing: list[Candidate] = []
        while True:
            found = find(self.base, window)
            standing += [candidate for candidate in found.candidates if self._stands(candidate.position)]
            if found.cut or len(found.candidates) < window.limit or len(standing) >= window.limit:
                return Found(standing, found.cut)
            window = window._replace(after=found.candidates[-1].position)

    def _stands(self, position: int) -> bool:
        return position // SLOTS not in self.hidden
