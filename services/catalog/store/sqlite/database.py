"""The catalogue's SQLite file: its tables, how it is opened, and what its failures mean."""

import sqlite3
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

from services.catalog.store.migrations import Migration, migrations
from services.kit.errors import Failure, Invalid, Unavailable

APPLICATION_ID = 0x424B4C43
"""Marks the file as a Backline catalogue: "BKLC"."""
PRAGMAS = """
PRAGMA journal_mode = WAL;
-- NORMAL would survive kill -9 too, but after a power cut the last batches, though acknowledged, could be gone and the
-- generation could go back behind that of an index built from it. A batch is a thousand items: one fsync for each
-- costs next to nothing.
PRAGMA synchronous = FULL;
PRAGMA cache_size = -32768;
-- 64 MB of log between checkpoints: a long import then writes a page of the tables once instead of many times.
PRAGMA wal_autocheckpoint = 16384;
PRAGMA journal_size_limit = 67108864;
"""

_SENTENCES: Mapping[int, str] = {
    sqlite3.SQLITE_FULL: "is on a full disk; make room and try again",
    sqlite3.SQLITE_CORRUPT: "is damaged; move it away and import again",
    sqlite3.SQLITE_NOTADB: "is not a SQLite file; move it away and import again",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened; see whether the folder can be read and written",
    sqlite3.SQLITE_READONLY: "cannot be written; see whether the folder can",
}
_PRIMARY_CODE = 0xFF


def failure(error: sqlite3.Error, name: str = "The catalogue") -> Unavailable:
    """Return what the error means for a caller, in one sentence about the thing of that name."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & _PRIMARY_CODE
    otherwise = f"cannot be read or written now ({getattr(error, 'sqlite_errorname', 'closed')})"
    return Unavailable(f"{name} {_SENTENCES.get(code, otherwise)}.")


def open_writer(path: Path) -> sqlite3.Connection:
    """Open the file to write, with its tables made if it is new and brought up to date if they are old.

    Raises Invalid for another program's file or a later version's, Unavailable for one that cannot be used.
    """
    known = migrations("sqlite")
    with _opened(path) as connection:
        version = _version(connection, path, len(known))
        connection.executescript(PRAGMAS)
        for migration in known[version:]:
            connection.executescript(f"BEGIN IMMEDIATE; {migration.sql} {_marks(migration)} COMMIT;")
        return connection


def open_reader(path: Path) -> sqlite3.Connection:
    """Open the file, which a writer has open, to read. Raises Unavailable where it cannot be used."""
    with _opened(path) as connection:
        connection.execute("PRAGMA query_only = ON")
        return connection


@contextmanager
def _opened(path: Path) -> Generator[sqlite3.Connection, None, None]:
    try:
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    except sqlite3.Error as error:
        raise failure(error, str(path)) from error
    try:
        yield connection
    except sqlite3.Error as error:
        connection.close()
        raise failure(error, str(path)) from error
    except Failure:
        connection.close()
        raise


def _version(connection: sqlite3.Connection, path: Path, latest: int) -> int:
    """Return how many migrations the file has behind it, without changing it.

    Raises Invalid for one that is not ours to write.
    """
    application, version, tables = (
        connection.execute(question).fetchone()[0]
        for question in ("PRAGMA application_id", "PRAGMA user_version", "SELECT count(*) FROM sqlite_schema")
    )
    if (application, version, tables) == (0, 0, 0):
        return 0
    if application != APPLICATION_ID:
        raise Invalid(f"{path} belongs to another program; move it away or name another folder.")
    if version > latest:
        raise Invalid(
            f"{path} has tables of version {version}, and this program reads up to version {latest}; "
            f"run the program that wrote it, or move it away and import again."
        )
    return int(version)


def _marks(migration: Migration) -> str:
    return f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {migration.number};"
