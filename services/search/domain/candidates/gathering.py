"""What the sources have found for a query so far, and what else they go by."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import inf
from typing import NamedTuple

from services.search.domain.candidates.index import SLOTS, Found, Index
from services.search.domain.candidates.literal import literal
from services.search.domain.candidates.reading import Reading
from services.search.domain.candidates.spelling import Spelling
from services.search.domain.paging import WINDOW
from services.search.domain.query import Query

_FEW_WORDS = 1
_WELL_KNOWN = 1_000 * SLOTS
"""The most popular documents, of which nobody doubts that they are meant."""
_FAR = 50
"""How many times as far down the list of all documents the best find is, to make one doubt what was typed."""


class Finding(NamedTuple):
    """What one source made of a query."""

    source: str
    reading: Reading
    found: Found


@dataclass
class Gathering:
    """A search under way."""

    query: Query
    index: Index
    findings: list[Finding] = field(default_factory=list)
    empty: bool = True
    """Whether nothing has been found."""
    full: bool = False
    """Whether more has been found than can be ranked."""
    far_fetched: bool = True
    """Whether all that was found, if anything was, differs by more than a letter from what was typed."""
    _best: float = inf
    """The least position that was found."""

    def add(self, finding: Finding) -> None:
        """Take in what a source found."""
        self.findings.append(finding)
        if candidates := finding.found.candidates:
            self.empty = False
            self.full = self.full or len(candidates) > WINDOW
            self.far_fetched = self.far_fetched and finding.reading.edits > 1
            self._best = min(self._best, candidates[0].position)

    @cached_property
    def core(self) -> Query:
        """The query without what clings to pasted titles."""
        return self.query.without_noise()

    @cached_property
    def literal(self) -> Reading:
        """The query's words as they stand."""
        return literal(self.query)

    @cached_property
    def literal_core(self) -> Reading:
        """The words as they stand of the query without what clings to pasted titles."""
        return self.literal if self.core is self.query else literal(self.core)

    @cached_property
    def spelling(self) -> Spelling:
        """What the index knows of words."""
        return Spelling(self.index.lexicon)

    @cached_property
    def unknown(self) -> Sequence[int]:
        """Which words, by their places in the query without what clings to pasted titles, no document has."""
        core, knows = self.core, self.spelling.knows
        return [place for place, token in enumerate(core.tokens) if not knows(token, unfinished=core.begins(place))]

    @property
    def doubtful(self) -> bool:
        """Whether something else may be meant: nothing has been found, or by a single word only what few know."""
        if self.full:
            return False
        return self.far_fetched or (len(self.query.tokens) <= _FEW_WORDS and self._best > _WELL_KNOWN)

    @property
    def worth_less_than(self) -> float:
        """The position that something must be before to be meant sooner than what has been found."""
        return inf if self.far_fetched else self._best / _FAR
