"""Every implementation of the flags' port, opened in a test's folder; and what the contract's tests share."""

import sqlite3
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from datetime import UTC, datetime
from pathlib import Path

from services.flags.domain import verification
from services.flags.domain.store import Action, Change, FlagStore
from services.flags.store.memory import MemoryFlags
from services.flags.store.postgres.opening import open_postgres_flags
from services.flags.store.sqlite.flags import FLAGS, open_sqlite_flags
from services.kit.clock import ManualClock
from services.kit.journal import Entry, Record
from services.kit.settings import Secret
from tests.postgres_server import shared

Tampering = Callable[[str], None]
"""Runs statements on the tables past the store."""
Open = Callable[[Path], AbstractAsyncContextManager[tuple[FlagStore, Tampering]]]

HOURS_S = 7_200.0
"""How long followers sleep in tests: what wakes them there is never the time."""
AT = datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC)


def change(
    key: str = "voice",
    definition: str = '{"state":"ENABLED"}',
    *,
    expected: int | None = None,
    action: Action = Action.PUT,
    at_least: int = 1,
) -> Change:
    """Return a change of a flag, by whoever."""
    return Change(Record(AT, "ops", action, key, "a reason", definition), expected, at_least)


def adoption(at_least: int) -> Change:
    """Return an adoption that goes on at that generation."""
    return Change(Record(AT, "ops", Action.ADOPT, "", "a backup was restored"), None, at_least)


def removal(key: str = "voice", *, expected: int | None = None) -> Change:
    """Return the removal of a flag."""
    return change(key, "", expected=expected, action=Action.REMOVE)


async def journal(store: FlagStore, key: str = "") -> list[Entry]:
    """Return the whole journal, or all of it that is of one flag."""
    entries: list[Entry] = []
    while part := await store.journal(entries[-1].sequence if entries else 0, key):
        entries += part
    return entries


async def verified(store: FlagStore) -> int:
    """Return how many entries the store has, none of them nor the flags changed past it. Raises Internal where not."""
    state = await store.state()
    return len(verification.verified(await journal(store), state.held.generation, state.flags))


@asynccontextmanager
async def open_memory(_folder: Path) -> AsyncGenerator[tuple[FlagStore, Tampering], None]:
    """Open an empty store in memory, which nobody gets past."""
    yield MemoryFlags(ManualClock(), HOURS_S), lambda _statement: None


@asynccontextmanager
async def open_sqlite(folder: Path) -> AsyncGenerator[tuple[FlagStore, Tampering], None]:
    """Open the folder's store in SQLite."""

    def tamper(statement: str) -> None:
        with closing(sqlite3.connect(folder / FLAGS.name)) as connection:
            connection.executescript(statement)

    async with open_sqlite_flags(folder, ManualClock(), HOURS_S) as opened:
        yield opened, tamper


@asynccontextmanager
async def open_postgres(_folder: Path) -> AsyncGenerator[tuple[FlagStore, Tampering], None]:
    """Open an empty store in a new database."""
    with shared().database() as database:

        def tamper(statement: str) -> None:
            database.execute(f"SET search_path = flags; {statement}")

        async with open_postgres_flags(Secret(database.url), ManualClock(), every_s=HOURS_S) as opened:
            yield opened, tamper


STORES: dict[str, Open] = {"memory": open_memory, "sqlite": open_sqlite, "postgres": open_postgres}
