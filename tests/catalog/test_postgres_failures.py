"""What the PostgreSQL catalogue does when its database is away, slow, full or another's: one sentence, nothing lost."""

import asyncio
import subprocess
import sys
import traceback
from collections.abc import Awaitable, Callable, Generator, Sequence
from socket import create_server
from typing import TypeVar

import pytest

from services.catalog.domain.items import Item, Kind, Reference
from services.catalog.domain.store import CatalogStore, Counts
from services.catalog.store.postgres.limits import PostgresLimits
from services.kit.errors import Exhausted, Failure, Invalid, TooLate, Unavailable
from tests.catalog.invented import artist, track
from tests.catalog.postgres_catalog import open_at
from tests.postgres_server import PASSWORD, Database, PostgresServer, found, server, shared

T = TypeVar("T")

FEW: Sequence[Item] = [artist(number) for number in range(3)]
ONE = Reference(Kind.ARTIST, "test:1")
QUICK = PostgresLimits(read_s=1, write_s=5, open_s=0.5)


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


async def refusal(url: str) -> Failure:
    """Return why the catalogue cannot be opened, having looked for the password in all that anyone gets to see."""
    with pytest.raises(Failure) as refused:
        async with open_at(url, QUICK):
            pass
    seen = "".join(traceback.format_exception(refused.value))
    assert PASSWORD not in seen
    assert "\n" not in str(refused.value)
    return refused.value


async def once_it_is_back(call: Callable[[], Awaitable[T]]) -> T:
    """Return what the call gives once it is no longer Unavailable."""
    while True:
        try:
            return await call()
        except Unavailable:
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("url", "kind", "sentence"),
    [
        (f"postgresql://u:{PASSWORD}@127.0.0.1:1/music", Unavailable, "'music' at 127.0.0.1:1 cannot be reached"),
        (f"postgresql://u:{PASSWORD}@nowhere.invalid/music", Unavailable, "nowhere.invalid:5432 cannot be reached"),
        (f"postgresql://u:%{PASSWORD}@127.0.0.1/music", Invalid, "is not like postgresql://"),
        (f"{PASSWORD} and nothing else", Invalid, "is not like postgresql://"),
    ],
)
async def test_an_address_where_no_database_is_gets_a_sentence(
    require: Callable[[str, bool], None], url: str, kind: type[Failure], sentence: str
) -> None:
    """What cannot be reached, found or even read is told by its place, without the password."""
    require("postgres", found())
    refused = await refusal(url)
    assert isinstance(refused, kind)
    assert sentence in str(refused)


async def test_a_server_that_says_nothing_is_given_up(require: Callable[[str, bool], None]) -> None:
    """Something that takes the connection and never answers is TooLate, not waited for."""
    require("postgres", found())
    with create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        assert isinstance(await refusal(f"postgresql://u:{PASSWORD}@127.0.0.1:{port}/music"), TooLate)


async def test_a_wrong_password_is_told(database: Database) -> None:
    """The sentence says that it is the password, and shows neither the right one nor the wrong one."""
    refused = await refusal(database.server.url(database.name, password=f"{PASSWORD}!"))
    assert isinstance(refused, Unavailable)
    assert "refuses the user or the password" in str(refused)


async def test_a_missing_database_is_told(database: Database) -> None:
    """The sentence says that the database is what is missing, and which."""
    refused = await refusal(database.server.url("missing"))
    assert isinstance(refused, Unavailable)
    assert "'missing'" in str(refused)
    assert "create it" in str(refused)


async def test_a_full_server_is_told(database: Database) -> None:
    """A server that has no connection to give is Exhausted: the caller may try again."""
    database.execute(f"CREATE ROLE guest LOGIN PASSWORD '{PASSWORD}' CONNECTION LIMIT 0")
    try:
        assert isinstance(await refusal(database.server.url(database.name, user="guest")), Exhausted)
    finally:
        database.execute("DROP ROLE guest")


async def test_a_user_without_rights_is_told(database: Database) -> None:
    """A user who may not make the tables is told so."""
    database.execute(f"CREATE ROLE visitor LOGIN PASSWORD '{PASSWORD}'")
    try:
        refused = await refusal(database.server.url(database.name, user="visitor"))
    finally:
        database.execute("DROP ROLE visitor")
    assert isinstance(refused, Invalid)
    assert "grant" in str(refused)


async def test_a_read_only_database_is_read(database: Database) -> None:
    """A database that takes no writes opens, answers reads, and refuses a write in one sentence."""
    async with open_at(database.url) as store:
        await store.write(FEW)
    database.execute(f"ALTER DATABASE {database.name} SET default_transaction_read_only = on")
    async with open_at(database.url) as store:
        with pytest.raises(Unavailable, match="takes no writes"):
            await store.write([artist(9)])
        assert await store.counts() == Counts(artists=3)
        assert await store.get(ONE) is not None


