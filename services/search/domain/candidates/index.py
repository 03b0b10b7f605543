"""Candidates, and the port to the index that holds them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from services.search.domain.candidates.lexicon import Lexicon
from services.search.domain.candidates.reading import Reading
from services.search.domain.query import Filters

SLOTS = 1 << 20
"""A base index's positions are multiples of this, so that a delta's documents have places between them."""


class Candidate(NamedTuple):
    """One document that answers a reading of a query. A plain tuple, since a search makes fifty of them."""

    position: int
    """Its place among all documents by popularity; only the order means something."""
    kind: int
    """A Kind's number."""
    title: str
    """Folded."""
    artists: str
    """The credit or the artists' names, folded; empty for an artist."""
    popularity: int
    explicit: int = 0
    """1 where its words are marked as explicit."""
    local: int = 0
    """1 where it may be played in some markets only."""


class Window(NamedTuple):
    """Which part of all that can be found is wanted, and for how long it may be looked for."""

    after: int = 0
    """Only what has a greater position."""
    limit: int = 50
    until_s: float = float("inf")
    """When the time is up, on the process's monotonic clock."""


@dataclass(frozen=True, slots=True)
class Found:
    """What was found."""

    candidates: Sequence[Candidate] = ()
    """In the order of positions."""
    cut: bool = False
    """Whether the time was up before it was looked for everywhere."""


class Index(Protocol):
    """An open index of documents, or several read as one. Searching never waits for anything but the disk."""

    @property
    def name(self) -> str:
        """Return the name of its generation."""
        ...

    def find(self, reading: Reading, filters: Filters, window: Window) -> Found:
        """Return the first candidates of the window that have a word of every group."""
        ...

    @property
    def lexicon(self) -> Lexicon:
        """Return the words that it has."""
        ...

    def titled(self, title: str, filters: Filters, window: Window) -> Found:
        """Return the first candidates of the window whose folded title is this."""
        ...

    def at(self, positions: Sequence[int]) -> Sequence[Candidate]:
        """Return the candidates at these positions, in their order."""
        ...

    def hits(self, positions: Sequence[int]) -> Sequence[bytes]:
        """Return what to send of those at these positions, in their order; opaque here."""
        ...
