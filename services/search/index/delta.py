"""What makes an index a delta: its documents stand between those of a base, and it hides some of the base's.

A document's row in a delta is the row of the base that it follows by popularity, times SLOTS, and its number among the
delta's own. So the rows of both have one order, and a page token still means the same place when the delta is replaced.
"""

import sqlite3
from array import array
from bisect import bisect_left
from collections.abc import Collection
from operator import neg
from pathlib import Path
from sys import byteorder
from typing import NamedTuple

from services.kit.errors import Unavailable
from services.search.domain.candidates.index import SLOTS
from services.search.index.arrays import open_arrays
from services.search.index.generations import Generation
from services.search.index.schema import FEATURES, HIDDEN

_BY_POPULARITY = "SELECT arrival, popularity FROM staged ORDER BY popularity DESC, arrival"


class Delta(NamedTuple):
    """Over which index a delta is built."""

    base: Generation
    hidden: Collection[int]
    """The rows of the base that are superseded, removed or taken down."""


def rank_between(connection: sqlite3.Connection, base: Generation) -> None:
    """Give the staged documents, which are fewer than SLOTS, their rows between those of the base."""
    staged = connection.execute(_BY_POPULARITY).fetchall()
    with open_arrays(base.path(FEATURES)) as features:
        popularities = features["popularities"]
        for number, (arrival, popularity) in enumerate(staged, start=1):
            before = bisect_left(popularities, 1 - popularity, key=neg)
            connection.execute("INSERT INTO ranked VALUES (?, ?)", [before * SLOTS + number, arrival])


def write_hidden(path: Path, rows: Collection[int]) -> None:
    """Write the rows that a delta hides."""
    numbers = array("I", sorted(rows))
    if byteorder == "big":
        numbers.byteswap()
    path.write_bytes(numbers.tobytes())


def read_hidden(delta: Generation) -> frozenset[int]:
    """Return the rows of its base that a delta hides. Raises Unavailable where they cannot be read."""
    numbers = array("I")
    try:
        numbers.frombytes(delta.path(HIDDEN).read_bytes())
    except (OSError, ValueError) as error:
        raise Unavailable(f"{delta.name} is damaged: {error}.") from error
    if byteorder == "big":
        numbers.byteswap()
    return frozenset(numbers)