async def test_a_full_disk_loses_nothing(database: Database) -> None:
    """A batch that no longer fits is refused whole and told so; with room again it is written.

    The server is made to say what it says on a full disk, half way through the batch: filling one takes a machine.
    """
    async with open_at(database.url) as store:
        await store.write(FEW)
        database.execute(
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'no space left on device' USING ERRCODE = '53100'; END $$; "
            "CREATE TRIGGER full_disk BEFORE INSERT ON catalog.placement FOR EACH ROW EXECUTE FUNCTION full_disk()"
        )
        generation = await store.generation()
        with pytest.raises(Unavailable, match="full disk"):
            await store.write([track(1, artists=[1])], replace=True)
        assert (await store.counts(), await store.generation()) == (Counts(artists=3), generation)
        database.execute("DROP TRIGGER full_disk ON catalog.placement")
        assert (await store.write([track(1, artists=[1])], replace=True)).added == 1


async def test_a_slow_database_is_given_up(database: Database) -> None:
    """Reads and writes that the database holds up end as TooLate after their limit, and change nothing."""
    async with open_at(database.url, PostgresLimits(read_s=0.3, write_s=0.3)) as store:
        with database.holding("LOCK TABLE catalog.item, catalog.state IN ACCESS EXCLUSIVE MODE"):
            for call in (store.get(ONE), store.counts(), store.delta(0), store.write(FEW)):
                with pytest.raises(TooLate, match="in time"):
                    await call
        assert await store.generation() == 0


async def test_a_frozen_server_holds_no_caller(mortal: PostgresServer) -> None:
    """A server that hangs, and does not even break off what it is told to, costs a reader no more than its limit."""
    with mortal.database() as database:
        async with open_at(database.url, PostgresLimits(read_s=0.5)) as store:
            await store.write(FEW)
            with mortal.frozen():
                async with asyncio.timeout(4):
                    with pytest.raises(TooLate):
                        await store.get(ONE)
            assert await store.get(ONE) is not None


async def test_an_export_is_left_without_a_word_from_its_server(mortal: PostgresServer) -> None:
    """Whoever leaves an export of a server that hangs is not held up, and the export counts as over."""
    with mortal.database() as database:
        async with open_at(database.url, PostgresLimits(snapshots=1)) as store:
            await store.write([artist(number) for number in range(1_000)])
            snapshot = await store.snapshot()
            await anext(snapshot.chunks)
            with mortal.frozen():
                async with asyncio.timeout(4):
                    await snapshot.chunks.aclose()
            await (await store.snapshot()).chunks.aclose()


@pytest.mark.parametrize("how", [PostgresServer.stop, PostgresServer.kill])
async def test_a_server_that_goes_and_comes_back(mortal: PostgresServer, how: Callable[[PostgresServer], None]) -> None:
    """While the server is away every call is Unavailable; once it is back all is answered, without opening again."""
    with mortal.database() as database:
        async with open_at(database.url) as store:
            await store.write(FEW)
            how(mortal)
            for call in (store.get(ONE), store.counts(), store.write([artist(9)]), store.snapshot()):
                with pytest.raises(Unavailable):
                    await call
            mortal.start()
            assert await once_it_is_back(store.counts) == Counts(artists=3)
            assert (await store.write([artist(9)])).added == 1


async def test_an_export_is_broken_off_with_its_server(mortal: PostgresServer) -> None:
    """An export whose server dies ends in Unavailable, never as if it were whole."""
    with mortal.database() as database:
        async with open_at(database.url) as store:
            await store.write([artist(number, name="A rather long name " * 20) for number in range(5_000)])
            snapshot = await store.snapshot()
            await anext(snapshot.chunks)
            mortal.kill()
            with pytest.raises(Unavailable):
                async for _ in snapshot.chunks:
                    pass
            mortal.start()


async def test_a_server_killed_in_the_middle_of_an_import_loses_nothing(mortal: PostgresServer) -> None:
    """What was acknowledged before the crash is there after it, and the same import then completes the catalogue."""
    batches = [[artist(number) for number in range(first, first + 50)] for first in range(0, 5_000, 50)]
    halfway, acknowledged = asyncio.Event(), 0

    async def run(store: CatalogStore) -> None:
        nonlocal acknowledged
        for number, batch in enumerate(batches):
            acknowledged += (await store.write(batch)).added
            if number == 20:
                halfway.set()

    async def run_to_the_crash(store: CatalogStore) -> None:
        with pytest.raises(Unavailable):
            await run(store)

    with mortal.database() as database:
        async with open_at(database.url) as store:
            async with asyncio.TaskGroup() as group:
                group.create_task(run_to_the_crash(store))
                await halfway.wait()
                mortal.kill()
            mortal.start()
            after = await once_it_is_back(store.counts)
            assert after.artists >= acknowledged >= 20 * 50
            assert after.artists % 50 == 0
            await run(store)
            assert await store.counts() == Counts(artists=5_000)


async def test_without_its_driver_it_says_what_to_install() -> None:
    """An install without psycopg imports all the same, and opening names the command that adds it."""
    program = """
import asyncio, sys
sys.modules["psycopg"] = None
from services.catalog.store.postgres.opening import open_postgres_catalog
from services.kit.clock import SystemClock
from services.kit.errors import Unavailable
from services.kit.settings import Secret

async def main():
    try:
        async with open_postgres_catalog(Secret("postgresql://h/n"), None, None, SystemClock()):
            pass
    except Unavailable as refused:
        print(refused)

asyncio.run(main())
"""
    done = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert "make postgres" in done.stdout
