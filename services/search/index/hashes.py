"""Where documents stand by what is the same in every index: their folded title, and their kind and id.

Hashes in ascending order, and the row of each. A title's is short, since who looks up a title compares it; an id's is
long, since the builder of a delta hides what it points at.
"""

import zlib
from array import array
from bisect import bisect_left
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from services.search.domain.document import Kind
from services.search.index.arrays import Arrays, narrowed, open_arrays, write_arrays
from services.search.index.generations import Generation
from services.search.index.schema import IDENTITIES

if TYPE_CHECKING:
    from numpy import int64, uint64
    from numpy.typing import NDArray

TITLE_CODE, IDENTITY_CODE = "I", "Q"


def title_hash(folded: str) -> int:
    """Return a title's hash, of 32 bits."""
    return zlib.crc32(folded.encode())


def identity_hash(kind: Kind, item_id: str) -> int:
    """Return the hash of a kind and id, of 64 bits."""
    return int.from_bytes(blake2b(b"%d %s" % (kind, item_id.encode()), digest_size=8).digest(), "little")


def write_hashes(path: Path, hashes: "array[int]", rows: "NDArray[uint64]", arrivals: "NDArray[int64]") -> None:
    """Write hashes, which come in the order of arrival, with the rows of their documents.

    In the order of rows come those and when their documents arrived, counted from 1.
    """
    import numpy as np  # noqa: PLC0415 - an indexer at rest does without

    by_row = np.asarray(hashes)[arrivals - 1]
    order = np.argsort(by_row, kind="stable")
    write_arrays(path, {"hashes": (hashes.typecode, by_row[order].tobytes()), "rows": narrowed(rows[order])})


def rows_of(arrays: Arrays, sought: int) -> Iterator[int]:
    """Yield the rows that have the hash, in ascending order."""
    hashes, rows = arrays["hashes"], arrays["rows"]
    place = bisect_left(hashes, sought)
    while place < len(hashes) and hashes[place] == sought:
        yield rows[place]
        place += 1


class Identities:
    """Finds documents of an open generation by kind and id."""

    def __init__(self, arrays: Arrays) -> None:
        self._arrays = arrays

    def row(self, kind: Kind, item_id: str) -> int | None:
        """Return the document's row, as a delta's `hidden` has it; None where there is none."""
        return next(rows_of(self._arrays, identity_hash(kind, item_id)), None)


@contextmanager
def open_identities(generation: Generation) -> Generator[Identities, None, None]:
    """Open what finds documents by kind and id. Raises Unavailable where its file is gone or damaged."""
    with open_arrays(generation.path(IDENTITIES)) as arrays:
        yield Identities(arrays)
