"""What the SQLite catalogue promises beyond the port: one owner, durable writes, clear words when the file fails."""

import asyncio
import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from services.catalog.api.wire import decode, encode
from services.catalog.domain.items import Item, Kind, Reference
from services.catalog.domain.store import Counts, Kept
from services.catalog.store.migrations import migrations
from services.catalog.store.sqlite.catalog import FILE_NAME, MAX_SNAPSHOTS, open_sqlite_catalog
from services.catalog.store.sqlite.file import CATALOGUE
from services.kit.errors import Conflict, Exhausted, Failure, Invalid, Unavailable
from tests.catalog.invented import artist

FEW: Sequence[Item] = [artist(number) for number in range(3)]
MANY: Sequence[Item] = [artist(number, name="A rather long name " * 20) for number in range(5_000)]
LATEST = len(migrations("sqlite"))


async def written(folder: Path, items: Sequence[Item] = FEW) -> Path:
    """Write items to a new catalogue in the folder, close it, and return its file."""
    async with open_sqlite_catalog(folder, encode, decode) as store:
        await store.write(items)
    return folder / FILE_NAME


async def refusal(folder: Path) -> Failure:
    """Return why the folder's catalogue cannot be opened."""
    with pytest.raises(Failure) as refused:
        await written(folder, [])
    return refused.value


async def test_catalogues_made_anew_do_not_count_alike(tmp_path: Path) -> None:
    """Whoever knows the generation of one catalogue never takes another one for it."""
    generations = set()
    for name in ("one", "other"):
        async with open_sqlite_catalog(tmp_path / name, encode, decode) as store:
            assert await store.generation() == 0
            await store.write(FEW)
            generations.add(await store.generation())
    assert len(generations) == 2


async def test_what_was_written_is_there_when_opened_again(tmp_path: Path) -> None:
    """Items, counts and generation outlast the process that wrote them."""
    async with open_sqlite_catalog(tmp_path, encode, decode) as store:
        await store.write(FEW)
        generation = await store.generation()
    async with open_sqlite_catalog(tmp_path, encode, decode) as store:
        assert await store.counts() == Counts(artists=3)
        assert await store.generation() == generation
        kept = await store.get(Reference(Kind.ARTIST, "test:2"))
        assert kept is not None
        assert kept.wire == encode(artist(2))


async def test_a_second_owner_is_refused_until_the_first_has_closed(tmp_path: Path) -> None:
    """Two cannot hold a catalogue: the second is told who has it, and gets it once it is free."""
    async with open_sqlite_catalog(tmp_path, encode, decode) as store:
        refused = await refusal(tmp_path)
        assert isinstance(refused, Conflict)
        assert str(tmp_path) in str(refused)
        await store.write(FEW)
    await written(tmp_path)


async def test_a_folder_that_cannot_be_is_refused(tmp_path: Path) -> None:
    """A folder below a file cannot hold a catalogue, and the refusal names it."""
    (tmp_path / "file").write_text("in the way")
    refused = await refusal(tmp_path / "file" / "catalog")
    assert isinstance(refused, Unavailable)
    assert "file/catalog" in str(refused)


async def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    """Whatever stands in the file's place is named, and not a byte of it changes."""
    file = tmp_path / FILE_NAME
    file.write_bytes(b"Not a database, and far from empty. " * 500)
    before = file.read_bytes()
    refused = await refusal(tmp_path)
    assert isinstance(refused, Unavailable)
    assert str(file) in str(refused)
    assert file.read_bytes() == before


async def test_a_catalogue_of_the_first_version_is_brought_up_to_date(tmp_path: Path) -> None:
    """Tables as the first release made them get what came later, and keep all they hold."""
    (tmp_path / FILE_NAME).parent.mkdir(exist_ok=True)
    first, items = migrations("sqlite")[0], [artist(number) for number in range(1_500)]
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        connection.executescript(
            f"{first.sql} PRAGMA application_id = {CATALOGUE.application_id}; PRAGMA user_version = 1;"
        )
        connection.executemany("INSERT INTO item VALUES (1, ?, ?)", [(item.id, encode(item)) for item in items])
        connection.execute("UPDATE catalog SET generation = 7, artists = 1500")
    connection.close()
    async with open_sqlite_catalog(tmp_path, encode, decode) as store:
        assert await store.get(Reference(Kind.ARTIST, "test:0")) == Kept(encode(items[0]), 8)
        first_part = await store.delta(7)
        assert (len(first_part.changed), first_part.generation, first_part.reset) == (1_000, 8, False)
        assert len((await store.delta(8)).changed) == 500
        assert await store.generation() == 9
        assert (await store.delta(6)).reset is True


