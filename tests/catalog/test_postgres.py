"""What the PostgreSQL catalogue promises beyond the port: many owners, one order of changes, deadlines, bounds."""

import asyncio
import gc
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import AsyncExitStack, suppress

import pytest

from services.catalog.api.wire import encode
from services.catalog.domain.items import Item, Kind, Reference
from services.catalog.domain.store import CatalogStore, Counts
from services.catalog.store.postgres.limits import PostgresLimits
from services.catalog.store.postgres.schema import CATALOGUE
from services.kit.clock import SystemClock
from services.kit.context import RequestContext, entered
from services.kit.errors import Exhausted, Failure, TooLate, Unavailable
from services.kit.settings import Secret
from tests.catalog.invented import album, artist, track
from tests.catalog.postgres_catalog import open_at
from tests.postgres_server import Database, found, shared

ONE = Reference(Kind.ARTIST, "test:1")
FEW: Sequence[Item] = [artist(number) for number in range(3)]
LOCK_ITEMS = "LOCK TABLE catalog.item IN ACCESS EXCLUSIVE MODE"
UNTIL_NOTHING_RUNS = """
DO $$ BEGIN
    WHILE EXISTS (
        SELECT FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'backline-catalog' AND state = 'active'
    ) LOOP
        PERFORM pg_sleep(0.01), pg_stat_clear_snapshot();
    END LOOP;
END $$
"""
"""Returns once the server runs no statement of ours."""


@pytest.fixture
def database(require: Callable[[str, bool], None]) -> Generator[Database, None, None]:
    """Return an empty database of a real server."""
    require("postgres", found())
    with shared().database() as made:
        yield made


@pytest.fixture
async def store(database: Database) -> AsyncGenerator[CatalogStore, None]:
    """Return a catalogue of few items."""
    async with open_at(database.url) as opened:
        await opened.write(FEW)
        yield opened


async def test_a_broken_off_call_leaves_no_time_out_to_the_next(database: Database) -> None:
    """Whoever uses a connection after one who was cancelled while setting a time-out has the time that it asks for."""
    from services.kit.postgres.connections import Connector, step_ms  # noqa: PLC0415 - imports psycopg

    async with await Connector(Secret(database.url), "test", SystemClock()).connect() as connection:
        for turns in range(10):
            await connection.limit(600)
            async with asyncio.TaskGroup() as group:
                left = group.create_task(connection.limit(60))
                for _ in range(turns):
                    await asyncio.sleep(0)
                left.cancel()
            await connection.limit(600)
            shown = await connection.execute("SELECT setting FROM pg_settings WHERE name = 'statement_timeout'")
            assert await shown.fetchone() == (str(step_ms(600)),)


async def test_a_read_that_fails_when_its_caller_has_gone_is_no_complaint(database: Database) -> None:
    """Nobody is left to be told, and so nothing is logged as if a failure had been overlooked."""
    from services.kit.postgres.connections import Connection  # noqa: PLC0415 - imports psycopg
    from services.kit.postgres.pool import pool_of  # noqa: PLC0415 - imports psycopg

    complaints: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: complaints.append(context["message"]))
    reading = asyncio.Event()

    async def fail(_connection: Connection) -> None:
        reading.set()
        try:
            await asyncio.Event().wait()
        finally:
            raise Unavailable("Too late to matter.")

    pool = pool_of(Secret(database.url), CATALOGUE, PostgresLimits(), SystemClock())
    async with asyncio.TaskGroup() as group:
        read = group.create_task(pool.read(fail))
        await reading.wait()
        read.cancel()
    await pool.close()
    assert read.cancelled()
    del read  # asyncio complains once nothing refers to it any more
    gc.collect()
    assert complaints == []


async def test_catalogues_made_anew_do_not_count_alike(store: CatalogStore) -> None:
    """Whoever knows the generation of one catalogue never takes another one for it."""
    with shared().database() as other:
        async with open_at(other.url) as made_anew:
            await made_anew.write(FEW)
            assert await made_anew.generation() != await store.generation()


