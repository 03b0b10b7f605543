"""An open generation: looks for what has the words, within the time that a search gives it.

The group of words that fewest documents have tells which to look at, and all others are looked up for those only. Its
rows come from the lexicon's lists or, of words that begin alike, from FTS5, which has these in order.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import TypeAlias

import numpy as np

from services.search.domain.candidates.candidate import Candidate
from services.search.domain.candidates.index import SLOTS, Found, Window
from services.search.domain.candidates.reading import Reading, Word
from services.search.domain.document import Kind
from services.search.domain.query import Filters
from services.search.index.arrays import Arrays
from services.search.index.expressions import any_of
from services.search.index.features import Features
from services.search.index.generations import Generation
from services.search.index.hashes import rows_of, title_hash
from services.search.index.lexicon import ArrayLexicon
from services.search.index.postings import Limits, Postings, Rows
from services.search.index.schema import kind_token

_WITH_WORDS = "SELECT rowid FROM terms WHERE terms MATCH ? AND rowid > ? ORDER BY rowid LIMIT ?"
_MOST_OF_A_TITLE = 64
"""How many documents of one title are looked at; the most popular of them is what is meant."""
_STEPS_BETWEEN_LOOKS = 64
"""FTS5 reads its lists by statements of its own, whose steps count too: a long intersection is left from inside."""
_MANY = 16
"""How many times as many rows are looked at as candidates wanted, and again where they were not enough."""
_EVERYTHING = Filters()
_ALL_KINDS = len(Kind)

Group: TypeAlias = tuple[Word, ...]


class _TimeUp(Exception):  # noqa: N818 - no error: an answer is cut
    """The search has had its time."""


class SqliteIndex:
    """Searches one generation. It answers on the event loop, so it watches its own time.

    SQLite asks every few steps whether the time is up; what was found until then is returned as a cut answer.
    """

    def __init__(
        self,
        generation: Generation,
        connection: sqlite3.Connection,
        features: Features,
        lexicon: Arrays,
        titles: Arrays,
        monotonic: Callable[[], float],
        limits: Limits,
    ) -> None:
        self.generation = generation
        self.name = generation.name
        self._spread = 1 if generation.manifest.base else SLOTS
        self.lexicon = ArrayLexicon(lexicon, self._spread)
        self._postings = Postings(lexicon, self.lexicon, len(features), limits)
        self._connection = connection
        self._features = features
        self._words, self._titles = lexicon, titles
        self._monotonic = monotonic
        self._until_s = 0.0
        connection.execute(_WITH_WORDS, ["a", 0, 1])  # or a damaged file is found out too late
        connection.set_progress_handler(self._overdue, _STEPS_BETWEEN_LOOKS)

    def find(self, reading: Reading, filters: Filters, window: Window) -> Found:
        """Return the first candidates of the window, fewer and marked as cut when the time is up."""
        self._until_s = window.until_s
        candidates: list[Candidate] = []
        try:
            for rows in self._rows(reading, filters.kinds, window):
                passing = self._features.candidates(rows, filters)
                candidates.extend(islice(passing, window.limit - len(candidates)))
                if len(candidates) == window.limit:
                    break
        except _TimeUp:
            return Found(candidates, cut=True)
        return Found(candidates)

    def titled(self, title: str, filters: Filters, window: Window) -> Found:
        """Return the first candidates of the window whose folded title is this."""
        rows = [*islice(self._rows_titled(title, window.after), _MOST_OF_A_TITLE)]
        if not rows:
            return Found()
        passing = self._features.candidates(np.array(rows, self._postings.code), filters, title=title)
        return Found([*islice((each for each in passing if each.kind in filters.kinds), window.limit)])

    def at(self, positions: Sequence[int]) -> list[Candidate]:
        """Return the candidates at these positions, in their order."""
        rows = np.array([position // self._spread for position in positions], self._postings.code)
        return [*self._features.candidates(rows, _EVERYTHING)]

    def hits(self, positions: Sequence[int]) -> list[bytes]:
        """Return what to send of those at these positions, in their order."""
        return self._features.hits([position // self._spread for position in positions])

    def rest(self) -> None:
        """Hold no more of the files in memory than is used from now on: for who is not searched, but may be again."""
        for mapped in (self._words, self._titles, self._features):
            mapped.rest()
        self._connection.execute("PRAGMA shrink_memory")

    def _rows(self, reading: Reading, kinds: frozenset[Kind], window: Window) -> Iterator[Rows]:
        """Yield the rows of the documents of these kinds that answer the reading."""
        of_kinds = [tuple(Word(kind_token(kind)) for kind in kinds)] if len(kinds) < _ALL_KINDS else []
        if reading.at_least:
            return self._with_some(reading, of_kinds, window)
        return self._with_all([*reading.groups, *of_kinds], window)

    def _with_all(self, groups: Sequence[Group], window: Window) -> Iterator[Rows]:
        """Yield the rows that have a word of every group, looked up in the list of the rarest that has one."""
        postings, after = self._postings, window.after // self._spread
        rarest, *others = sorted(groups, key=postings.rank) if len(groups) > 1 else groups
        needs_order, size = postings.rank(rarest)
        if not size:
            return
        if others or not needs_order:
            chunks = postings.chunks(rarest, after, _MANY * window.limit if others else window.limit)
        else:
            chunks = self._streamed(any_of(rarest), after, window.limit)
        for rows in chunks:
            yield self._having_all(rows, others)
            self._mind_the_time()

    def _with_some(self, reading: Reading, of_kinds: Sequence[Group], window: Window) -> Iterator[Rows]:
        """Yield the rows that have a word of enough groups: each has one of any groups that are not too few."""
        groups, postings = [reading.groups[place] for place in reading.rarest], self._postings
        rarest = sorted(groups, key=postings.rank)[: len(groups) - reading.at_least + 1]
        any_word = tuple(word for group in rarest for word in group)
        for rows in postings.chunks(any_word, window.after // self._spread, window.limit):
            enough = sum([postings.having(rows, group).astype(np.uint8) for group in groups]) >= reading.at_least
            yield self._having_all(rows[enough], of_kinds)
            self._mind_the_time()

    def _having_all(self, rows: Rows, groups: Sequence[Group]) -> Rows:
        for group in groups:
            if len(rows):
                rows = rows[self._postings.having(rows, group)]
        return rows

    def _streamed(self, words: str, after: int, size: int) -> Iterator[Rows]:
        """Yield the rows after another that FTS5 finds, few, then more at a time."""
        while True:
            rows: list[tuple[int]] = []
            try:
                # When the time is up in the middle, extend() leaves in the list what it has got so far.
                rows.extend(self._connection.execute(_WITH_WORDS, [words, after, size]))
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
                    raise
                yield self._array(rows)
                raise _TimeUp from error
            yield self._array(rows)
            if len(rows) < size:
                return
            after, size = rows[-1][0], _MANY * size

    def _array(self, rows: Sequence[tuple[int]]) -> Rows:
        return np.array([row for (row,) in rows], self._postings.code)

    def _rows_titled(self, title: str, after: int) -> Iterator[int]:
        return (row for row in rows_of(self._titles, title_hash(title)) if row * self._spread > after)

    def _mind_the_time(self) -> None:
        if self._overdue():
            raise _TimeUp

    def _overdue(self) -> bool:
        return self._monotonic() > self._until_s
