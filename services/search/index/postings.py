"""Which documents have which words: for each word the rows that have it, in ascending order, one list after another.

A common word is only looked up for what has the rarer ones, by bisection, many at a time. Lists of words that begin
alike are neighbours, but in no order together. A few such rows are put in order here; more are marked while others are
looked up among them. Of the few words and beginnings that very many documents have, a bit for each document tells who
does, from the start. To have very many rows in order is FTS5's business.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from operator import methodcaller
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar

import numpy as np

from services.search.domain.candidates.reading import Word
from services.search.index.arrays import Arrays
from services.search.index.lexicon import ArrayLexicon
from services.search.index.schema import LONGEST_BEGINNING

if TYPE_CHECKING:
    from numpy.typing import NDArray

T = TypeVar("T", bound=np.generic)
Rows: TypeAlias = "NDArray[np.unsignedinteger[Any]]"

_MOST_AT_ONCE = 1 << 13
_FIRST_BYTES = 1 << 8
"""Of bits, at first: they tell of two thousand documents, of which at least forty have a common word."""
_KNOWN = 4_096
"""Of how many words is remembered what is known: a few words are in most queries."""
_PREPARED = 256
"""How many words and beginnings have bits, at most: the commonest."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Where one way to look up ends and another begins."""

    words: int = 8
    """So many words that begin alike have their rows put in order, or more if they have few."""
    rows: int = 1_500
    """So many are few."""
    common: int = 50
    """What more than one in so many documents has, has bits."""


USUAL = Limits()


class Known(NamedTuple):
    """What is known of a word, or of all that begin so."""

    places: range
    size: int
    """How many rows the lists have together."""
    is_long: bool
    """Whether FTS5 is to put these in order."""
    bits: "NDArray[np.uint8] | None"
    """For each row whether it has the word, lowest bit first; of what is common."""