async def test_what_was_written_is_there_when_opened_again(database: Database) -> None:
    """Items, counts and generation outlast the process that wrote them."""
    async with open_at(database.url) as store:
        await store.write(FEW)
        generation = await store.generation()
    async with open_at(database.url) as store:
        assert await store.counts() == Counts(artists=3)
        assert await store.generation() == generation


async def test_people_can_read_what_was_imported(database: Database, store: CatalogStore) -> None:
    """A view of each kind has the columns that people look for, and follows updates."""
    await store.write([album(7, popularity=3), track(8, artists=[1], popularity=5), artist(1, name="Renamed")])
    assert database.execute("SELECT id, title, popularity FROM catalog.albums") == "test:7\tAlbum 7\t3"
    assert database.execute("SELECT id, title, popularity FROM catalog.tracks") == "test:8\tTrack 8\t5"
    assert database.execute("SELECT name FROM catalog.artists WHERE id = 'test:1'") == "Renamed"


async def test_two_processes_write_one_order_of_changes(database: Database) -> None:
    """A follower of one catalogue that two processes write to at once misses no change of either."""
    async with open_at(database.url) as one, open_at(database.url) as other, open_at(database.url) as follower:
        known: dict[Reference, bytes] = {}

        async def follow(writing: asyncio.Future[None]) -> None:
            since = 0
            while True:
                was_done, delta = writing.done(), await follower.delta(since)
                known.update((each.reference, each.kept.wire) for each in delta.changed)
                if was_done and delta.generation == since:
                    return
                since = delta.generation

        async def write(store: CatalogStore, first: int) -> None:
            for number in range(first, first + 40):
                await store.write([artist(number), artist(999, popularity=number)])

        async def write_both() -> None:
            await asyncio.gather(write(one, 0), write(other, 100))

        async with asyncio.TaskGroup() as group:
            await follow(group.create_task(write_both()))
        assert await one.generation() == await other.generation()
        assert len(known) == 81
        shown = await other.get(Reference(Kind.ARTIST, "test:999"))
        assert shown is not None
        assert known[Reference(Kind.ARTIST, "test:999")] == shown.wire


async def test_reads_go_on_while_a_write_is_under_way(database: Database, store: CatalogStore) -> None:
    """A reader neither waits for another process's writer nor sees what is not committed."""
    with database.holding("UPDATE catalog.state SET generation = 1; DELETE FROM catalog.item"):
        assert await store.counts() == Counts(artists=3)
        assert await store.get(ONE) is not None


async def test_a_read_ends_at_the_callers_deadline(database: Database, store: CatalogStore) -> None:
    """A read that the database holds up ends as TooLate, there too, and the next one is answered."""
    with database.holding(LOCK_ITEMS):
        with entered(RequestContext("r", SystemClock().monotonic() + 0.2)), pytest.raises(TooLate, match="in time"):
            await store.get(ONE)
        await asyncio.to_thread(database.execute, UNTIL_NOTHING_RUNS)
    assert await store.get(ONE) is not None


async def test_a_call_without_time_left_is_not_begun(store: CatalogStore) -> None:
    """A request whose deadline is over costs the database nothing."""
    with entered(RequestContext("r", SystemClock().monotonic())), pytest.raises(TooLate):
        await store.get(ONE)


async def test_a_caller_that_leaves_takes_its_statement_along(database: Database) -> None:
    """A cancelled read is cancelled in the database, and its connection, the only one here, serves the next."""
    async with open_at(database.url, PostgresLimits(connections=1)) as store:
        await store.write(FEW)
        with database.holding(LOCK_ITEMS):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await store.get(ONE)
            await asyncio.to_thread(database.execute, UNTIL_NOTHING_RUNS)
        assert await store.get(ONE) is not None


