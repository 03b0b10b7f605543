"""What is kept of each document: all that filters, rankers and answers need, where it lies in memory.

All stands by popularity, so what is asked for most is together. What an answer sends is in a file of its own, of which
only the beginning is mapped, most of what is shown: only twenty are wanted at a time, and the rest would fill more
memory than all else.
"""

import mmap
import os
from collections.abc import Generator, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from sys import maxsize
from typing import TYPE_CHECKING, Any

import numpy as np

from services.kit.errors import Unavailable
from services.kit.files import one_sentence
from services.search.domain.candidates.candidate import END, EXPLICIT, LOCAL, Candidate
from services.search.domain.candidates.index import SLOTS
from services.search.domain.paging import WINDOW
from services.search.domain.query import Filters
from services.search.index.arrays import Arrays, bring_in, open_arrays
from services.search.index.generations import Generation
from services.search.index.postings import Rows
from services.search.index.schema import FEATURES, HITS

if TYPE_CHECKING:
    from numpy.typing import NDArray


_MAPPED_BYTES = 1 << 24
"""Of what answers send: of some hundred thousand documents, which are two thirds of what is shown."""
_AT_ONCE = WINDOW + 1
"""How many documents are looked at together: as many as a source is asked for."""


class Features:
    """Makes candidates of the rows of an open generation."""

    def __init__(self, generation: Generation, arrays: Arrays, hits: int, first_hits: mmap.mmap | bytes) -> None:
        self._texts, self._text_ends, self._hit_ends = arrays["texts"], arrays["text_ends"], arrays["hit_ends"]
        self._traits, self._popularities = arrays["traits"], arrays["popularities"]
        self._arrays, self._hits, self._first_hits = arrays, hits, first_hits
        self._spread, self._numbers = (1, SLOTS) if generation.manifest.base else (SLOTS, maxsize)
        if os.fstat(hits).st_size != self._hit_ends[-1]:
            raise Unavailable(f"{generation.name} is damaged: {HITS} has another size than it should.")

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._traits)

    def rest(self) -> None:
        """Hold no more of the files in memory than is used from now on."""
        self._arrays.rest()
        if isinstance(self._first_hits, mmap.mmap):
            self._first_hits.madvise(mmap.MADV_DONTNEED)

    def candidates(self, rows: Rows, filters: Filters, title: str | None = None) -> Iterator[Candidate]:
        """Yield what passes of the documents in these rows, in their order."""
        market, hidden = filters.market, EXPLICIT if filters.hide_explicit else 0
        opening = title + END if title is not None else ""
        new, candidate, texts = tuple.__new__, Candidate, self._texts
        for begin in range(0, len(rows), _AT_ONCE):
            for position, has, start, end, popularity in self._facts(rows[begin : begin + _AT_ONCE]):
                if has & hidden:
                    continue
                text = str(texts[start:end], "utf-8")
                if has & LOCAL:
                    texts_end = text.rindex(END) + 1
                    if market not in text[texts_end:]:
                        continue
                    text = text[:texts_end]
                if not opening or text.startswith(opening):
                    yield new(candidate, (position, has, text, popularity))  # half of what its constructor takes

    def _facts(self, rows: Rows) -> "Iterator[tuple[int, int, int, int, int]]":
        """Yield positions, traits, where the texts begin and end, and popularities.

        They lie all over memory, and a processor fetches them at once where they are taken at once: the first bytes
        of the texts too, though nobody looks at these here.
        """
        wide = rows.astype(np.int64)
        places = wide % self._numbers
        preceding, ends = places - 1, _array(self._text_ends)
        begins = ends.take(preceding)
        _array(self._texts).take(begins)
        columns = (
            wide * self._spread,
            _array(self._traits).take(preceding),
            begins,
            ends.take(places),
            _array(self._popularities).take(preceding),
        )
        return zip(*[column.tolist() for column in columns], strict=True)

    def hits(self, rows: Iterable[int]) -> list[bytes]:
        """Return what an answer sends of the documents in these rows."""
        ends, mapped = self._hit_ends, self._first_hits
        last, hits = len(mapped), list[bytes]()
        for row in rows:
            place = row % self._numbers
            begin, end = ends[place - 1], ends[place]
            hits.append(mapped[begin:end] if end <= last else os.pread(self._hits, end - begin, begin))
        return hits


def _array(numbers: "memoryview[int]") -> "NDArray[Any]":
    """Return the numbers as an array, which must not outlive a call, so that the file can be closed."""
    return np.frombuffer(numbers, numbers.format)


@contextmanager
def open_features(generation: Generation) -> Generator[Features, None, None]:
    """Open what is kept of documents. Raises Unavailable where it is gone or damaged."""
    with ExitStack() as opened:
        arrays = opened.enter_context(open_arrays(generation.path(FEATURES)))
        with one_sentence(generation.path(HITS)):
            hits = opened.enter_context(generation.path(HITS).open("rb", buffering=0)).fileno()
            first_hits = _first_bytes(hits, opened)
        yield Features(generation, arrays, hits, first_hits)


def _first_bytes(file: int, opened: ExitStack) -> mmap.mmap | bytes:
    """Map the beginning of a file. An empty one, as of a delta that only hides, cannot be mapped."""
    size = min(os.fstat(file).st_size, _MAPPED_BYTES)
    if not size:
        return b""
    mapped = opened.enter_context(mmap.mmap(file, size, access=mmap.ACCESS_READ))
    with memoryview(mapped) as whole:
        bring_in(whole)
    return mapped
