"""Which documents have which words: for each word the rows that have it, in ascending order, one list after another.

A common word is only looked up for what has the rarer ones, by bisection, many at a time. Lists of words that begin
alike are neighbours, but in no order together. A few such rows are put in order here; of more, and of a common word, a
bit for each row tells whether it is among them. Some of these bits are remembered, since they are of few words and
beginnings, which are typed often. To have very many rows in order is FTS5's business.
"""

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from services.search.domain.candidates.reading import Word
from services.search.index.arrays import Arrays
from services.search.index.lexicon import ArrayLexicon

if TYPE_CHECKING:
    from numpy.typing import NDArray

Rows: TypeAlias = "NDArray[np.unsignedinteger[Any]]"

_MOST_AT_ONCE = 1 << 13
_COMMON = 16
"""How many times as many rows a word has, at least, as are put in order, to have bits."""
_REMEMBERED = 128
"""Of how many words and beginnings the bits are kept: an eighth of a byte for each document."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Up to where the rows of what begins alike are put in order: so few words, or else so few rows."""

    words: int = 8
    rows: int = 1_500


USUAL = Limits()


class Postings:
    """The lists of one generation. No view of its file outlives a call, so that the file can be closed."""

    def __init__(self, arrays: Arrays, lexicon: ArrayLexicon, row_count: int, limits: Limits) -> None:
        self._rows, self._starts = arrays["rows"], arrays["starts"]
        self.code = np.dtype(self._rows.format)
        self._lexicon = lexicon
        self._marks = np.zeros(row_count + 1, np.bool_)
        self._limits = limits
        self._bits = lru_cache(_REMEMBERED)(self._bits_of)

    def size(self, group: Sequence[Word]) -> int:
        """Return how many rows the lists of these words have together."""
        return sum([self._size(self._lexicon.places(word)) for word in group])

    def rank(self, group: Sequence[Word]) -> tuple[bool, int]:
        """Return what tells which of several groups to go through: one that is in order, with the fewest rows."""
        return not self.in_order(group), self.size(group)

    def in_order(self, group: Sequence[Word]) -> bool:
        """Whether the rows of these words can be had in order at once."""
        return not any(self._is_long(word) for word in group)

    def having(self, rows: Rows, group: Sequence[Word]) -> "NDArray[np.bool_]":
        """Tell for each of the rows whether it has one of the words."""
        has: list[NDArray[np.bool_]] = []
        for word in group:
            if self._is_common(word):
                has.append(self._in_bits(rows, word))
            else:
                has += [self._are_in(rows, known) for known in self._lists(word)]
        if len(has) == 1:
            return has[0]
        return np.logical_or.reduce(has) if has else np.zeros(len(rows), bool)

    def chunks(self, group: Sequence[Word], after: int, size: int) -> Iterator[Rows]:
        """Yield the rows after another that have one of the words, each once and in order: few, then more at a time."""
        lists = [_after(rows, after) for word in group for rows in self._lists(word)]
        while any(map(len, lists)):
            longest = max(lists, key=len)
            last = longest[size - 1] if size < len(longest) else max([rows[-1] for rows in lists if len(rows)])
            ends = [int(rows.searchsorted(last, "right")) for rows in lists]
            heads = [rows[:end] for rows, end in zip(lists, ends, strict=True)]
            yield heads[0] if len(heads) == 1 else _in_order(np.concatenate(heads))
            lists = [rows[end:] for rows, end in zip(lists, ends, strict=True)]
            size = min(4 * size, _MOST_AT_ONCE)

    def _is_long(self, word: Word) -> bool:
        places = self._lexicon.places(word)
        return word.begins and len(places) > self._limits.words and self._size(places) > self._limits.rows

    def _is_common(self, word: Word) -> bool:
        return self._size(self._lexicon.places(word)) > _COMMON * self._limits.rows or self._is_long(word)

    def _lists(self, word: Word) -> "list[Rows]":
        """Return lists that together have the rows of the word."""
        places = self._lexicon.places(word)
        if not word.begins or len(places) <= self._limits.words:
            return [self._between(place, place + 1) for place in places]
        if self._is_long(word):
            return [np.flatnonzero(np.unpackbits(self._bits(word), bitorder="little").view(bool)).astype(self.code)]
        return [_in_order(self._between(places.start, places.stop))]

    def _size(self, places: range) -> int:
        return self._starts[places.stop] - self._starts[places.start]

    def _between(self, place: int, end: int) -> Rows:
        """Return the lists of the words from one place to another, one after another."""
        begin = self._starts[place]
        return np.frombuffer(self._rows, self.code, self._starts[end] - begin, begin * self.code.itemsize)

    def _in_bits(self, rows: Rows, word: Word) -> "NDArray[np.bool_]":
        octets: NDArray[np.uint8] = self._bits(word).take(rows >> 3)
        return (octets >> (rows & 7).astype(np.uint8) & 1).view(np.bool_)

    def _are_in(self, rows: Rows, known: Rows) -> "NDArray[np.bool_]":
        """Tell for each of the rows whether it is among those known, of which there are some."""
        if len(rows) < self._limits.rows:
            return np.equal(known.take(known.searchsorted(rows), mode="clip"), rows)
        with self._marked(known) as marks:
            return marks.take(rows)

    @contextmanager
    def _marked(self, rows: Rows) -> "Generator[NDArray[np.bool_], None, None]":
        """Mark the rows among all. One array serves for always: a new one would cost more than to mark and unmark."""
        self._marks[rows] = True
        try:
            yield self._marks
        finally:
            self._marks[rows] = False

    def _bits_of(self, word: Word) -> "NDArray[np.uint8]":
        places = self._lexicon.places(word)
        with self._marked(self._between(places.start, places.stop)) as marks:
            return np.packbits(marks, bitorder="little")


def _in_order(rows: Rows) -> Rows:
    """Return each row once. NumPy's `unique` hashes them first, which takes longer."""
    rows = np.sort(rows)
    return rows[np.concatenate(([True], rows[1:] != rows[:-1]))] if len(rows) else rows


def _after(rows: Rows, after: int) -> Rows:
    return rows[int(rows.searchsorted(rows.dtype.type(after), "right")) :] if after else rows
