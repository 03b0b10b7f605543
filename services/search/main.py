"""Opens search: the only module of it that knows concrete classes."""

import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from services.kit.errors import Invalid, Unavailable
from services.kit.flags.client.opening import open_flags
from services.kit.grpc.calls import Rules
from services.kit.grpc.server import Listening, open_grpc_server
from services.kit.http.client import HttpClient
from services.kit.lifecycle import Phase, Running, background
from services.kit.process import Surroundings
from services.kit.resilience.backlog import Backlog
from services.kit.service import Frame, open_frame
from services.kit.settings import Secret
from services.search.api.index_page import PATH, IndexPage, sections
from services.search.api.service import SearchApi
from services.search.clients.indexer import HttpIndexer
from services.search.domain.candidates.sources import SOURCES
from services.search.domain.current import Current
from services.search.domain.degrade import Thresholds
from services.search.domain.engine import Engine, Options
from services.search.domain.popular import Popular
from services.search.domain.rollout import Assignment
from services.search.index.follower import Follower
from services.search.index.library import Library
from services.search.index.pointer import Pointer, read_pointer, write_pointer
from services.search.index.shelf import Shelf
from services.search.index.sqlite_index import SqliteIndex
from services.search.index.swap import Change, MakeEngine, Swap
from services.search.settings import SearchSettings
from services.search.shown import Shown
from services.search.signals import BACKLOG, METRICS, RPC
from services.search.tally import CountedCache, Tally

NAME = "search"
POPULAR_QUERIES = 4096
"""Different queries that are counted, to warm a new index with."""
_MOST_NAME_CHARS = 64
_SEARCH_S = 0.0005
"""What a search is taken for where time that work waits is told in searches."""


@dataclass(frozen=True, slots=True)
class Searched:
    """What searches and swaps share."""

    options: Options
    current: Current = field(default_factory=Current)
    backlog: Backlog = field(default_factory=Backlog)
    popular: Popular = field(default_factory=lambda: Popular(POPULAR_QUERIES))

    def pressure(self) -> int:
        """Return how many searches wait."""
        return round(self.backlog.delay_s / _SEARCH_S)


@asynccontextmanager
async def open_search(settings: SearchSettings, surroundings: Surroundings) -> AsyncGenerator[Running, None]:
    """Serve the index that the indexer assigns; while it is silent, the one served before or the newest that is here.

    Raises Conflict where the port is taken, Invalid for settings that cannot be.
    """
    listening = Listening(settings.host, settings.grpc_port, "BACKLINE_SEARCH_GRPC_PORT", surroundings.settings.grace_s)
    searched = Searched(_options(settings))
    async with (
        open_frame(NAME, settings, METRICS, surroundings) as frame,
        open_flags(settings.flags, frame, surroundings) as flags,
        _open_swap(settings, surroundings, frame, searched) as (swap, follower),
        open_grpc_server(
            SearchApi(searched.current, _tally(frame, searched).note, flags).methods(settings.limit_s),
            Rules(frame.telemetry, RPC, frame.clock, Secret()),
            listening,
            frame.health,
        ) as address,
    ):
        frame.health.dependencies["indexer"] = lambda: follower.answers
        frame.mounted[PATH] = IndexPage(lambda: sections(swap, follower, searched.options, frame.clock.now()))
        await frame.health.set(Phase.STARTING, waiting_for="index")
        await follower.begin(_remembered(surroundings), settings.poll_s)
        async with background(follower.follow(settings.poll_s), searched.backlog.watch(frame.clock.monotonic)):
            await frame.serve()
            yield frame.running(grpc=address)


@asynccontextmanager
async def _open_swap(
    settings: SearchSettings, surroundings: Surroundings, frame: Frame, searched: Searched
) -> AsyncGenerator[tuple[Swap, Follower], None]:
    """Give what serves one generation after the other, and what tells it which; at the end all of them are closed."""
    monotonic, log = frame.clock.monotonic, frame.telemetry.log
    indexer = HttpIndexer(HttpClient(settings.indexer), settings.ask_limit_s, settings.fetch_limit_s)
    library = Library(surroundings.shared_folder("index"), indexer, log)
    shelf = Shelf(library, monotonic)
    swap = Swap(
        shelf, searched.current, _engine_maker(settings, frame, searched), searched.popular, settings.warm_queries
    )
    # Processes on several machines may have one name, and one machine has several.
    name = f"{surroundings.process or NAME}@{socket.gethostname()}"[:_MOST_NAME_CHARS]
    follower = Follower(name, indexer, library, swap, frame.clock, log)
    shown = Shown(frame.telemetry, swap, follower)

    def changed(change: Change) -> None:
        shown.changed(change)
        _remember(surroundings, frame, swap.serving)

    follower.on_change, follower.on_refusal = changed, shown.refused
    try:
        yield swap, follower
    finally:
        await shelf.close_all_but()


def _engine_maker(settings: SearchSettings, frame: Frame, searched: Searched) -> MakeEngine:
    frame.telemetry.gauge(BACKLOG).set_function(lambda: searched.backlog.delay_s)

    def make(base: SqliteIndex, delta: SqliteIndex | None, hidden: frozenset[int]) -> Engine:
        # Of its own, so that it goes with the engine: nothing of what it holds is an answer from another index.
        cache = CountedCache(settings.cache_entries, frame.telemetry)
        return Engine(base, delta, hidden, frame.clock.monotonic, searched.options, cache, searched.pressure)

    return make


def _tally(frame: Frame, searched: Searched) -> Tally:
    return Tally(frame.telemetry, [source.name for source in SOURCES], searched.popular, frame.clock)


def _options(settings: SearchSettings) -> Options:
    """Return how engines go about their work. Raises Invalid for a source that there is not."""
    bounds = settings.degrade
    thresholds = Thresholds(bounds.spare_sources, bounds.short_queries, bounds.everything)
    names = frozenset(name.strip() for name in settings.sources_off.split(",") if name.strip())
    known = {source.name for source in SOURCES}
    if not names <= known:
        unknown = ", ".join(sorted(names - known))
        raise Invalid(f"BACKLINE_SEARCH_SOURCES_OFF={settings.sources_off!r}: there is no source {unknown}.")
    return Options(settings.share_s, names, thresholds)


def _remember(surroundings: Surroundings, frame: Frame, served: Assignment) -> None:
    """Write down what is served, for a start without the indexer."""
    try:
        write_pointer(surroundings.folder(NAME), Pointer(current=served.generation, delta=served.delta))
    except Unavailable as failure:
        frame.telemetry.log.warning("index.not_remembered", reason=str(failure))


def _remembered(surroundings: Surroundings) -> list[Assignment]:
    """Return what an indexer on this machine last said, and what this process served last."""
    folders = (surroundings.shared_folder("index"), surroundings.folder(NAME))
    return [Assignment(pointer.current, pointer.delta) for pointer in map(read_pointer, folders)]
