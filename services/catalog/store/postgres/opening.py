"""Opens a catalogue in PostgreSQL: psycopg is imported only then, since the default install is without it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from services.catalog.domain.store import Counts, Decode, Encode
from services.catalog.store.postgres.limits import PostgresLimits
from services.kit.clock import Clock
from services.kit.postgres.driver import driver
from services.kit.settings import Secret

if TYPE_CHECKING:
    from services.catalog.store.postgres.catalog import PostgresCatalog


@asynccontextmanager
async def open_postgres_catalog(
    url: Secret, encode: Encode, decode: Decode, clock: Clock, limits: PostgresLimits | None = None
) -> AsyncGenerator["PostgresCatalog", None]:
    """Open the catalogue in the database of that URL, its tables made or brought up to date.

    Raises Invalid for a URL or a database that cannot hold a catalogue of this version, Unavailable where the database
    cannot be reached or psycopg is not installed, TooLate where it takes too long. None of them names the password.
    """
    with driver():
        from services.catalog.store.postgres.catalog import opened  # noqa: PLC0415 - imports psycopg
    async with opened(url, encode, decode, clock, limits or PostgresLimits()) as catalog:
        yield catalog


async def look(url: Secret, clock: Clock) -> Counts | None:
    """Return what the database holds, without changing it; None where there is no catalogue yet.

    Raises Invalid and Unavailable as opening it does.
    """
    with driver():
        from services.catalog.store.postgres.catalog import held  # noqa: PLC0415 - imports psycopg
    return await held(url, clock)
