"""Windows of a ranked answer: what sources found, in a ranker's order, and where the next window begins.

The first window has what all sources found. What follows it is the rest of the one source that found more than can be
ranked at once, without what the first window had.
"""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from services.search.domain.candidates import Candidate
from services.search.domain.correction import correction
from services.search.domain.gathering import Finding
from services.search.domain.paging import Cursor
from services.search.domain.query import Query
from services.search.domain.rank import Ranker
from services.search.domain.reading import Reading, Wordings
from services.search.domain.search import CANDIDATES_CUT, Correction


@dataclass(frozen=True, slots=True)
class Order:
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
    degraded: tuple[str, ...] = ()
    """What was left out to answer in time."""
    words: tuple[str, ...] = ()
    """What was looked for, the last as a beginning."""
    correction: Correction | None = None
    """What the best one was found by, where that is not what was typed."""

    def next_page(self, page: Cursor, hit_count: int) -> Cursor | None:
        """Return where the page after this one begins; None after the last."""
        end = page.offset + hit_count
        if end < len(self.positions):
            return Cursor(page.after, self.size, end)
        return Cursor(after=self.next_after) if self.next_after else None


def ranked(
    query: Query, findings: Sequence[Finding], page: Cursor, ranker: Ranker
) -> tuple[Order, Mapping[int, Candidate]]:
    """Return the order of what was found, and the candidates by position.

    What several sources found counts as the first one's.
    """
    candidates: dict[int, Candidate] = {}
    scored: list[tuple[float, int, int]] = []
    for number, finding in enumerate(findings):
        fresh = [each for each in finding.found.candidates[: page.window] if each.position not in candidates]
        scores = ranker.scores(finding.reading, fresh, prefer_clean=query.prefer_clean)
        for candidate, score in zip(fresh, scores, strict=True):
            candidates[candidate.position] = candidate
            scored.append((-score, candidate.position, number))
    scored.sort()
    goes_on = _going_on(findings, page)
    part = findings[goes_on].found.candidates[: page.window] if goes_on is not None else ()
    order = Order(
        positions=array("Q", [position for _, position, _ in scored]),
        found_by=bytes([number for _, _, number in scored]),
        readings=tuple([(finding.source, finding.reading) for finding in findings]),
        size=len(part) or page.window,
        goes_on=goes_on or 0,
        next_after=part[-1].position if part else 0,
        degraded=(CANDIDATES_CUT,) if any(finding.found.cut for finding in findings) else (),
    )
    return (_explained(order, query, candidates[order.positions[0]]) if scored else order), candidates


def _going_on(findings: Sequence[Finding], page: Cursor) -> int | None:
    """Return which of the sources has found more than the window holds, or might have, had there been time."""
    for number, (_, _, found) in enumerate(findings):
        if len(found.candidates) > page.window or (found.cut and found.candidates):
            return number
    return None


def _explained(order: Order, query: Query, best: Candidate) -> Order:
    """Return the order with what the best candidate was found by."""
    reading = order.readings[order.found_by[0]][1]
    phrase = Wordings(reading).of(best.title, best.artists)
    words = dict.fromkeys((*query.tokens, *(word.text for group in reading.groups for word in group)))
    words.pop(phrase.words[-1], None)
    return replace(order, words=(*words, phrase.words[-1]), correction=correction(query, phrase, best))
