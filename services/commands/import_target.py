"""What an import goes into: the store itself, or the catalog that holds it."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from services.catalog.api.importer import Importer
from services.catalog.domain.store import CatalogStore, Counts
from services.catalog.imports.run import Write
from services.catalog.main import NAME, open_store
from services.catalog.settings import CatalogSettings
from services.commands.announcement import announced
from services.commands.client import open_command_client
from services.kit.admin import admin_token
from services.kit.clock import SystemClock
from services.kit.errors import Conflict
from services.kit.process import ProcessSettings

_BATCH_LIMIT_S = 60.0


@dataclass(frozen=True, slots=True)
class Target:
    """What an import goes into."""

    write: Write
    state: Callable[[], Awaitable[tuple[int, Counts]]]
    """Returns the generation and what is held."""
    where: str


@asynccontextmanager
async def open_target(settings: ProcessSettings, catalog: CatalogSettings) -> AsyncGenerator[Target, None]:
    """Open the store, or reach the catalog that holds it."""
    folder = settings.home / NAME
    async with AsyncExitStack() as stack:
        try:
            store = await stack.enter_async_context(open_store(catalog, folder, SystemClock()))
        except Conflict:
            running = announced(folder)
            if running is None or NAME not in running.addresses:
                raise
            address = running.addresses[NAME]["grpc"]
            client = await stack.enter_async_context(open_command_client(NAME, address, admin_token(settings.home)))
            importer = Importer(client, _BATCH_LIMIT_S)
            yield Target(importer.write, importer.state, f"into the catalog that runs at {address}")
        else:
            yield _stored(
                store, f"into {folder}" if not catalog.store else "into the database of BACKLINE_CATALOG_STORE"
            )


def _stored(store: CatalogStore, where: str) -> Target:
    async def state() -> tuple[int, Counts]:
        return await store.generation(), await store.counts()

    return Target(store.write, state, where)
