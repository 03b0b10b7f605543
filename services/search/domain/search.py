"""What comes of a search: hits, why each is among them, and what was left out or searched for instead."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from services.search.domain.candidates.candidate import Candidate
from services.search.domain.paging import Cursor

CANDIDATES_CUT = "candidates_cut"
"""In `Result.degraded`: a source's time was up before it had looked everywhere."""


class Match(NamedTuple):
    """A candidate among the results. A plain tuple, since an answer has twenty of them."""

    candidate: Candidate
    source: str
    """The name of the source that found it."""
    hit: bytes
    """What to send of it; opaque here."""


class Step(NamedTuple):
    """What one source did for a search, to be counted and traced."""

    source: str
    started_s: float
    """On the process's monotonic clock."""
    ended_s: float
    found: int
    """How many candidates it found."""
    cut: bool
    """Whether its time was up."""


@dataclass(frozen=True, slots=True)
class Correction:
    """What was searched for instead of what was typed."""

    query: str
    """As a person would type it."""
    changed: tuple[tuple[int, int], ...]
    """The parts of it that differ from what was typed: begin and end, in code points."""


class Result(NamedTuple):
    """What was found, best first."""

    hits: Sequence[Match] = ()
    next_page: Cursor | None = None
    sources: tuple[str, ...] = ()
    """The names of the sources that contributed."""
    degraded: tuple[str, ...] = ()
    """What was left out to answer in time."""
    words: tuple[str, ...] = ()
    """The folded tokens that were looked for in the end, the last as a beginning; for marking them in what is shown."""
    alternatives: tuple[str, ...] = ()
    """What else would have done in place of a word that was corrected; to be marked likewise."""
    correction: Correction | None = None
    steps: tuple[Step, ...] = ()
    """What each source did, in the order in which they were asked."""
