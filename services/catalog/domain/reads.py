"""How items are read by id: the port that the API asks, and what it gives. `store/cached.py` has its implementation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from services.catalog.domain.items import Key, Reference
from services.catalog.domain.store import Kept


@dataclass(slots=True, eq=False)
class Answer:
    """What a reference names; `kept` is None, and the part is empty, where it names nothing."""

    kept: Kept | None
    part: bytes = b""
    """What an answer of several items holds for this one: joined, parts are that answer."""


class Pack(Protocol):
    """Makes the part of an answer."""

    def __call__(self, wanted: Reference, kept: Kept) -> bytes:
        """Return the part for one item."""
        ...


class Reading(NamedTuple):
    """The answer to each reference asked for, in the order of their first mention."""

    answers: Mapping[Key, Answer]
    stale_ms: int = 0
    """How long ago the oldest was last known to be so, where that is longer than it should be; else 0."""
    absent: Sequence[Reference] = ()
    """Those that name nothing."""


class Reads(Protocol):
    """Reads items by reference."""

    async def read(self, wanted: Sequence[Key]) -> Reading:
        """Return what the references name. Raises Unavailable, Exhausted or TooLate where the store is needed."""
        ...
