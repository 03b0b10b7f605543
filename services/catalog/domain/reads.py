"""How items are read by id: the port that the API asks, and what it gives. `store/cached.py` has its implementation."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from services.catalog.domain.items import Reference
from services.catalog.domain.store import Kept


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reference names; `kept` is None, and there are no parts, where it names nothing."""

    kept: Kept | None
    parts: tuple[bytes, ...] = ()
    """What an answer of several items holds for this one, ready to be joined."""


class Pack(Protocol):
    """Makes the parts of an answer."""

    def __call__(self, wanted: Reference, kept: Kept) -> tuple[bytes, ...]:
        """Return the parts; one of them is the kept bytes themselves, which then are in memory once."""
        ...


class Reading(NamedTuple):
    """The answer to each reference asked for, in the order of their first mention."""

    answers: Mapping[Reference, Answer]
    stale_ms: int = 0
    """How long ago the oldest was last known to be so, where that is longer than it should be; else 0."""


class Reads(Protocol):
    """Reads items by reference."""

    async def read(self, wanted: Iterable[Reference]) -> Reading:
        """Return what the references name. Raises Unavailable, Exhausted or TooLate where the store is needed."""
        ...
