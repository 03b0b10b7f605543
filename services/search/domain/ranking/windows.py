"""Windows of a ranked answer: what sources found, in a ranker's order, and where the next window begins.

The first window has what all sources found. What follows it is the rest of the one source that found more than can be
ranked at once, without what the first window had.
"""

from array import array
from collections.abc import Sequence
from typing import NamedTuple

from services.search.domain.candidates.candidate import Candidate
from services.search.domain.candidates.gathering import Finding
from services.search.domain.candidates.reading import Reading
from services.search.domain.correction import Meaning, meaning
from services.search.domain.paging import Cursor
from services.search.domain.query import Query
from services.search.domain.ranking.rank import Ranker
from services.search.domain.search import CANDIDATES_CUT


class Order(NamedTuple):
    """A ranked window, small enough to be remembered."""

    positions: Sequence[int]
    """Best first."""
    found_by: bytes
    """For each, which of the readings found it."""
    readings: tuple[tuple[str, Reading], ...]
    """By source."""
    size: int
    """How many candidates of the source that goes on it holds."""
    goes_on: int
    """Which of the readings the next window is of."""
    next_after: int
    """The position after which the next window begins; 0 where there is none."""
    degraded: tuple[str, ...]
    """What was left out to answer in time."""
    meaning: Meaning
    """What the best one was found by."""

    def next_page(self, page: Cursor, hit_count: int) -> Cursor | None:
        """Return where the page after this one begins; None after the last."""
        end = page.offset + hit_count
        if end < len(self.positions):
            return Cursor(page.after, self.size, end)
        return Cursor(after=self.next_after) if self.next_after else None


def ranked(
    query: Query, findings: Sequence[Finding], page: Cursor, ranker: Ranker
) -> tuple[Order, Sequence[Candidate]]:
    """Return the order of what was found, and the candidates in it.

    What several sources found counts as the first one's. Equals stay as they were found.
    """
    candidates: list[Candidate] = []
    scores: list[float] = []
    found_by = bytearray()
    for number, finding in enumerate(findings):
        window = finding.found.candidates[: page.window]
        if candidates and window:
            known = {candidate[0] for candidate in candidates}
            window = [candidate for candidate in window if candidate.position not in known]
        if not window:
            continue
        candidates += window
        scores += ranker.scores(finding.reading, window, prefer_clean=query.prefer_clean)
        found_by += bytes([number]) * len(window)
    places = sorted(range(len(scores)), key=scores.__getitem__, reverse=True)
    in_order = [candidates[place] for place in places]
    goes_on = _going_on(findings, page)
    part = findings[goes_on].found.candidates[: page.window] if goes_on is not None else ()
    best = findings[found_by[places[0]]].reading if places else None
    order = Order(
        positions=array("Q", [candidate[0] for candidate in in_order]),
        found_by=bytes([found_by[place] for place in places]),
        readings=tuple([(finding.source, finding.reading) for finding in findings]),
        size=len(part) or page.window,
        goes_on=goes_on or 0,
        next_after=part[-1].position if part else 0,
        degraded=(CANDIDATES_CUT,) if any(finding.found.cut for finding in findings) else (),
        meaning=meaning(query, best, in_order[0]) if best else Meaning(query.tokens),
    )
    return order, in_order


def _going_on(findings: Sequence[Finding], page: Cursor) -> int | None:
    """Return which of the sources has found more than the window holds, or might have, had there been time."""
    for number, (_, _, found) in enumerate(findings):
        if len(found.candidates) > page.window or (found.cut and found.candidates):
            return number
    return None
