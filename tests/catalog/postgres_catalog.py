"""A catalogue in a PostgreSQL database of one's own, for the tests of the contract and of that store."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from services.catalog.api.wire import decode, encode
from services.catalog.domain.store import CatalogStore
from services.catalog.store.postgres.limits import PostgresLimits
from services.catalog.store.postgres.opening import open_postgres_catalog
from services.kit.clock import SystemClock
from services.kit.settings import Secret
from tests.postgres_server import shared


@asynccontextmanager
async def open_at(url: str, limits: PostgresLimits | None = None) -> AsyncGenerator[CatalogStore, None]:
    """Open the catalogue in the database of that URL."""
    async with open_postgres_catalog(Secret(url), encode, decode, SystemClock(), limits) as catalog:
        yield catalog


@asynccontextmanager
async def open_postgres(_folder: Path) -> AsyncGenerator[CatalogStore, None]:
    """Open an empty catalogue in a new database."""
    with shared().database() as database:
        async with open_at(database.url) as catalog:
            yield catalog
