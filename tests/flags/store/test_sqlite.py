"""What the flags' SQLite file promises beyond the port: one owner, durable writes, no other program's file touched."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from services.catalog.store.sqlite.file import CATALOGUE
from services.flags.domain.store import State
from services.flags.store.migrations import migrations
from services.flags.store.sqlite.flags import FLAGS, look, open_sqlite_flags
from services.kit.clock import ManualClock
from services.kit.errors import Conflict, Failure, Invalid, Unavailable
from tests.contract.flag_stores import change

LATEST = len(migrations("sqlite"))


async def written(folder: Path) -> State:
    """Write a flag to the store in the folder, close it, and return what was in force."""
    async with open_sqlite_flags(folder, ManualClock()) as store:
        await store.write(change())
        return await store.state()


async def refusal(folder: Path) -> Failure:
    """Return why the folder's flags cannot be opened."""
    with pytest.raises(Failure) as refused:
        async with open_sqlite_flags(folder, ManualClock()):
            pass
    return refused.value


def test_both_databases_have_the_same_steps() -> None:
    """Steps count from 1 without a gap and bear the same names in both databases."""
    postgres, sqlite = ([(step.number, step.name) for step in migrations(store)] for store in ("postgres", "sqlite"))
    assert postgres == sqlite
    assert [number for number, _ in postgres] == list(range(1, len(postgres) + 1))


async def test_what_was_written_is_there_when_opened_again(tmp_path: Path) -> None:
    """Flags, generation and journal outlast the process that wrote them, and the next write goes on from there."""
    state = await written(tmp_path)
    async with open_sqlite_flags(tmp_path, ManualClock()) as store:
        assert await store.state() == state
        assert (await store.write(change(expected=1))).previous == state.held.hash


async def test_a_look_sees_what_is_in_force(tmp_path: Path) -> None:
    """Beside the process that holds the file as well as after it."""
    async with open_sqlite_flags(tmp_path, ManualClock()) as store:
        await store.write(change())
        assert look(tmp_path) == await store.state()
    state = look(tmp_path)
    assert state
    assert [*state.flags] == ["voice"]


def test_a_look_makes_nothing(tmp_path: Path) -> None:
    """Where there is no store there is none afterwards."""
    assert look(tmp_path) is None
    assert not [*tmp_path.iterdir()]


def test_a_look_at_what_is_no_flag_store_says_so(tmp_path: Path) -> None:
    """In a sentence, and not a byte of it changes."""
    file = tmp_path / FLAGS.name
    file.write_bytes(b"not flags" * 100)
    with pytest.raises(Unavailable, match="is not a SQLite file"):
        look(tmp_path)
    assert file.read_bytes() == b"not flags" * 100


async def test_a_second_owner_is_refused_until_the_first_has_closed(tmp_path: Path) -> None:
    """Two cannot hold the flags: the second is told who has them, and gets them once they are free."""
    async with open_sqlite_flags(tmp_path, ManualClock()):
        refused = await refusal(tmp_path)
        assert isinstance(refused, Conflict)
        assert f"The flag store in {tmp_path} is in use by process" in str(refused)
    await written(tmp_path)


async def test_another_services_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    """A file of ours that holds something else is Invalid here, and not a byte of it changes."""
    file = tmp_path / FLAGS.name
    CATALOGUE.open_writer(file).close()
    before = file.read_bytes()
    refused = await refusal(tmp_path)
    assert isinstance(refused, Invalid)
    assert "another program" in str(refused)
    assert file.read_bytes() == before


async def test_a_later_versions_file_is_refused_with_both_versions(tmp_path: Path) -> None:
    """A file of a later version is Invalid here, and the refusal says which and what is read."""
    await written(tmp_path)
    with closing(sqlite3.connect(tmp_path / FLAGS.name)) as connection:
        connection.execute(f"PRAGMA user_version = {LATEST + 1}")
    refused = await refusal(tmp_path)
    assert isinstance(refused, Invalid)
    assert f"version {LATEST + 1}" in str(refused)
    assert f"version {LATEST};" in str(refused)


async def test_a_damaged_file_is_told_by_what_it_held(tmp_path: Path) -> None:
    """What is no database any more is Unavailable, in one sentence that says what to do."""
    (tmp_path / FLAGS.name).write_bytes(b"Not a database, and far from empty. " * 500)
    refused = await refusal(tmp_path)
    assert isinstance(refused, Unavailable)
    assert "restore a backup" in str(refused)
