"""From a query to a page: candidates from the sources, then rank, then the page's part of the order.

A search runs from its beginning to its end on the event loop, so it never sees two indexes, and two equal searches
never run at the same time.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import NamedTuple

from services.kit.errors import Exhausted
from services.search.domain import degrade
from services.search.domain.cache import Cache
from services.search.domain.candidates.candidate import Candidate
from services.search.domain.candidates.gathering import Finding, Gathering
from services.search.domain.candidates.index import Found, Index, Window
from services.search.domain.candidates.merged import Merged
from services.search.domain.candidates.sources import SOURCES, SUGGESTING, Source
from services.search.domain.correction import correction
from services.search.domain.paging import START, WINDOW, Cursor
from services.search.domain.query import Query
from services.search.domain.ranking.rank import DEFAULT_RANKER, RANKERS, Ranker
from services.search.domain.ranking.windows import Order, ranked
from services.search.domain.search import Match, Result, Step


@dataclass(frozen=True, slots=True)
class Options:
    """How the engine goes about its work."""

    budget_s: float = 0.005
    """How long one search may look for candidates, and keep the others waiting."""
    off: frozenset[str] = frozenset()
    """The names of sources that are not asked."""
    thresholds: degrade.Thresholds = field(default_factory=degrade.Thresholds)


_match: Callable[[tuple[Candidate, str, bytes]], Match] = partial(tuple.__new__, Match)
"""Makes a match of its fields, in half the time that its own constructor takes."""


class _Window(NamedTuple):
    """The ranked window that a page is cut from."""

    order: Order
    candidates: Sequence[Candidate] | None = None
    """In its order; None where it was remembered."""
    steps: Sequence[Step] = ()


class Engine:
    """Searches an index, with a delta over it if there is one.

    `pressure` tells how many searches wait or are under way. Engines may share a cache: what one has found is no answer
    to what another one is asked, unless they search the same.
    """

    def __init__(
        self,
        base: Index,
        delta: Index | None,
        hidden: Collection[int],
        monotonic: Callable[[], float],
        options: Options = Options(),
        cache: Cache[Order] | None = None,
        pressure: Callable[[], int] = lambda: 0,
    ) -> None:
        self.generation = base.name
        self.delta = delta.name if delta else ""
        self._index = Merged(base, delta, hidden) if delta else base
        self._monotonic = monotonic
        self._options = options
        self._cache = cache if cache is not None else Cache[Order](0)
        self._pressure = pressure
        self._searching = tuple(source for source in SOURCES if source.name not in options.off)
        self._suggesting = tuple(source for source in self._searching if source.name in SUGGESTING)

    def search(
        self, query: Query, page_size: int, page: Cursor = START, ranker: Ranker = RANKERS[DEFAULT_RANKER]
    ) -> Result:
        """Return one page of what answers the query; nothing for a query without a letter or digit.

        Raises Exhausted where more is asked than can be answered.
        """

        def page_of(window: _Window) -> Iterable[int]:
            return range(len(window.order.positions))[page.offset : page.offset + page_size]

        return self._answer(query, page, ranker, self._searching, page_of)

    def suggest(self, query: Query, limit: int, ranker: Ranker = RANKERS[DEFAULT_RANKER]) -> Result:
        """Return up to `limit` candidates whose titles complete the query, each folded title once.

        Words are only corrected where as they stand nothing has them. Raises as `search` does.
        """

        def titles(window: _Window) -> Iterable[int]:
            by_title: dict[str, int] = {}
            for place, candidate in enumerate(self._candidates(window, range(len(window.order.positions)))):
                if all(word in candidate.title for word in window.order.meaning.words):
                    by_title.setdefault(candidate.title, place)
            return islice(by_title.values(), limit)

        return self._answer(query, START, ranker, self._suggesting, titles)._replace(next_page=None)

    def _answer(
        self,
        query: Query,
        page: Cursor,
        ranker: Ranker,
        sources: tuple[Source, ...],
        choose: Callable[[_Window], Iterable[int]],
    ) -> Result:
        if not query.tokens:
            return Result()
        window = self._remembered(query, page, ranker, sources)
        if window is None:
            return Result(degraded=(degrade.SHORT_QUERY_SKIPPED,), words=query.tokens)
        order, places = window.order, [*choose(window)]
        found_by = [order.readings[order.found_by[place]][0] for place in places]
        hits = self._index.hits([order.positions[place] for place in places])
        return Result(
            hits=tuple(map(_match, zip(self._candidates(window, places), found_by, hits, strict=True))),
            next_page=order.next_page(page, len(hits)),
            sources=_distinct(found_by),
            degraded=order.degraded,
            words=order.meaning.words,
            alternatives=order.meaning.alternatives,
            correction=correction(query, order.meaning),
            steps=tuple(window.steps),
        )

    def _candidates(self, window: _Window, places: Sequence[int]) -> Sequence[Candidate]:
        if window.candidates is None:
            return self._index.at([window.order.positions[place] for place in places])
        return [window.candidates[place] for place in places]

    def _remembered(self, query: Query, page: Cursor, ranker: Ranker, sources: tuple[Source, ...]) -> _Window | None:
        """Return the window that the page is cut from; None where it is too much to look for now."""
        place = (self.generation, self.delta, page.after, page.window, sources is self._suggesting)
        key = (*place, query.text, query.filters, query.prefer_clean, ranker)
        if order := self._cache.get(key):
            return _Window(order)
        level = self._options.thresholds.level(self._pressure())
        if level >= degrade.Level.EVERYTHING:
            retry_after_s = self._options.thresholds.retry_after_s
            raise Exhausted("Too many searches at once; try again in a moment.", retry_after_s=retry_after_s)
        if level >= degrade.Level.SHORT_QUERIES and degrade.is_short(query):
            return None
        if page.after:
            window = self._further(query, page, ranker, sources)
        else:
            window = self._first(query, page, ranker, sources, spare=level < degrade.Level.SPARE_SOURCES)
        if window and not window.order.degraded:
            self._cache.put(key, window.order)
        return window

    def _first(self, query: Query, page: Cursor, ranker: Ranker, sources: Sequence[Source], *, spare: bool) -> _Window:
        """Rank what the sources find, each asked for as long as its share lasts and only where it is needed."""
        gathering, steps, skipped = Gathering(query, self._index), list[Step](), False
        started_s = self._monotonic()
        until_s = started_s + self._options.budget_s
        for source in sources:
            if not source.needed(gathering):
                continue
            if source.spare and not spare:
                skipped = True
                continue
            share_until_s = min(until_s, started_s + source.share * self._options.budget_s)
            finding = source.find(gathering, Window(0, WINDOW + 1, share_until_s))
            ended_s = self._monotonic()
            if finding:
                gathering.add(finding)
                found = finding.found
                steps.append(Step(source.name, started_s, ended_s, len(found.candidates), found.cut))
            started_s = ended_s
        order, candidates = ranked(query, gathering.findings, page, ranker)
        if skipped:
            order = order._replace(degraded=(*order.degraded, degrade.SOURCES_SKIPPED))
        return _Window(order, candidates, steps)

    def _further(self, query: Query, page: Cursor, ranker: Ranker, sources: tuple[Source, ...]) -> _Window | None:
        """Go on with what found more than the first window holds, without what other sources added to that."""
        first = self._remembered(query, START, ranker, sources)
        if first is None or not first.order.readings:
            return first
        source, reading = first.order.readings[first.order.goes_on]
        shown = {position for position in first.order.positions if position > page.after}
        until_s = self._monotonic() + self._options.budget_s
        asked = Window(page.after, page.window + 1 + len(shown), until_s)
        found = self._index.find(reading, query.filters, asked)
        rest = [candidate for candidate in found.candidates if candidate.position not in shown]
        order, candidates = ranked(query, [Finding(source, reading, Found(rest, found.cut))], page, ranker)
        meant = order.meaning._replace(wanted=first.order.meaning.wanted)
        return _Window(order._replace(meaning=meant), candidates)


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
