"""From a query to a page: candidates from the sources, then rank, then the page's part of the order.

A search runs from its beginning to its end on the event loop, so it never sees two indexes, and two equal searches
never run at the same time.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from itertools import islice

from services.search.domain.candidates import Found, Index, Window
from services.search.domain.merged import Merged
from services.search.domain.paging import START, WINDOW, Cursor
from services.search.domain.query import Query
from services.search.domain.rank import DEFAULT_RANKER, RANKERS, Ranker
from services.search.domain.search import CANDIDATES_CUT, Match, Result, Step
from services.search.domain.sources import SOURCES


@dataclass(frozen=True, slots=True)
class Options:
    """How the engine goes about its work."""

    budget_s: float = 0.005
    """How long one search may look for candidates, and keep the others waiting."""
    off: frozenset[str] = frozenset()
    """The names of sources that are not asked."""


class Engine:
    """Searches an index, with a delta over it if there is one."""

    def __init__(
        self,
        base: Index,
        delta: Index | None,
        hidden: Collection[int],
        monotonic: Callable[[], float],
        options: Options = Options(),
    ) -> None:
        self.generation = base.name
        self.delta = delta.name if delta else ""
        self._index = Merged(base, delta, hidden) if delta else base
        self._monotonic = monotonic
        self._options = options

    def search(
        self,
        query: Query,
        page_size: int,
        page: Cursor = START,
        ranker: Ranker = RANKERS[DEFAULT_RANKER],
    ) -> Result:
        """Return one page of what answers the query; nothing for a query without a letter or digit."""
        if not query.tokens:
            return Result()
        source = SOURCES[0]
        started_s = self._monotonic()
        until_s = started_s + self._options.budget_s
        asked = Window(page.after, page.window + 1, until_s)  # one more, to know whether another window follows
        _, found = source.find(query, self._index, asked) or (None, Found())
        step = Step(source.name, started_s, self._monotonic(), len(found.candidates), found.cut)
        window = found.candidates[: page.window]
        hits = ranker(query, window)[page.offset : page.offset + page_size]
        next_page = _next_page(page, found, hit_count=len(hits))
        matches = [Match(hit, source.name) for hit in hits]
        sources = (source.name,) if hits else ()
        return Result(matches, next_page, sources, _degraded(found), query.tokens, steps=(step,))

    def suggest(self, query: Query, limit: int, ranker: Ranker = RANKERS[DEFAULT_RANKER]) -> Result:
        """Return up to `limit` candidates whose titles complete the query, each folded title once."""
        everything = self.search(query, WINDOW, START, ranker)
        words = query.text.split()
        by_title: dict[str, Match] = {}
        for match in everything.hits:
            if all(word in match.candidate.title for word in words):
                by_title.setdefault(match.candidate.title, match)
        hits = tuple(islice(by_title.values(), limit))
        sources = everything.sources if hits else ()
        return Result(hits, None, sources, everything.degraded, query.tokens, steps=everything.steps)


def _next_page(page: Cursor, found: Found, hit_count: int) -> Cursor | None:
    window = found.candidates[: page.window]
    end = page.offset + hit_count
    if end < len(window):
        return Cursor(page.after, len(window), end)
    more = found.cut or len(found.candidates) > page.window
    return Cursor(after=window[-1].position) if window and more else None


def _degraded(found: Found) -> tuple[str, ...]:
    return (CANDIDATES_CUT,) if found.cut else ()
