"""The second room: candidates from named sources, in the order of popularity."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from services.search.domain.query import Query


class Candidate(NamedTuple):
    """One document that has all tokens of a query. A plain tuple, since a search makes sixty of them."""

    position: int
    """Its place among all documents by popularity, counted from 1."""
    kind: int
    """A Kind's number."""
    title: str
    """Folded."""
    artists: str
    """The credit or the artists' names, folded; empty for an artist."""
    popularity: int
    hit: bytes
    """What to send when it is among the results; opaque here."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a source found."""

    candidates: Sequence[Candidate]
    """In the order of positions."""
    cut: bool = False
    """Whether the source's time was up before it had looked everywhere."""


class CandidateSource(Protocol):
    """Finds candidates in one way, within a share of time that is its own affair."""

    @property
    def name(self) -> str:
        """Return the name that answers and metrics call it by."""
        ...

    def find(self, query: Query, after: int, limit: int) -> Found:
        """Return the first `limit` candidates whose position is greater than `after`."""
        ...
