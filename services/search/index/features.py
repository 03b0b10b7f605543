"""What is kept of each document: all that filters, rankers and answers need, where it lies in memory.

All stands by popularity, so what is asked for most is together. What an answer sends is in a file of its own, which is
read and not mapped: only twenty of it are wanted at a time, and they would fill more memory than all else.
"""

import os
from array import array
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from sys import maxsize
from typing import NamedTuple

from services.kit.errors import Unavailable
from services.kit.files import one_sentence
from services.search.domain.candidates.index import SLOTS, Candidate
from services.search.domain.query import Filters
from services.search.index.arrays import Arrays, open_arrays, write_arrays
from services.search.index.generations import Generation
from services.search.index.schema import FEATURES, HITS, Row

_KIND, _EXPLICIT, _LOCAL = 0b11, 2, 3
"""Which bits of the flags tell the kind, and which one each whether it is explicit or of some markets only."""


_candidate: Callable[[tuple[int, int, str, str, int, int, int]], Candidate] = partial(tuple.__new__, Candidate)
"""Makes a candidate of its fields, in half the time that its own constructor takes."""


class Kept(NamedTuple):
    """What is kept of one document."""

    texts: bytes
    hit: bytes
    flags: int
    popularity: int


def kept(row: Row) -> Kept:
    """Return what is kept of a document."""
    texts = f"{row.title}\0{row.artists}\0{row.markets}".encode()
    return Kept(texts, row.hit, row.kind | row.explicit << _EXPLICIT | bool(row.markets) << _LOCAL, row.popularity)


def write_features(folder: Path, in_order: Iterable[tuple[bytes, bytes, int, int]]) -> None:
    """Write what is kept of the documents, the most popular first."""
    text_ends, hit_ends = array("I", [0]), array("Q", [0])
    all_texts, all_flags, popularities = bytearray(), bytearray(), array("Q")
    with (folder / HITS).open("wb", buffering=1 << 20) as file:
        for texts, hit, flags, popularity in in_order:
            all_texts += texts
            text_ends.append(len(all_texts))
            hit_ends.append(hit_ends[-1] + file.write(hit))
            all_flags.append(flags)
            popularities.append(popularity)
    arrays = {
        "texts": ("B", bytes(all_texts)),
        "text_ends": ("I", text_ends.tobytes()),
        "hit_ends": _narrow(hit_ends),
        "flags": ("B", bytes(all_flags)),
        "popularities": ("Q", popularities.tobytes()),
    }
    write_arrays(folder / FEATURES, arrays)


def _narrow(ends: "array[int]") -> tuple[str, bytes]:
    narrow = array("I", ends) if ends[-1] < 1 << 32 else ends
    return narrow.typecode, narrow.tobytes()


class Features:
    """Makes candidates of the rows of an open generation."""

    def __init__(self, generation: Generation, arrays: Arrays, hits: int) -> None:
        self._texts, self._text_ends, self._hit_ends = arrays["texts"], arrays["text_ends"], arrays["hit_ends"]
        self._flags, self._popularities = arrays["flags"], arrays["popularities"]
        self._hits = hits
        self._spread, self._numbers = (1, SLOTS) if generation.manifest.base else (SLOTS, maxsize)
        if os.fstat(hits).st_size != self._hit_ends[-1]:
            raise Unavailable(f"{generation.name} is damaged: {HITS} has another size than it should.")

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._flags)

    def candidates(self, rows: Iterable[int], filters: Filters, title: str | None = None) -> Iterator[Candidate]:
        """Yield what passes of the documents in these rows, in their order."""
        market, hidden = filters.market, 1 << _EXPLICIT if filters.hide_explicit else 0
        ends, all_flags, texts, popularities = self._text_ends, self._flags, self._texts, self._popularities
        spread, numbers = self._spread, self._numbers
        for row in rows:
            place = row % numbers
            flags = all_flags[place - 1]
            if flags & hidden:
                continue
            own, artists, markets = str(texts[ends[place - 1] : ends[place]], "utf-8").split("\0")
            if (title is not None and own != title) or (market and markets and market not in markets):
                continue
            plays, explicit, local = popularities[place - 1], flags >> _EXPLICIT & 1, flags >> _LOCAL
            yield _candidate((row * spread, flags & _KIND, own, artists, plays, explicit, local))

    def hits(self, rows: Iterable[int]) -> list[bytes]:
        """Return what an answer sends of the documents in these rows."""
        ends, places = self._hit_ends, [row % self._numbers for row in rows]
        return [os.pread(self._hits, ends[place] - ends[place - 1], ends[place - 1]) for place in places]


@contextmanager
def open_features(generation: Generation) -> Generator[Features, None, None]:
    """Open what is kept of documents. Raises Unavailable where it is gone or damaged."""
    with ExitStack() as opened:
        arrays = opened.enter_context(open_arrays(generation.path(FEATURES)))
        with one_sentence(generation.path(HITS)):
            hits = opened.enter_context(generation.path(HITS).open("rb", buffering=0))
        yield Features(generation, arrays, hits.fileno())
