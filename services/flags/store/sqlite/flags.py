"""The store: one thread writes, one reads, and nothing blocks the event loop."""

import sqlite3
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from functools import partial
from pathlib import Path

from services.flags.domain.pulse import Pulse
from services.flags.domain.store import Change, State
from services.flags.store.migrations import migrations
from services.flags.store.rosters import Rosters
from services.flags.store.sqlite import tables
from services.flags.store.wakes import EVERY_S, wakes
from services.kit.clock import Clock
from services.kit.journal import Entry
from services.kit.sqlite.connections import Connections, open_connections
from services.kit.sqlite.file import SqliteFile
from services.kit.sqlite.lock import locked

FLAGS = SqliteFile(
    stem="flags",
    noun="flag store",
    remedy="restore a backup",
    application_id=0x424B4C46,  # "BKLF"
    steps=partial(migrations, "sqlite"),
)
MAX_READS = 512
"""Reads running and waiting. One takes some tens of microseconds, that of the whole state some milliseconds."""
MAX_WRITES = 16


class SqliteFlags:
    """A FlagStore in a SQLite file. Nobody else can write to it, so that followers learn of every write at once."""

    def __init__(self, writer: Connections, readers: Connections, clock: Clock, every_s: float) -> None:
        self._writer, self._readers, self._every_s = writer, readers, every_s
        self._written, self._shared = Pulse(), Pulse()
        self._rosters = Rosters(clock)

    async def state(self) -> State:
        """Return all that is in force."""
        return await self._readers.run(tables.read_state)

    async def generation(self) -> int:
        """Return the generation in force."""
        return await self._readers.run(tables.read_generation)

    async def write(self, change: Change) -> Entry:
        """Write the change and its entry in one transaction, which then is on disk."""
        try:
            return await self._writer.run(partial(tables.write, change=change))
        finally:
            self._written.beat()  # also where the caller left: it may be written all the same

    async def journal(self, after: int, key: str = "") -> Sequence[Entry]:
        """Return the next entries behind that generation; with a key only those of that flag."""
        return await self._readers.run(partial(tables.read_journal, after=after, key=key))

    async def hash_of(self, generation: int) -> str | None:
        """Return the hash of the entry that made the generation; None where there is none."""
        return await self._readers.run(partial(tables.read_hash, generation=generation))

    def changes(self) -> AsyncGenerator[None, None]:
        """Yield at once, after each write, and at least every second."""
        return wakes(self._written, self._every_s)

    async def share_roster(self, server: str, roster: str) -> None:
        """Let the other servers of this store know who is served here: in this process, since no other has it."""
        self._rosters.share(server, roster)
        self._shared.beat()

    async def rosters(self) -> Mapping[str, str]:
        """Return what the servers of this store shared within the last seconds, by server."""
        return self._rosters.shown()

    def roster_changes(self) -> AsyncGenerator[None, None]:
        """Yield at once, whenever a roster is shared, and at least every second."""
        return wakes(self._shared, self._every_s)


def look(folder: Path) -> State | None:
    """Return what is in force in the folder's file, whoever writes to it; None where there is none. It blocks.

    Raises Unavailable where it cannot be read.
    """
    path = folder / FLAGS.name
    if not path.exists():
        return None
    with closing(FLAGS.open_reader(path)) as connection:
        try:
            return tables.read_state(connection)
        except sqlite3.Error as error:
            raise FLAGS.failure(error, str(path)) from error


@asynccontextmanager
async def open_sqlite_flags(folder: Path, clock: Clock, every_s: float = EVERY_S) -> AsyncGenerator[SqliteFlags, None]:
    """Open the flags in the folder, made if it is not there; followers sleep `every_s` at most while nothing changes.

    Raises Conflict where another process holds it, Invalid for a file that is not a flag store of this version, and
    Unavailable where the file or the folder cannot be used. None of them changes the file.
    """
    path = folder / FLAGS.name
    write, read = partial(FLAGS.open_writer, path), partial(FLAGS.open_reader, path)
    with locked(folder, FLAGS):
        async with (
            open_connections(FLAGS, write, use="write", count=1, max_jobs=MAX_WRITES) as writer,
            open_connections(FLAGS, read, use="read", count=1, max_jobs=MAX_READS) as readers,
        ):
            yield SqliteFlags(writer, readers, clock, every_s)
