"""How the tables of a catalogue came to be: numbered SQL files in a folder for each database, applied once, in order.

Forward only. An applied file is never changed: what should be otherwise is a new file, of the same number and name for
every database.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files

_FILE = re.compile(r"(?P<number>[0-9]{4})_(?P<name>[a-z_]+)\.sql")


@dataclass(frozen=True, slots=True)
class Migration:
    """One step from a version of the tables to the next; its number is the version that it makes."""

    number: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """Return what tells this file from a changed one."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def migrations(database: str) -> tuple[Migration, ...]:
    """Return the migrations of a database (`sqlite`, `postgres`), the first one first."""
    return tuple(sorted(_read(database), key=lambda migration: migration.number))


def _read(database: str) -> Iterator[Migration]:
    for file in files(__package__).joinpath(database).iterdir():
        match = _FILE.fullmatch(file.name)
        if match:
            yield Migration(int(match["number"]), match["name"], file.read_text(encoding="utf-8"))
