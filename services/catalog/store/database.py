"""The catalogue's SQLite file: its tables, how it is opened, and what its failures mean."""

import sqlite3
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

from services.kit.errors import Failure, Invalid, Unavailable

APPLICATION_ID = 0x424B4C43
"""Marks the file as a Backline catalogue: "BKLC"."""
SCHEMA_VERSION = 1

SCHEMA = """
-- Everything about one item is in its wire bytes, so that a read is one look-up and nothing is put together.
CREATE TABLE item (
    kind INTEGER NOT NULL, id TEXT NOT NULL, wire BLOB NOT NULL,
    PRIMARY KEY (kind, id)
) WITHOUT ROWID;

-- The lists of tracks: an album's in playing order, an artist's by falling popularity (place is minus popularity).
CREATE TABLE placement (
    owner_kind INTEGER NOT NULL, owner TEXT NOT NULL, place INTEGER NOT NULL, track TEXT NOT NULL,
    PRIMARY KEY (owner_kind, owner, place, track)
) WITHOUT ROWID;

-- One row. The counts are kept, since counting millions of rows takes seconds.
CREATE TABLE catalog (
    generation INTEGER NOT NULL, artists INTEGER NOT NULL, albums INTEGER NOT NULL, tracks INTEGER NOT NULL
);
INSERT INTO catalog VALUES (0, 0, 0, 0);
"""

_MARKS = f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {SCHEMA_VERSION};"

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
    """Open the file to write, with its tables made if it is new.

    Raises Invalid for another program's file or another version's, Unavailable for one that cannot be used.
    """
    with _opened(path) as connection:
        is_new = _is_new(connection, path)
        connection.executescript(PRAGMAS)
        if is_new:
            connection.executescript(f"BEGIN IMMEDIATE; {SCHEMA} {_MARKS} COMMIT;")
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


def _is_new(connection: sqlite3.Connection, path: Path) -> bool:
    """Say whether the file is empty, without changing it. Raises Invalid for one that is not ours to write."""
    application, version, tables = (
        connection.execute(question).fetchone()[0]
        for question in ("PRAGMA application_id", "PRAGMA user_version", "SELECT count(*) FROM sqlite_schema")
    )
    if (application, version, tables) == (0, 0, 0):
        return True
    if application != APPLICATION_ID:
        raise Invalid(f"{path} belongs to another program; move it away or name another folder.")
    if version != SCHEMA_VERSION:
        raise Invalid(
            f"{path} has tables of version {version}, and this program reads version {SCHEMA_VERSION}; "
            f"run the program that wrote it, or move it away and import again."
        )
    return False