async def test_a_write_given_up_is_whole_or_absent(database: Database) -> None:
    """A caller that is cancelled leaves either its whole batch or none of it, and the next write goes on from there."""
    many = [artist(number) for number in range(2_000)]
    async with open_at(database.url, PostgresLimits(connections=1)) as store:
        for pause_s in (0, 0.005, 0.01, 0.02, 0.04):
            with suppress(TimeoutError):
                async with asyncio.timeout(pause_s):
                    await store.write(many, replace=True)
            assert await store.counts() in {Counts(), Counts(artists=len(many))}
        await store.write(many)
        assert await store.counts() == Counts(artists=len(many))


async def test_the_queue_for_connections_is_bounded(database: Database) -> None:
    """With every connection taken and the queue full, one more is refused at once, and the others are answered."""
    async with open_at(database.url, PostgresLimits(connections=1, waiting=1)) as store:
        await store.write(FEW)
        async with AsyncExitStack() as stack:
            group = await stack.enter_async_context(asyncio.TaskGroup())
            with database.holding(LOCK_ITEMS):
                reads = [group.create_task(store.get(ONE)) for _ in range(2)]
                await asyncio.sleep(0)
                with pytest.raises(Exhausted, match="waiting"):
                    await store.get(ONE)
        assert [read.result() is not None for read in reads] == [True, True]


async def test_writes_leave_connections_for_reads(database: Database) -> None:
    """However many writes wait for their turn, one process takes one connection for them."""
    async with open_at(database.url, PostgresLimits(connections=2, waiting=1, writes_waiting=3)) as store:
        await store.write(FEW)
        async with asyncio.TaskGroup() as group:
            with database.holding("SELECT FROM catalog.state FOR UPDATE"):
                writes = [group.create_task(store.write([artist(number)])) for number in range(10, 14)]
                await asyncio.sleep(0)
                with pytest.raises(Exhausted):
                    await store.write([artist(14)])
                assert await store.get(ONE) is not None
        assert sum(write.result().added for write in writes) == 4


async def test_exports_are_bounded_and_leave_the_pool_alone(database: Database) -> None:
    """One export too many is refused until another is closed; reads go on whatever exports there are."""
    async with open_at(database.url, PostgresLimits(connections=1, snapshots=2)) as store:
        await store.write(FEW)
        first, second = await store.snapshot(), await store.snapshot()
        with pytest.raises(Exhausted, match="exports"):
            await store.snapshot()
        assert await store.get(ONE) is not None
        await first.chunks.aclose()
        third = await store.snapshot()
        assert [row.kept.wire async for chunk in third.chunks for row in chunk] == [encode(item) for item in FEW]
        await second.chunks.aclose()


async def test_connections_that_died_idle_are_not_given_to_anyone(database: Database, store: CatalogStore) -> None:
    """Connections that the server has closed in the meantime are replaced before anyone notices."""
    await asyncio.gather(*(store.get(ONE) for _ in range(8)))
    database.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
        "WHERE datname = current_database() AND application_name = 'backline-catalog'"
    )
    assert (await store.write([artist(50)])).added == 1
    assert all(await asyncio.gather(*(store.get(ONE) for _ in range(8))))


async def test_a_write_that_collides_is_run_again(database: Database, store: CatalogStore) -> None:
    """A batch that the database breaks off for another's sake is written all the same; but not tried for ever."""
    database.execute(
        "CREATE SEQUENCE attempts; CREATE FUNCTION collide() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN IF nextval('attempts') % 3 != 0 THEN RAISE EXCEPTION 'no' USING ERRCODE = '40001'; END IF; "
        "RETURN NEW; END $$; "
        "CREATE TRIGGER collide BEFORE INSERT ON catalog.item FOR EACH ROW EXECUTE FUNCTION collide()"
    )
    assert (await store.write([artist(60)])).added == 1
    database.execute("DROP SEQUENCE attempts; CREATE SEQUENCE attempts INCREMENT 3")
    with pytest.raises(Failure):
        await store.write([artist(61)])
    assert await store.counts() == Counts(artists=4)
