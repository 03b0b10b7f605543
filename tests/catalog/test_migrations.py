"""What brings a catalogue's tables up to date: the same steps in every store, each run once, and nobody else's."""

import asyncio
from collections.abc import Callable, Generator

import pytest

from services.catalog.domain.items import Kind, Reference
from services.catalog.domain.store import Kept
from services.catalog.store.migrations import migrations
from services.kit.errors import Failure, Invalid
from tests.catalog.invented import artist
from tests.catalog.postgres_catalog import open_at
from tests.postgres_server import Database, found, shared


@pytest.fixture
def database(require: Callable[[str, bool], None]) -> Generator[Database, None, None]:
    """Return an empty database of a real server."""
    require("postgres", found())
    with shared().database() as made:
        yield made


async def refusal(database: Database) -> Failure:
    """Return why the catalogue cannot be opened."""
    with pytest.raises(Failure) as refused:
        async with open_at(database.url):
            pass
    return refused.value


def test_every_store_has_the_same_steps() -> None:
    """Steps count from 1 without a gap and bear the same names in both stores."""
    postgres, sqlite = ([(step.number, step.name) for step in migrations(store)] for store in ("postgres", "sqlite"))
    assert postgres == sqlite
    assert [number for number, _ in postgres] == list(range(1, len(postgres) + 1))


async def test_several_that_open_a_new_database_at_once_make_its_tables_once(database: Database) -> None:
    """Every process that opens a new database finds it made, and each step was run once."""

    async def opened(number: int) -> None:
        async with open_at(database.url) as store:
            await store.write([artist(number)])

    async with asyncio.TaskGroup() as group:
        for number in range(6):
            group.create_task(opened(number))
    steps = migrations("postgres")
    assert database.execute("SELECT count(*) FROM catalog.migration") == str(len(steps))
    assert database.execute("SELECT count(*) FROM catalog.item") == "6"


async def test_a_later_versions_database_is_refused_and_left_alone(database: Database) -> None:
    """A database that a newer program has migrated is Invalid here, in one sentence with its place."""
    async with open_at(database.url):
        pass
    database.execute("INSERT INTO catalog.migration VALUES (99, 'later', '?')")
    refused = await refusal(database)
    assert isinstance(refused, Invalid)
    assert database.name in str(refused)
    assert "version 99" in str(refused)


async def test_another_programs_schema_is_refused_and_left_alone(database: Database) -> None:
    """Tables of somebody else's in the way are Invalid here, and none of ours is put beside them."""
    database.execute("CREATE SCHEMA catalog CREATE TABLE item (name text)")
    refused = await refusal(database)
    assert isinstance(refused, Invalid)
    assert "another program's" in str(refused)
    assert database.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'catalog'") == "1"


async def test_an_empty_schema_made_for_us_is_used(database: Database) -> None:
    """An administrator may make the schema and give the user no right to make one."""
    database.execute("CREATE SCHEMA catalog")
    async with open_at(database.url) as store:
        assert await store.generation() == 0


async def test_a_database_of_another_encoding_is_refused(database: Database) -> None:
    """A database that cannot hold every title is Invalid from the start, not at the first that does not fit."""
    database.server.execute(f"DROP DATABASE {database.name}")
    database.server.execute(f"CREATE DATABASE {database.name} ENCODING LATIN1 TEMPLATE template0")
    refused = await refusal(database)
    assert isinstance(refused, Invalid)
    assert "UTF8" in str(refused)


async def test_the_first_versions_items_are_kept(database: Database) -> None:
    """A catalogue of the first version has its items after the later steps, with versions behind its generation."""
    first = migrations("postgres")[0]
    database.execute("CREATE SCHEMA catalog")
    database.execute(first.sql)
    database.execute(f"CREATE TABLE catalog.migration AS SELECT 1 AS number, '{first.name}' AS name")
    database.execute(f"ALTER TABLE catalog.migration ADD checksum text DEFAULT '{first.checksum}'")
    database.execute(
        "INSERT INTO catalog.item VALUES (1, 'test:1', '\\x01', 'Someone', '', 0); "
        "UPDATE catalog.state SET generation = 7, artists = 1"
    )
    async with open_at(database.url) as store:
        assert await store.get(Reference(Kind.ARTIST, "test:1")) == Kept(b"\x01", 8)
        assert await store.generation() == 8
        assert (await store.delta(7)).reset is False
        assert (await store.delta(6)).reset is True
