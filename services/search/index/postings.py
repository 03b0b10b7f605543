"""Which documents have which words: for each word the rows that have it, in ascending order, one list after another.

A common word is only looked up for what has the rarer ones, by bisection, many at a time. Lists of words that begin
alike are neighbours, but in no order together. A few such rows are put in order here; of more, and of a common word, a
bit for each row tells whether it is among them. Some of these bits are remembered, since they are of few words and
beginnings, which are typed often. To have very many rows in order is FTS5's business.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from services.search.domain.candidates.reading import Word
from services.search.index.arrays import Arrays
from services.search.index.lexicon import ArrayLexicon
from services.search.index.schema import LONGEST_BEGINNING

if TYPE_CHECKING:
    from numpy.typing import NDArray

Rows: TypeAlias = "NDArray[np.unsignedinteger[Any]]"

_MOST_AT_ONCE = 1 << 13
_KNOWN = 4_096
"""Of how many words is remembered what is known: a few words are in most queries."""
_COMMON = 16
"""How many times as many rows a word has, at least, as are put in order, to have bits."""
_FIRST_ROWS = 1 << 18
_PREPARED, _REMEMBERED, _FIRST_REMEMBERED = 128, 256, 1_024
"""Of how many words and beginnings the bits are kept, of all documents and of the most popular ones."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Up to where the rows of what begins alike are put in order: so few words, or else so few rows."""

    words: int = 8
    rows: int = 1_500


USUAL = Limits()


class Known(NamedTuple):
    """What is known of a word, or of all that begin so."""

    places: range
    size: int
    """How many rows the lists have together."""
    is_long: bool
    """Whether FTS5 is to put these in order."""
    is_common: bool
    """Whether a bit for each row is to tell whether it has the word."""


class Postings:
    """The lists of one generation. No view of its file outlives a call, so that the file can be closed."""

    def __init__(self, arrays: Arrays, lexicon: ArrayLexicon, row_count: int, limits: Limits) -> None:
        self._rows, self._starts = arrays["rows"], arrays["starts"]
        self.code = np.dtype(self._rows.format)
        self._lexicon = lexicon
        self._marks = np.zeros(row_count + 1, np.bool_)
        self._limits = limits
        self._known = lru_cache(_KNOWN)(self._known_of)
        self._bits = lru_cache(_REMEMBERED)(self._bits_of)
        self._first_bits = lru_cache(_FIRST_REMEMBERED)(self._first_bits_of)

    def prepare(self) -> None:
        """Make the bits of the commonest words: they are wanted soon, and a search would pay for them."""
        sizes = np.diff(np.asarray(self._starts))
        for place in np.argsort(sizes)[: -_PREPARED - 1 : -1].tolist():
            word = Word(self._lexicon.word(place))
            if self._known(word).is_common:
                self._bits(word)

    def rank(self, group: Sequence[Word]) -> tuple[bool, int]:
        """Return what tells which of several groups to go through: one that is in order, with the fewest rows."""
        return not self.in_order(group), sum([each.size for each in map(self._known, group)])

    def in_order(self, group: Sequence[Word]) -> bool:
        """Whether the rows of these words can be had in order at once."""
        return not sum([each.is_long for each in map(self._known, group)])

    def having(self, rows: Rows, group: Sequence[Word]) -> "NDArray[np.bool_]":
        """Tell for each of the rows whether it has one of the words."""
        has: list[NDArray[np.bool_]] = []
        for word in group:
            if self._known(word).is_common or len(rows) > self._limits.rows:
                has.append(self._in_bits(rows, word))
            else:
                has += [_are_in(rows, known) for known in self._lists(word)]
        if len(has) == 1:
            return has[0]
        return np.logical_or.reduce(has) if has else np.zeros(len(rows), np.bool_)

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

    def _known_of(self, word: Word) -> Known:
        places, limits = self._lexicon.places(word), self._limits
        size = self._starts[places.stop] - self._starts[places.start]
        is_long = len(places) > limits.words and size > limits.rows and len(word.text) <= LONGEST_BEGINNING
        return Known(places, size, is_long, is_long or size > _COMMON * limits.rows)

    def _lists(self, word: Word) -> "list[Rows]":
        """Return lists that together have the rows of the word."""
        places, _, _, is_common = self._known(word)
        if not word.begins or len(places) <= self._limits.words:
            return [self._between(place, place + 1) for place in places]
        if is_common:
            return [np.flatnonzero(np.unpackbits(self._bits(word), bitorder="little").view(bool)).astype(self.code)]
        return [_in_order(self._between(places.start, places.stop))]

    def _between(self, place: int, end: int) -> Rows:
        """Return the lists of the words from one place to another, one after another."""
        begin = self._starts[place]
        return np.frombuffer(self._rows, self.code, self._starts[end] - begin, begin * self.code.itemsize)

    def _in_bits(self, rows: Rows, word: Word) -> "NDArray[np.bool_]":
        """Tell it by bits: of the most popular documents only, where these are all that is asked for."""
        bits = self._first_bits(word) if rows[-1] < _FIRST_ROWS else self._bits(word)
        octets: NDArray[np.uint8] = bits.take(rows >> 3)
        return (octets >> (rows & 7).astype(np.uint8) & 1).view(np.bool_)

    def _bits_of(self, word: Word) -> "NDArray[np.uint8]":
        places = self._known(word).places
        return self._packed(self._between(places.start, places.stop), self._marks)

    def _first_bits_of(self, word: Word) -> "NDArray[np.uint8]":
        places = self._known(word).places
        rows = self._between(places.start, places.stop)
        return self._packed(rows[rows < _FIRST_ROWS], self._marks[:_FIRST_ROWS])

    @staticmethod
    def _packed(rows: Rows, marks: "NDArray[np.bool_]") -> "NDArray[np.uint8]":
        """Mark the rows and pack the marks. One array serves for all: a new one would cost more than to clear it."""
        marks[rows] = True
        bits = np.packbits(marks, bitorder="little")
        marks[rows] = False
        return bits


def _are_in(rows: Rows, known: Rows) -> "NDArray[np.bool_]":
    """Tell for each of the rows whether it is among those known, of which there are some."""
    return np.equal(known.take(known.searchsorted(rows), mode="clip"), rows)


def _in_order(rows: Rows) -> Rows:
    """Return each row once. NumPy's `unique` hashes them first, which takes longer."""
    rows = np.sort(rows)
    return rows[np.concatenate(([True], rows[1:] != rows[:-1]))] if len(rows) else rows


def _after(rows: Rows, after: int) -> Rows:
    return rows[int(rows.searchsorted(rows.dtype.type(after), "right")) :] if after else rows
