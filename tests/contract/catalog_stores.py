"""Every implementation of the catalogue's port, opened in a test's folder; and what the contract's tests share."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from services.catalog.api.wire import decode, encode
from services.catalog.domain.items import Reference
from services.catalog.domain.store import CatalogStore, Stored
from services.catalog.store.memory import MemoryCatalog
from services.catalog.store.sqlite.catalog import open_sqlite_catalog
from services.kit.journal import Record
from tests.catalog.postgres_catalog import open_postgres

Open = Callable[[Path], AbstractAsyncContextManager[CatalogStore]]


@asynccontextmanager
async def open_memory(_folder: Path) -> AsyncGenerator[CatalogStore, None]:
    """Open an empty catalogue in memory."""
    yield MemoryCatalog(encode, decode)


@asynccontextmanager
async def open_sqlite(folder: Path) -> AsyncGenerator[CatalogStore, None]:
    """Open the folder's catalogue in SQLite."""
    async with open_sqlite_catalog(folder, encode, decode) as opened:
        yield opened


STORES: dict[str, Open] = {"memory": open_memory, "sqlite": open_sqlite, "postgres": open_postgres}

RECORD = Record(datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC), "ops", "takedown", "track test:1", "a reason")


async def wire(store: CatalogStore, wanted: Reference) -> bytes | None:
    """Return the item's wire bytes, or None where there is no such item."""
    kept = await store.get(wanted)
    return kept.wire if kept else None


async def rows(store: CatalogStore) -> list[Stored]:
    """Return the whole catalogue in the order of an export."""
    snapshot = await store.snapshot()
    return [row async for chunk in snapshot.chunks for row in chunk]
