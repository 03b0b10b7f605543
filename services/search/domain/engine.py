"""From a query to a page: candidates from the sources, then rank, then the page's part of the order.

A search runs from its beginning to its end on the event loop, so it never sees two indexes, and two equal searches
never run at the same time.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import islice

from services.search.domain.candidates import Candidate, Found, Index, Window
from services.search.domain.gathering import Finding, Gathering
from services.search.domain.merged import Merged
from services.search.domain.paging import START, WINDOW, Cursor
from services.search.domain.query import Query
from services.search.domain.rank import DEFAULT_RANKER, RANKERS, Ranker
from services.search.domain.search import Match, Result, Step
from services.search.domain.sources import SOURCES
from services.search.domain.windows import Order, ranked


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
        self._sources = [source for source in SOURCES if source.name not in options.off]

    def search(
        self, query: Query, page_size: int, page: Cursor = START, ranker: Ranker = RANKERS[DEFAULT_RANKER]
    ) -> Result:
        """Return one page of what answers the query; nothing for a query without a letter or digit."""
        if not query.tokens:
            return Result()
        order, candidates, steps = self._ordered(query, page, ranker)
        end = page.offset + page_size
        found_by = [order.readings[number][0] for number in order.found_by[page.offset : end]]
        hits = candidates[page.offset : end]
        return Result(
            hits=tuple(map(Match, hits, found_by)),
            next_page=order.next_page(page, len(hits)),
            sources=tuple(dict.fromkeys(found_by)),
            degraded=order.degraded,
            words=order.meaning.words,
            correction=order.meaning.correction,
            steps=tuple(steps),
        )

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

    def _ordered(self, query: Query, page: Cursor, ranker: Ranker) -> tuple[Order, Sequence[Candidate], Sequence[Step]]:
        """Return the ranked window that the page is cut from."""
        until_s = self._monotonic() + self._options.budget_s
        gathering, steps = self._gathered(query, until_s)
        first = page if not page.after else START
        order, candidates = ranked(query, gathering.findings, first, ranker)
        if page.after:
            rest = self._rest(query, order, page, until_s)
            order, candidates = ranked(query, [rest], page, ranker)
        return order, candidates, steps

    def _gathered(self, query: Query, until_s: float) -> tuple[Gathering, list[Step]]:
        """Ask the sources in turn, each as long as its share lasts and only where it is needed."""
        gathering, steps = Gathering(query, self._index), list[Step]()
        for source in self._sources:
            if not source.needed(gathering):
                continue
            started_s = self._monotonic()
            share_until_s = min(until_s, started_s + source.share * self._options.budget_s)
            finding = source.find(gathering, Window(limit=WINDOW + 1, until_s=share_until_s))
            if finding:
                gathering.findings.append(finding)
                found = finding.found
                steps.append(Step(source.name, started_s, self._monotonic(), len(found.candidates), found.cut))
        return gathering, steps

    def _rest(self, query: Query, first: Order, page: Cursor, until_s: float) -> Finding:
        """Go on with what found more than the first window holds, without what other sources added to that."""
        source, reading = first.readings[first.goes_on]
        shown = {position for position in first.positions if position > page.after}
        asked = Window(page.after, page.window + 1 + len(shown), until_s)
        found = self._index.find(reading, query.filters, asked)
        rest = [candidate for candidate in found.candidates if candidate.position not in shown]
        return Finding(source, reading, Found(rest, found.cut))