async def test_another_programs_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    """A database that is not a catalogue is Invalid here, and not a byte of it changes."""
    file = tmp_path / FILE_NAME
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE recipe (name TEXT)")
    connection.close()
    before = file.read_bytes()
    assert isinstance(await refusal(tmp_path), Invalid)
    assert file.read_bytes() == before


async def test_another_versions_catalogue_is_refused_with_both_versions(tmp_path: Path) -> None:
    """A catalogue of a later version is Invalid here, and the refusal says which and what is read."""
    file = await written(tmp_path)
    with sqlite3.connect(file) as connection:
        connection.execute(f"PRAGMA user_version = {LATEST + 1}")
    connection.close()
    refused = await refusal(tmp_path)
    assert isinstance(refused, Invalid)
    assert f"version {LATEST + 1}" in str(refused)
    assert f"version {LATEST};" in str(refused)


async def test_a_truncated_file_is_told_as_damaged(tmp_path: Path) -> None:
    """A file that lost its end answers Unavailable in one sentence, at the latest when what is missing is read."""
    file = await written(tmp_path, MANY)
    with file.open("r+b") as half:
        half.truncate(file.stat().st_size // 2)
    with pytest.raises(Unavailable, match="damaged"):
        async with open_sqlite_catalog(tmp_path, encode, decode) as store:
            await store.get_many([Reference(Kind.ARTIST, item.id) for item in MANY])


async def test_a_full_disk_loses_nothing(tmp_path: Path) -> None:
    """A batch that no longer fits is refused whole and told so; with room again it is written."""
    async with open_sqlite_catalog(tmp_path, encode, decode) as store:
        await store.write(FEW)
        await store._writer.run(lambda connection: connection.execute("PRAGMA max_page_count = 20"))
        with pytest.raises(Unavailable, match="full disk"):
            await store.write(MANY, replace=True)
        assert await store.counts() == Counts(artists=3)
        kept = await store.get(Reference(Kind.ARTIST, "test:1"))
        assert kept is not None
        assert kept.wire == encode(artist(1))
        await store._writer.run(lambda connection: connection.execute("PRAGMA max_page_count = 100000"))
        assert (await store.write(MANY, replace=True)).added == len(MANY)


async def test_a_write_given_up_is_whole_or_absent(tmp_path: Path) -> None:
    """A caller that is cancelled leaves either its whole batch or none of it, and nothing goes on behind its back."""
    async with open_sqlite_catalog(tmp_path, encode, decode) as store:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await store.write(MANY)
        counts, generation = await store.counts(), await store.generation()
        assert counts in {Counts(), Counts(artists=len(MANY))}
        assert bool(generation) == bool(counts.artists)
        await store.write(MANY)
        after = await store.generation()
        assert after > 0
        assert generation in {0, after}


async def test_reads_go_on_while_a_write_is_under_way(tmp_path: Path) -> None:
    """A reader neither waits for a writer nor sees what is not committed."""
    written_but_open, may_commit = threading.Event(), threading.Event()

    def half_written(connection: sqlite3.Connection) -> None:
        connection.executescript("BEGIN IMMEDIATE; DELETE FROM item;")
        written_but_open.set()
        may_commit.wait(timeout=10)
        connection.execute("COMMIT")

    async with open_sqlite_catalog(tmp_path, encode, decode) as store, asyncio.TaskGroup() as group:
        await store.write(FEW)
        group.create_task(store._writer.run(half_written))
        await asyncio.to_thread(written_but_open.wait)
        try:
            kept = await store.get(Reference(Kind.ARTIST, "test:1"))
            assert kept is not None
            assert kept.wire == encode(artist(1))
        finally:
            may_commit.set()


async def test_snapshots_are_bounded(tmp_path: Path) -> None:
    """One snapshot too many is Exhausted with a time to come back; a closed one makes room, and leaves no thread."""
    async with open_sqlite_catalog(tmp_path, encode, decode) as store:
        await store.write(FEW)
        held = [await store.snapshot() for _ in range(MAX_SNAPSHOTS)]
        with pytest.raises(Exhausted) as refused:
            await store.snapshot()
        assert refused.value.retry_after_s > 0
        await held.pop().chunks.aclose()
        held.append(await store.snapshot())
        for snapshot in held:
            await snapshot.chunks.aclose()
        assert not [thread for thread in threading.enumerate() if thread.name.startswith("catalog-export")]


async def test_a_catalogue_leaves_nothing_open(tmp_path: Path) -> None:
    """Closing ends every thread and folds the write-ahead log into the file."""
    await written(tmp_path, MANY)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("catalog-")]
    assert not (tmp_path / f"{FILE_NAME}-wal").exists()