class Postings:
    """The lists of one generation. No view of its file outlives a call, so that the file can be closed."""

    def __init__(self, arrays: Arrays, lexicon: ArrayLexicon, row_count: int, limits: Limits) -> None:
        self._rows, self._starts = arrays["rows"], arrays["starts"]
        self.code = np.dtype(self._rows.format)
        self._lexicon = lexicon
        self._marks = np.zeros(row_count + 1, np.bool_)
        self._limits = limits
        self._bits = {(places.start, places.stop): self._bits_of(places) for places in self._common()}
        self._known = lru_cache(_KNOWN)(self._known_of)

    def rank(self, group: Sequence[Word]) -> tuple[bool, int]:
        """Return whether FTS5 is to put the rows of the words in order, and how many there are.

        Of several groups that whose rank is least is best gone through.
        """
        if len(group) == 1:  # nearly all are: a synonym or a correction makes one of several
            _, size, is_long, bits = self._known(group[0])
            return is_long and bits is None, size
        known = [self._known(word) for word in group]
        return any(each.is_long for each in known), sum([each.size for each in known])

    def having(self, rows: Rows, group: Sequence[Word]) -> "NDArray[np.bool_]":
        """Tell for each of the rows whether it has one of the words."""
        has: list[NDArray[np.bool_]] = []
        for word in group:
            places, _, _, bits = self._known(word)
            if bits is not None:
                has.append(_set(bits, rows))
            elif len(places) > self._limits.words or len(rows) > self._limits.rows:
                has.append(self._marked(places, rows))
            else:
                has += [_are_in(rows, known) for known in self._lists(word)]
        if len(has) == 1:
            return has[0]
        return np.logical_or.reduce(has) if has else np.zeros(len(rows), np.bool_)

    def chunks(self, group: Sequence[Word], after: int, size: int) -> Iterator[Rows]:
        """Yield the rows after another that have one of the words, each once and in order: few, then more at a time."""
        bits = self._known(group[0]).bits if len(group) == 1 else None
        if bits is not None:
            yield from _set_after(bits, after, self.code)
            return
        lists = [_after(rows, after) for word in group for rows in self._lists(word)]
        if len(lists) == 1:
            yield from _pieces(lists[0], size)
            return
        while any(map(len, lists)):
            longest = max(lists, key=len)
            last = longest[size - 1] if size < len(longest) else max([rows[-1] for rows in lists if len(rows)])
            ends = [int(rows.searchsorted(last, "right")) for rows in lists]
            heads = [rows[:end] for rows, end in zip(lists, ends, strict=True)]
            yield _in_order(np.concatenate(heads))
            lists = [rows[end:] for rows, end in zip(lists, ends, strict=True)]
            size = min(4 * size, _MOST_AT_ONCE)

    def _known_of(self, word: Word) -> Known:
        places, limits = self._lexicon.places(word), self._limits
        size = self._starts[places.stop] - self._starts[places.start]
        is_long = len(places) > limits.words and size > limits.rows and len(word.text) <= LONGEST_BEGINNING
        return Known(places, size, is_long, self._bits.get((places.start, places.stop)))

    def _lists(self, word: Word) -> "list[Rows]":
        """Return lists that together have the rows of the word."""
        places, _, _, bits = self._known(word)
        if not word.begins or len(places) <= self._limits.words:
            return [self._between(place, place + 1) for place in places]
        if bits is not None:
            return [np.flatnonzero(np.unpackbits(bits, bitorder="little").view(bool)).astype(self.code)]
        return [_in_order(self._between(places.start, places.stop))]

    def _between(self, place: int, end: int) -> Rows:
        """Return the lists of the words from one place to another, one after another."""
        begin = self._starts[place]
        return np.frombuffer(self._rows, self.code, self._starts[end] - begin, begin * self.code.itemsize)

    def _common(self) -> list[range]:
        """Return the places of the commonest words, and of those that begin so."""
        starts = np.asarray(self._starts)
        ends = [np.arange(len(starts)), *self._lexicon.beginnings()]
        begins = np.concatenate([places[:-1] for places in ends])
        stops = np.concatenate([places[1:] for places in ends])
        sizes = starts[stops] - starts[begins]
        common = np.argsort(sizes)[: -_PREPARED - 1 : -1]
        common = common[sizes[common] > len(self._marks) // self._limits.common]
        return [*map(range, begins[common].tolist(), stops[common].tolist())]

    def _bits_of(self, places: range) -> "NDArray[np.uint8]":
        return self._with_marks(self._between(places.start, places.stop), partial(np.packbits, bitorder="little"))

    def _marked(self, places: range, rows: Rows) -> "NDArray[np.bool_]":
        """Tell for each of the rows whether it has one of the words. What is after all of them is left unmarked."""
        known = self._between(places.start, places.stop)
        return self._with_marks(known[known <= rows[-1]], methodcaller("take", rows))

    def _with_marks(self, rows: Rows, look: "Callable[[NDArray[np.bool_]], NDArray[T]]") -> "NDArray[T]":
        """Return what is seen where these rows are marked. The marks serve all: new ones would cost more."""
        self._marks[rows] = True
        seen = look(self._marks)
        self._marks[rows] = False
        return seen


def _set(bits: "NDArray[np.uint8]", rows: Rows) -> "NDArray[np.bool_]":
    """Tell for each of the rows whether its bit is set."""
    octets: NDArray[np.uint8] = bits.take(rows >> 3)
    return (octets >> (rows & 7).astype(np.uint8) & 1).view(np.bool_)


def _set_after(bits: "NDArray[np.uint8]", after: int, code: "np.dtype[Any]") -> Iterator[Rows]:
    """Yield the rows after another whose bits are set, in order: few, then more at a time."""
    begin, size = after + 1 >> 3, _FIRST_BYTES
    while begin < len(bits):
        rows = np.flatnonzero(np.unpackbits(bits[begin : begin + size], bitorder="little").view(np.bool_))
        yield _after((rows + 8 * begin).astype(code), after)
        begin, size = begin + size, min(4 * size, _MOST_AT_ONCE)


def _pieces(rows: Rows, size: int) -> Iterator[Rows]:
    begin = 0
    while begin < len(rows):
        yield rows[begin : begin + size]
        begin, size = begin + size, min(4 * size, _MOST_AT_ONCE)


def _are_in(rows: Rows, known: Rows) -> "NDArray[np.bool_]":
    """Tell for each of the rows whether it is among those known, of which there are some."""
    return np.equal(known.take(known.searchsorted(rows), mode="clip"), rows)


def _in_order(rows: Rows) -> Rows:
    """Return each row once. NumPy's `unique` hashes them first, which takes longer."""
    rows = np.sort(rows)
    return rows[np.concatenate(([True], rows[1:] != rows[:-1]))] if len(rows) else rows


def _after(rows: Rows, after: int) -> Rows:
    return rows[int(rows.searchsorted(rows.dtype.type(after), "right")) :] if after else rows
