"""The port to the index that candidates come from."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from services.search.domain.candidates.candidate import Candidate
from services.search.domain.candidates.lexicon import Lexicon
from services.search.domain.candidates.reading import Reading
from services.search.domain.query import Filters

SLOTS = 1 << 20
"""A base index's positions are multiples of this, so that a delta's documents have places between them."""


class Window(NamedTuple):
    """Which part of all that can be found is wanted, and for how long it may be looked for."""

    after: int = 0
    """Only what has a greater position."""
    limit: int = 50
    until_s: float = float("inf")
    """When the time is up, on the process's monotonic clock."""


class Found(NamedTuple):
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
