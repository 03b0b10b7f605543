"""Opens flags in PostgreSQL: psycopg is imported only then, since the default install is without it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from services.flags.domain.store import State
from services.flags.store.wakes import EVERY_S
from services.kit.clock import Clock
from services.kit.postgres.driver import driver
from services.kit.postgres.limits import Limits
from services.kit.settings import Secret

if TYPE_CHECKING:
    from services.flags.store.postgres.flags import PostgresFlags

LIMITS = Limits(connections=4, write_s=10.0)
"""Flags are few, and nothing that a request waits for asks for them. One more connection hears what others write."""


@asynccontextmanager
async def open_postgres_flags(
    url: Secret, clock: Clock, limits: Limits = LIMITS, every_s: float = EVERY_S
) -> AsyncGenerator["PostgresFlags", None]:
    """Open the flags in the database of that URL, their tables made or brought up to date.

    Followers sleep `every_s` at most while nothing is heard of a change.

    Raises Invalid for a URL or a database that cannot hold flags of this version, Unavailable where the database cannot
    be reached or psycopg is not installed, TooLate where it takes too long. None of them names the password.
    """
    with driver():
        from services.flags.store.postgres.flags import opened  # noqa: PLC0415 - imports psycopg
    async with opened(url, clock, limits, every_s) as flags:
        yield flags


async def look(url: Secret, clock: Clock) -> State | None:
    """Return what the database holds, without changing it; None where there are no flags yet.

    Raises Invalid and Unavailable as opening it does.
    """
    with driver():
        from services.flags.store.postgres.flags import held  # noqa: PLC0415 - imports psycopg
    return await held(url, clock, LIMITS)
