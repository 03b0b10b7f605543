"""Writes what is kept of each document, as `features` reads it."""

from array import array
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from services.search.domain.candidates.candidate import END, traits
from services.search.index.arrays import write_arrays
from services.search.index.schema import FEATURES, HITS, Row


class Kept(NamedTuple):
    """What is kept of one document."""

    texts: bytes
    hit: bytes
    traits: int
    popularity: int


def kept(row: Row) -> Kept:
    """Return what is kept of a document."""
    texts = f"{row.title}{END}{row.artists}{END}{row.markets}".encode()
    return Kept(texts, row.hit, traits(row.kind, explicit=bool(row.explicit), local=bool(row.markets)), row.popularity)


def write_features(folder: Path, in_order: Iterable[tuple[bytes, bytes, int, int]]) -> None:
    """Write what is kept of the documents, the most popular first."""
    text_ends, hit_ends = array("I", [0]), array("Q", [0])
    all_texts, all_traits, popularities = bytearray(), bytearray(), array("Q")
    with (folder / HITS).open("wb", buffering=1 << 20) as file:
        for texts, hit, has, popularity in in_order:
            all_texts += texts
            text_ends.append(len(all_texts))
            hit_ends.append(hit_ends[-1] + file.write(hit))
            all_traits.append(has)
            popularities.append(popularity)
    arrays: dict[str, tuple[str, bytes | bytearray]] = {
        "texts": ("B", all_texts),
        "text_ends": ("I", text_ends.tobytes()),
        "hit_ends": _narrow(hit_ends),
        "traits": ("B", all_traits),
        "popularities": ("Q", popularities.tobytes()),
    }
    write_arrays(folder / FEATURES, arrays)


def _narrow(ends: "array[int]") -> tuple[str, bytes]:
    narrow = array("I", ends) if ends[-1] < 1 << 32 else ends
    return narrow.typecode, narrow.tobytes()
