"""A SQLite file of a store's own: how it is opened, and what its failures mean."""

import sqlite3
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from services.kit.errors import Failure, Invalid, Unavailable
from services.kit.migrations import Migration

_PRAGMAS = """
PRAGMA journal_mode = WAL;
-- NORMAL would survive kill -9 too, but after a power cut what was acknowledged last could be gone, and a number that
-- others have seen could be given a second time.
PRAGMA synchronous = FULL;
"""

_SENTENCES: Mapping[int, str] = {
    sqlite3.SQLITE_FULL: "is on a full disk; make room and try again",
    sqlite3.SQLITE_CORRUPT: "is damaged; move it away and {remedy}",
    sqlite3.SQLITE_NOTADB: "is not a SQLite file; move it away and {remedy}",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened; see whether the folder can be read and written",
    sqlite3.SQLITE_READONLY: "cannot be written; see whether the folder can",
}
_PRIMARY_CODE = 0xFF


@dataclass(frozen=True, slots=True)
class SqliteFile:
    """A kind of file: what it holds, and what that is called."""

    stem: str
    """Begins the names of the file, its lock and the threads that use it."""
    noun: str
    """What the file holds, for a sentence with "the" or "a" before it."""
    remedy: str
    """What to do once a damaged one is out of the way, as "start again"."""
    application_id: int
    """Marks the file as one of this kind."""
    steps: Callable[[], Sequence[Migration]]
    """Returns what its tables are made by."""
    pragmas: str = ""
    """Settings of the one connection that writes, beyond those of every file."""

    @property
    def name(self) -> str:
        """What the file is called in its folder."""
        return f"{self.stem}.sqlite3"

    def failure(self, error: sqlite3.Error, name: str = "") -> Unavailable:
        """Return what the error means for a caller, in one sentence about what the file holds, or is called."""
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & _PRIMARY_CODE
        otherwise = f"cannot be read or written now ({getattr(error, 'sqlite_errorname', 'closed')})"
        sentence = _SENTENCES.get(code, otherwise).format(remedy=self.remedy)
        return Unavailable(f"{name or f'The {self.noun}'} {sentence}.")

    def open_writer(self, path: Path) -> sqlite3.Connection:
        """Open the file to write, with its tables made if it is new and brought up to date if they are old.

        Raises Invalid for another program's file or a later version's, Unavailable for one that cannot be used.
        """
        known = self.steps()
        with self._opened(path) as connection:
            version = self._version(connection, path, len(known))
            connection.executescript(_PRAGMAS + self.pragmas)
            for step in known[version:]:
                connection.executescript(f"BEGIN IMMEDIATE; {step.sql} {self._marks(step)} COMMIT;")
            return connection

    def open_reader(self, path: Path) -> sqlite3.Connection:
        """Open the file, which a writer has open, to read. Raises Unavailable where it cannot be used."""
        with self._opened(path) as connection:
            connection.execute("PRAGMA query_only = ON")
            return connection

    @contextmanager
    def _opened(self, path: Path) -> Generator[sqlite3.Connection, None, None]:
        try:
            connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        except sqlite3.Error as error:
            raise self.failure(error, str(path)) from error
        try:
            yield connection
        except sqlite3.Error as error:
            connection.close()
            raise self.failure(error, str(path)) from error
        except Failure:
            connection.close()
            raise

    def _version(self, connection: sqlite3.Connection, path: Path, latest: int) -> int:
        """Return how many migrations the file has behind it, without changing it.

        Raises Invalid for one that is not ours to write.
        """
        application, version, tables = (
            connection.execute(question).fetchone()[0]
            for question in ("PRAGMA application_id", "PRAGMA user_version", "SELECT count(*) FROM sqlite_schema")
        )
        if (application, version, tables) == (0, 0, 0):
            return 0
        if application != self.application_id:
            raise Invalid(f"{path} belongs to another program; move it away or name another folder.")
        if version > latest:
            raise Invalid(
                f"{path} has tables of version {version}, and this program reads up to version {latest}; "
                f"run the program that wrote it, or move it away and {self.remedy}."
            )
        return int(version)

    def _marks(self, step: Migration) -> str:
        return f"PRAGMA application_id = {self.application_id}; PRAGMA user_version = {step.number};"
