"""From a query to a page: candidates, then rank, then the page's part of the order. Suggestions go the same way."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from services.search.domain.candidates import Candidate, CandidateSource, Found
from services.search.domain.paging import WINDOW, Cursor
from services.search.domain.query import Query
from services.search.domain.rank import Ranker

CANDIDATES_CUT = "candidates_cut"
"""In `Result.degraded`: a source's time was up before it had looked everywhere."""


class Match(NamedTuple):
    """A candidate among the results. A plain tuple, since an answer has twenty of them."""

    candidate: Candidate
    source: str
    """The name of the source that found it."""


@dataclass(frozen=True, slots=True)
class Correction:
    """What was searched for instead of what was typed."""

    query: str
    """As a person would type it."""
    changed: tuple[tuple[int, int], ...]
    """The parts of it that differ from what was typed: begin and end, in code points."""


@dataclass(frozen=True, slots=True)
class Result:
    """What was found, best first."""

    hits: Sequence[Match] = ()
    next_page: Cursor | None = None
    sources: tuple[str, ...] = ()
    """The names of the sources that contributed."""
    degraded: tuple[str, ...] = ()
    """What was left out to answer in time."""
    words: tuple[str, ...] = ()
    """The folded tokens that were looked for in the end, the last as a beginning; for marking them in what is shown."""
    correction: Correction | None = None


def search(query: Query, source: CandidateSource, ranker: Ranker, page_size: int, page: Cursor = Cursor()) -> Result:  # noqa: B008 - frozen
    """Return one page of what answers the query; nothing for a query without a letter or digit."""
    if not query.tokens:
        return Result()
    found = source.find(query, page.after, page.window + 1)  # one more, to know whether another window follows
    window = found.candidates[: page.window]
    hits = ranker(query, window)[page.offset : page.offset + page_size]
    next_page = _next_page(page, found, hit_count=len(hits))
    matches = [Match(hit, source.name) for hit in hits]
    return Result(matches, next_page, (source.name,) if hits else (), _degraded(found), query.tokens)


def suggest(query: Query, source: CandidateSource, ranker: Ranker, limit: int) -> Result:
    """Return up to `limit` candidates whose titles complete the query, each folded title once."""
    if not query.tokens:
        return Result()
    found = source.find(query, 0, WINDOW)
    words = query.text.split()
    by_title: dict[str, Candidate] = {}
    for candidate in ranker(query, found.candidates):
        if all(word in candidate.title for word in words):
            by_title.setdefault(candidate.title, candidate)
    hits = [Match(hit, source.name) for hit in islice(by_title.values(), limit)]
    return Result(hits, None, (source.name,) if hits else (), _degraded(found), query.tokens)


def _next_page(page: Cursor, found: Found, hit_count: int) -> Cursor | None:
    window = found.candidates[: page.window]
    end = page.offset + hit_count
    if end < len(window):
        return Cursor(page.after, len(window), end)
    more = found.cut or len(found.candidates) > page.window
    return Cursor(after=window[-1].position) if window and more else None


def _degraded(found: Found) -> tuple[str, ...]:
    return (CANDIDATES_CUT,) if found.cut else ()
