"""Opens the catalog: the only module of it that knows concrete classes."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import fields
from pathlib import Path

from services.catalog.api.admin import CatalogAdminApi
from services.catalog.api.service import CatalogApi
from services.catalog.api.watch import WatchApi
from services.catalog.api.wire import batch_part, decode, encode
from services.catalog.domain.items import Kind
from services.catalog.domain.store import CatalogStore
from services.catalog.settings import CatalogSettings
from services.catalog.signals import (
    CACHE_ENTRIES,
    CACHE_FETCHING,
    CACHE_READS,
    CACHE_SIZE,
    FOLLOWER_LAG,
    GENERATION,
    ITEMS,
    METRICS,
    RPC,
    WATCHERS,
)
from services.catalog.store.cached import FRESH_S, CachedReads, Tally, open_cache
from services.catalog.store.follower import Follower
from services.catalog.store.postgres.limits import PostgresLimits
from services.catalog.store.postgres.opening import open_postgres_catalog
from services.catalog.store.sqlite.catalog import open_sqlite_catalog
from services.kit.admin import admin_token
from services.kit.clock import Clock
from services.kit.errors import Failure, Invalid
from services.kit.flags.client.opening import open_flags
from services.kit.grpc.calls import Rules
from services.kit.grpc.server import Listening, open_grpc_server
from services.kit.lifecycle import Health, Phase, Running, background
from services.kit.process import Surroundings
from services.kit.service import open_frame
from services.kit.telemetry import Telemetry

NAME = "catalog"


@asynccontextmanager
async def open_catalog(settings: CatalogSettings, surroundings: Surroundings) -> AsyncGenerator[Running, None]:
    """Serve the catalogue kept in the database that the settings name, or else in the process's folder.

    Raises Conflict where another process has the folder or the port, Unavailable where the store cannot be used, and
    Invalid where it is not a catalogue of this version.
    """
    common = surroundings.settings
    listening = Listening(settings.host, settings.grpc_port, "BACKLINE_CATALOG_GRPC_PORT", common.grace_s)
    async with (
        open_frame(NAME, settings, METRICS, surroundings) as frame,
        open_flags(settings.flags, frame, surroundings),
        open_store(settings, surroundings.folder(NAME), frame.clock) as store,
        open_cache(store, batch_part, settings.cache, frame.clock, surroundings.ids.source) as cache,
    ):
        follower = Follower(store, cache, frame.clock, frame.telemetry.log)
        await follower.begin()
        watch = WatchApi(store, follower, settings.heartbeat_s, settings.watchers)
        admin = CatalogAdminApi(store, follower.written, frame.clock)
        methods = [
            *CatalogApi(store, cache).methods(settings.limit_s, settings.export_limit_s),
            *watch.methods(settings.watch_limit_s),
            *admin.methods(settings.import_limit_s, settings.change_limit_s),
        ]
        rules = Rules(frame.telemetry, RPC, frame.clock, admin_token(common.home))
        frame.health.dependencies["store"] = lambda: cache.lag_s() <= FRESH_S
        frame.telemetry.gauge(WATCHERS).set_function(lambda: watch.watchers)
        _show_cache(frame.telemetry, cache)
        async with (
            background(
                follower.follow(settings.follow_s),
                _show_changes(frame.telemetry, store, follower),
                _end_at_drain(follower, frame.health),
            ),
            open_grpc_server(methods, rules, listening, frame.health) as address,
        ):
            await frame.serve()
            yield frame.running(grpc=address)


@asynccontextmanager
async def open_store(settings: CatalogSettings, folder: Path, clock: Clock) -> AsyncGenerator[CatalogStore, None]:
    """Open the catalogue in the database that the settings name; where they name none, that in the folder.

    Raises Invalid for a URL that names no kind of store there is, and what the store's own opening raises.
    """
    async with AsyncExitStack() as stack:
        url = settings.store
        if not url:
            yield await stack.enter_async_context(open_sqlite_catalog(folder, encode, decode))
        elif url.startswith(("postgresql://", "postgres://")):
            limits = PostgresLimits(connections=settings.store_connections)
            yield await stack.enter_async_context(open_postgres_catalog(url, encode, decode, clock, limits))
        else:
            raise Invalid("BACKLINE_CATALOG_STORE is neither a postgresql:// address nor left empty.", field="store")


def _show_cache(telemetry: Telemetry, cache: CachedReads) -> None:
    """Let the metrics read the cache."""
    cache.tally = Tally(*(telemetry.counter(CACHE_READS, outcome=field.name) for field in fields(Tally)))
    telemetry.gauge(CACHE_ENTRIES).set_function(cache.entries)
    telemetry.gauge(CACHE_SIZE).set_function(cache.size_bytes)
    telemetry.gauge(CACHE_FETCHING).set_function(cache.fetching)
    telemetry.gauge(FOLLOWER_LAG).set_function(cache.lag_s)


async def _show_store(telemetry: Telemetry, store: CatalogStore, generation: int) -> None:
    """Show what the store holds now."""
    counts = await store.counts()
    telemetry.gauge(GENERATION).set(generation)
    held = {Kind.TRACK: counts.tracks, Kind.ALBUM: counts.albums, Kind.ARTIST: counts.artists}
    for kind, number in held.items():
        telemetry.gauge(ITEMS, kind=kind).set(number)


async def _show_changes(telemetry: Telemetry, store: CatalogStore, follower: Follower) -> None:
    """Show it again after each change, whoever made it."""
    while not follower.ended:
        generation = follower.generation
        with suppress(Failure):  # the next change shows it too
            await _show_store(telemetry, store, generation)
        await follower.until_after(generation)


async def _end_at_drain(follower: Follower, health: Health) -> None:
    """Let watchers go when the service drains, so that stopping does not wait for them."""
    while health.phase is not Phase.DRAINING:
        await health.until_not(health.phase)
    await follower.end()
