"""A search process in small, on a machine of its own, and an indexer that publishes for it."""

from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from services.kit.clock import ManualClock, SystemClock
from services.kit.logs import LogFormat, LogLevel, open_log
from services.search.clients.indexer import MemoryIndexer
from services.search.domain.current import Current
from services.search.domain.document import Document, Kind
from services.search.domain.engine import Engine, Options
from services.search.domain.popular import Popular
from services.search.domain.query import Query
from services.search.domain.rollout import Assignment, Indexer
from services.search.index.build import building
from services.search.index.delta import Delta
from services.search.index.follower import Follower
from services.search.index.generations import Generation
from services.search.index.library import Library, Unusable
from services.search.index.shelf import Shelf
from services.search.index.swap import Change, Swap
from tests.search.oracle import hit

NO_HURRY = Options(budget_s=60.0)
WARM_QUERIES = 3


@dataclass(slots=True)
class Publisher:
    """Publishes generations of a few titles, a second apart, into a folder that an indexer hands out."""

    folder: Path
    _seconds: int = 0

    @property
    def indexer(self) -> MemoryIndexer:
        """Return an indexer that hands out what has been published."""
        return MemoryIndexer(self.folder)

    def generation(self, *titles: str) -> Generation:
        """Publish a generation of tracks with these titles, the most popular first."""
        return self._published(titles, None)

    def delta(self, base: Generation, *titles: str, hidden: Collection[int] = ()) -> Generation:
        """Publish a delta with new tracks that hides some of the base's, which are numbered from 1."""
        return self._published(titles, Delta(base, hidden))

    def _published(self, titles: Sequence[str], delta: Delta | None) -> Generation:
        self._seconds += 1
        built_at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self._seconds)
        with building(self.folder, hit, delta) as build:
            build.add(_track(title, popularity) for popularity, title in enumerate(reversed(titles), start=1))
            return build.publish(source_generation=self._seconds, built_at=built_at)


def _track(title: str, popularity: int) -> Document:
    return Document(Kind.TRACK, f"id of {title}", title, popularity=popularity)


@dataclass(frozen=True, slots=True)
class Machine:
    """The parts of a search process that decide what it serves."""

    clock: ManualClock
    current: Current
    library: Library
    shelf: Shelf
    swap: Swap
    follower: Follower
    changes: list[Change] = field(default_factory=list)
    refusals: list[Unusable] = field(default_factory=list)

    def found(self, query: str) -> list[str]:
        """Return the ids that a search finds, in no promised order."""
        result = self.current.get().search(Query.of(query), page_size=20)
        return sorted(match.hit.decode() for match in result.hits)


@asynccontextmanager
async def open_machine(
    folder: Path, indexer: Indexer, *, engine: type[Engine] = Engine, popular: Sequence[str] = ()
) -> AsyncGenerator[Machine, None]:
    """Open a search process that keeps its generations in the folder."""
    clock, current, counted = ManualClock(), Current(), Popular(bound=100)
    for query in popular:
        counted.note(query)
    monotonic = SystemClock().monotonic
    log = open_log("search", clock, LogFormat.TEXT, LogLevel.ERROR)
    library = Library(folder, indexer, log)
    shelf = Shelf(library, monotonic)
    swap = Swap(shelf, current, partial(engine, monotonic=monotonic, options=NO_HURRY), counted, WARM_QUERIES)
    machine = Machine(clock, current, library, shelf, swap, Follower("search", indexer, library, swap, clock, log))
    machine.follower.on_change, machine.follower.on_refusal = machine.changes.append, machine.refusals.append
    try:
        yield machine
    finally:
        await shelf.close_all_but()


def assigned(generation: Generation, delta: Generation | None = None, *, keep: Sequence[Generation] = ()) -> Assignment:
    """Return an assignment to these."""
    return Assignment(generation.name, delta.name if delta else "", frozenset(each.name for each in keep))
