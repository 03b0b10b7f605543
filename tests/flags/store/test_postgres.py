"""What flags in PostgreSQL promise beyond the port: many servers, one order of writes, and no word of it lost."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import AbstractAsyncContextManager, aclosing
from typing import TypeVar

import pytest

from services.flags.domain.store import FlagStore, State
from services.flags.store.postgres.opening import LIMITS, look, open_postgres_flags
from services.kit.clock import SystemClock
from services.kit.errors import TooLate, Unavailable
from services.kit.postgres.limits import Limits
from services.kit.settings import Secret
from tests.contract.flag_stores import HOURS_S, change, journal, verified
from tests.postgres_server import Database, PostgresServer, found, server, shared

T = TypeVar("T")

CUT_OFF_BOTH = """
CREATE VIEW pg_temp.listener AS SELECT pid FROM pg_stat_activity
WHERE datname = current_database() AND application_name = 'backline-flags' AND query LIKE 'LISTEN%';
DO $$ BEGIN
    WHILE (SELECT count(*) FROM pg_temp.listener) < 2 LOOP
        PERFORM pg_sleep(0.01), pg_stat_clear_snapshot();
    END LOOP;
END $$;
SELECT pg_terminate_backend(pid, 5000) FROM pg_temp.listener
"""
"""Waits until both servers listen, and ends the connections by which they do."""
SILENCED = "UPDATE flags.roster SET shared_at = shared_at - interval '15 s'"
"""Makes every roster as old as one may be."""


@pytest.fixture
def database(require: Callable[[str, bool], None]) -> Generator[Database, None, None]:
    """Return an empty database of a real server."""
    require("postgres", found())
    with shared().database() as made:
        yield made


@pytest.fixture
def mortal(require: Callable[[str, bool], None]) -> Generator[PostgresServer, None, None]:
    """Return a server of the test's own, to be stopped and killed."""
    require("postgres", found())
    with server() as running:
        yield running


def open_at(
    database: Database, limits: Limits = LIMITS, every_s: float = HOURS_S
) -> AbstractAsyncContextManager[FlagStore]:
    """Open the flags in the database; what wakes followers is a word of the database and never the time."""
    return open_postgres_flags(Secret(database.url), SystemClock(), limits, every_s)


async def once_it_is_back(call: Callable[[], Awaitable[T]]) -> T:
    """Return what the call gives once it is no longer Unavailable."""
    while True:
        try:
            return await call()
        except Unavailable:
            await asyncio.sleep(0.01)


async def until(changes: AsyncGenerator[None, None], holds: Callable[[], Awaitable[bool]]) -> None:
    """Look with each wake, and return when it holds."""
    async for _ in changes:
        if await holds():
            return


async def test_a_write_at_one_server_wakes_the_other(database: Database) -> None:
    """A follower of one server learns what another writes by the database's word alone."""
    async with open_at(database) as one, open_at(database) as other, aclosing(other.changes()) as changes:

        async def is_written() -> bool:
            return (await other.state()).held.hash == entry.hash

        for _ in range(3):  # the first may be found when listening begins
            entry = await one.write(change())
            await until(changes, is_written)


async def test_a_roster_at_one_server_wakes_the_other(database: Database) -> None:
    """Who has applied what at one server is known at the other by the database's word alone."""
    async with open_at(database) as one, open_at(database) as other, aclosing(other.roster_changes()) as changes:

        async def is_shared() -> bool:
            return await other.rosters() == {"one": roster}

        for roster in ("first", "second", "third"):  # the first may be found when listening begins
            await one.share_roster("one", roster)
            await until(changes, is_shared)


async def test_a_connection_that_is_lost_is_made_again(database: Database) -> None:
    """After the database has cut off who listened, followers wake for what they missed and for what comes."""
    async with open_at(database) as one, open_at(database) as other, aclosing(other.changes()) as changes:

        async def is_written() -> bool:
            return await other.generation() == await one.generation()

        for _ in range(3):
            await asyncio.to_thread(database.execute, CUT_OFF_BOTH)
            await one.write(change())
            await until(changes, is_written)


async def test_a_database_that_goes_and_comes_back(mortal: PostgresServer) -> None:
    """Through its absence followers go on waking, to be told Unavailable; then they find what was written."""
    with mortal.database() as database:
        async with open_at(database, every_s=0.02) as store, aclosing(store.changes()) as changes:
            await store.write(change())
            mortal.kill()
            for _ in range(3):
                await anext(changes)
                with pytest.raises(Unavailable):
                    await store.generation()
            mortal.start()
            assert await once_it_is_back(store.generation) == 1
            assert (await store.write(change())).sequence == 2


