"""What an import goes into: the store itself, or the catalog that holds it."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from services.catalog.api.importer import Importer
from services.catalog.api.wire import decode, encode
from services.catalog.domain.store import Counts
from services.catalog.imports.run import Write
from services.catalog.store.sqlite import open_sqlite_catalog
from services.commands.announcement import announced
from services.commands.client import open_command_client
from services.kit.admin import admin_token
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
async def open_target(settings: ProcessSettings) -> AsyncGenerator[Target, None]:
    """Open the store, or reach the catalog that holds it."""
    folder = settings.home / "catalog"
    async with AsyncExitStack() as stack:
        try:
            store = await stack.enter_async_context(open_sqlite_catalog(folder, encode, decode))
        except Conflict:
            running = announced(folder)
            if running is None or "catalog" not in running.addresses:
                raise
            address = running.addresses["catalog"]["grpc"]
            client = await stack.enter_async_context(
                open_command_client("catalog", address, admin_token(settings.home))
            )
            importer = Importer(client, _BATCH_LIMIT_S)
            yield Target(importer.write, importer.state, f"into the catalog that runs at {address}")
            return

        async def state() -> tuple[int, Counts]:
            return await store.generation(), await store.counts()

        yield Target(store.write, state, f"into {folder}")
