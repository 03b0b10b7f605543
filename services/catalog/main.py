"""Opens the catalog: the only module of it that knows concrete classes."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from services.catalog.api.admin import CatalogAdminApi
from services.catalog.api.service import CatalogApi
from services.catalog.api.wire import decode, encode
from services.catalog.domain.items import Kind
from services.catalog.domain.store import CatalogStore
from services.catalog.settings import CatalogSettings
from services.catalog.signals import GENERATION, ITEMS, METRICS, RPC
from services.catalog.store.sqlite import open_sqlite_catalog
from services.kit.admin import admin_token
from services.kit.grpc.calls import Rules
from services.kit.grpc.server import Listening, open_grpc_server
from services.kit.lifecycle import Running
from services.kit.process import Surroundings
from services.kit.service import Frame, open_frame

NAME = "catalog"


@asynccontextmanager
async def open_catalog(settings: CatalogSettings, surroundings: Surroundings) -> AsyncGenerator[Running, None]:
    """Serve the catalogue kept in the process's folder.

    Raises Conflict where another process has the folder or the port, Unavailable where the store cannot be used.
    """
    async with (
        open_frame(NAME, settings, METRICS, surroundings) as frame,
        open_sqlite_catalog(surroundings.folder(NAME), encode, decode) as store,
    ):
        api = CatalogApi(store).methods(settings.limit_s, settings.export_limit_s)
        admin = CatalogAdminApi(store, lambda: _show(frame, store)).methods(settings.import_limit_s)
        rules = Rules(frame.telemetry, RPC, frame.clock, admin_token(surroundings.settings.home))
        listening = Listening(
            settings.host, settings.grpc_port, "BACKLINE_CATALOG_GRPC_PORT", surroundings.settings.grace_s
        )
        await _show(frame, store)
        async with open_grpc_server([*api, *admin], rules, listening, frame.health) as address:
            await frame.serve()
            yield frame.running(grpc=address)


async def _show(frame: Frame, store: CatalogStore) -> None:
    """Show what the store holds now."""
    counts = await store.counts()
    frame.telemetry.gauge(GENERATION).set(await store.generation())
    held = {Kind.TRACK: counts.tracks, Kind.ALBUM: counts.albums, Kind.ARTIST: counts.artists}
    for kind, number in held.items():
        frame.telemetry.gauge(ITEMS, kind=kind).set(number)