async def test_a_server_killed_during_writes_loses_nothing(mortal: PostgresServer) -> None:
    """What was acknowledged before each crash is there after it, and no generation is given to two writes."""
    with mortal.database() as database:
        async with open_at(database) as store:
            acknowledged: dict[int, str] = {}

            async def write(enough: asyncio.Event) -> None:
                while True:
                    entry = await store.write(change())
                    assert entry.sequence not in acknowledged
                    acknowledged[entry.sequence] = entry.hash
                    if len(acknowledged) % 20 == 0:
                        enough.set()

            async def write_to_the_crash(enough: asyncio.Event) -> None:
                with pytest.raises(Unavailable):
                    await write(enough)

            for _ in range(2):
                enough = asyncio.Event()
                async with asyncio.TaskGroup() as group:
                    group.create_task(write_to_the_crash(enough))
                    await enough.wait()
                    mortal.kill()
                mortal.start()
                await once_it_is_back(store.generation)
            kept = {entry.sequence: entry.hash for entry in await journal(store)}
            assert acknowledged.items() <= kept.items()
            assert await verified(store) == len(kept)


async def test_a_look_changes_nothing(database: Database) -> None:
    """It makes no tables where there are none, and sees what is in force where there are."""
    assert await look(Secret(database.url), SystemClock()) is None
    assert await look(Secret(database.url), SystemClock()) is None
    async with open_at(database) as store:
        await store.write(change())
        assert await look(Secret(database.url), SystemClock()) == await store.state()


async def test_servers_that_write_at_once_write_one_journal(database: Database) -> None:
    """The writes of two servers take turns, and make one chain without a gap."""
    async with open_at(database) as one, open_at(database) as other:

        async def write(store: FlagStore, key: str) -> None:
            for _ in range(25):
                await store.write(change(key))

        await asyncio.gather(write(one, "one"), write(other, "other"))
        assert await one.state() == await other.state()
        assert [entry.sequence for entry in await journal(one)] == list(range(1, 51))
        assert await verified(other) == 50


async def test_a_write_that_has_to_wait_too_long_is_given_up(database: Database) -> None:
    """A write held up by another program is TooLate and changes nothing; meanwhile reads are answered."""
    async with open_at(database, Limits(write_s=0.3)) as store:
        with database.holding("SELECT pg_advisory_xact_lock(hashtext('backline flags'))"):
            with pytest.raises(TooLate, match="The flag store's database"):
                await store.write(change())
            assert await store.state() == State()
        assert (await store.write(change())).sequence == 1


async def test_a_roster_counts_by_the_databases_clock(database: Database) -> None:
    """A server silent for too long is no longer shown, and its row goes when another shares."""
    async with open_at(database) as store:
        await store.share_roster("one", "a")
        database.execute(SILENCED)
        await store.share_roster("other", "b")
        assert await store.rosters() == {"other": "b"}
        assert database.execute("SELECT server FROM flags.roster") == "other"


async def test_several_that_open_a_new_database_at_once_make_its_tables_once(database: Database) -> None:
    """Every server that opens a new database finds it made."""

    async def opened(number: int) -> None:
        async with open_at(database) as store:
            await store.write(change(f"flag-{number}"))

    async with asyncio.TaskGroup() as group:
        for number in range(4):
            group.create_task(opened(number))
    assert database.execute("SELECT count(*) FROM flags.flag") == "4"


async def test_beside_the_catalogue_in_one_database(database: Database) -> None:
    """Another service's schema in the same database is no hindrance."""
    database.execute("CREATE SCHEMA catalog CREATE TABLE item (name text)")
    async with open_at(database) as store:
        assert (await store.write(change())).sequence == 1


async def test_without_its_driver_it_says_what_to_install() -> None:
    """An install without psycopg imports all the same, and opening names the command that adds it."""
    program = """
import asyncio, sys
sys.modules["psycopg"] = None
from services.flags.store.postgres.opening import open_postgres_flags
from services.kit.clock import SystemClock
from services.kit.errors import Unavailable
from services.kit.settings import Secret

async def main():
    try:
        async with open_postgres_flags(Secret("postgresql://h/n"), SystemClock()):
            pass
    except Unavailable as refused:
        print(refused)

asyncio.run(main())
"""
    done = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert "make postgres" in done.stdout
