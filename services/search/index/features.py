"""What is kept of each document: all that filters, rankers and answers need, where it lies in memory.

The entries stand in one file by popularity, so those that are asked for most are neighbours. What is a number, and
where each entry ends, is in arrays beside it.
"""

import mmap
from array import array
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from sys import maxsize
from typing import NamedTuple

from services.kit.errors import Unavailable
from services.search.domain.candidates.index import SLOTS, Candidate
from services.search.domain.query import Filters
from services.search.index.arrays import Arrays, open_arrays, write_arrays
from services.search.index.generations import Generation
from services.search.index.schema import ENTRIES, FEATURES, Row

_MAGIC = b"ble1"
_KIND, _EXPLICIT, _LOCAL = 0b11, 2, 3
"""Which bits of the flags tell the kind, and which one each whether it is explicit or of some markets only."""


class Kept(NamedTuple):
    """What is kept of one document."""

    entry: bytes
    flags: int
    popularity: int


def kept(row: Row) -> Kept:
    """Return what is kept of a document."""
    entry = b"\0".join([row.title.encode(), row.artists.encode(), row.markets.encode(), row.hit])
    return Kept(entry, row.kind | row.explicit << _EXPLICIT | bool(row.markets) << _LOCAL, row.popularity)


def write_features(folder: Path, in_order: Iterable[tuple[bytes, int, int]]) -> None:
    """Write what is kept of the documents, the most popular first."""
    end = len(_MAGIC)
    ends, flags, popularities = array("Q", [end]), bytearray(), array("Q")
    with (folder / ENTRIES).open("wb", buffering=1 << 20) as file:
        file.write(_MAGIC)
        for entry, flag, popularity in in_order:
            file.write(entry)
            end += len(entry)
            ends.append(end)
            flags.append(flag)
            popularities.append(popularity)
    narrow = array("I", ends) if end < 1 << 32 else ends
    arrays = {
        "ends": (narrow.typecode, narrow.tobytes()),
        "flags": ("B", bytes(flags)),
        "popularities": ("Q", popularities.tobytes()),
    }
    write_arrays(folder / FEATURES, arrays)


class Features:
    """Makes candidates of the rows of an open generation."""

    def __init__(self, generation: Generation, arrays: Arrays, entries: mmap.mmap) -> None:
        self._ends, self._flags, self._popularities = arrays["ends"], arrays["flags"], arrays["popularities"]
        self._entries = entries
        self._spread, self._numbers = (1, SLOTS) if generation.manifest.base else (SLOTS, maxsize)
        if entries[: len(_MAGIC)] != _MAGIC or self._ends[-1] != len(entries):
            raise Unavailable(f"{generation.name} is damaged: {ENTRIES} has been cut short.")

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._flags)

    def candidates(self, rows: Iterable[int], filters: Filters, title: str | None = None) -> Iterator[Candidate]:
        """Yield what passes of the documents in these rows, in their order."""
        hidden = 1 << _EXPLICIT if filters.hide_explicit else 0
        market, sought = filters.market.encode(), title.encode() if title is not None else None
        ends, all_flags, entries = self._ends, self._flags, self._entries
        for row in rows:
            place = row % self._numbers
            flags = all_flags[place - 1]
            if flags & hidden:
                continue
            own, artists, markets, hit = entries[ends[place - 1] : ends[place]].split(b"\0", 3)
            if (sought is not None and own != sought) or (market and markets and market not in markets):
                continue
            yield Candidate(
                row * self._spread,
                flags & _KIND,
                own.decode(),
                artists.decode(),
                self._popularities[place - 1],
                hit,
                flags >> _EXPLICIT & 1,
                flags >> _LOCAL,
            )


@contextmanager
def open_features(generation: Generation) -> Generator[Features, None, None]:
    """Open what is kept of documents. Raises Unavailable where it is gone or damaged."""
    with open_arrays(generation.path(FEATURES)) as arrays:
        try:
            with generation.path(ENTRIES).open("rb") as file:
                entries = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            raise Unavailable(f"{generation.name} is damaged: {ENTRIES} cannot be read ({error}).") from error
        with entries:
            yield Features(generation, arrays, entries)
