"""What an import remembers of the rows it has read: which tracks there were, and who and what they were credited to.

It is kept in a temporary SQLite database without a name, so memory stays bounded however long the file is, and nothing
is left of it, however the import ends.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import TypeAlias

from services.catalog.domain.checks import check
from services.catalog.domain.items import Album, AlbumId, Artist, ArtistId, Track
from services.catalog.imports.credits import VARIOUS_ARTISTS
from services.kit.errors import Invalid, Unavailable

MAX_ALIASES = 10
MAX_ALIAS_BYTES = 4_000
"""With the name, these fit into an item."""
PENDING = 20_000
"""Different credits kept in memory before they are put down together."""

_SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA temp_store = FILE;
PRAGMA cache_size = -32768;
CREATE TABLE seen (track INTEGER PRIMARY KEY, line INTEGER NOT NULL);
-- An artist under one of its names; the name is empty where a row credits several artists in one text.
CREATE TABLE artist (
    id TEXT, name TEXT, rows INTEGER NOT NULL, popularity INTEGER NOT NULL, PRIMARY KEY (id, name)
) WITHOUT ROWID;
-- An album as one group of its rows has it.
CREATE TABLE album (
    id TEXT, title TEXT, credit TEXT, artists TEXT,
    tracks INTEGER NOT NULL, popularity INTEGER NOT NULL, year INTEGER NOT NULL,
    PRIMARY KEY (id, title, credit, artists)
) WITHOUT ROWID;
BEGIN;
"""
_SEE = "INSERT OR IGNORE INTO seen VALUES (?, ?)"
_FIRST = "SELECT line FROM seen WHERE track = ?"
_ADD_ARTISTS = """INSERT INTO artist VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE
    SET rows = rows + excluded.rows, popularity = max(popularity, excluded.popularity)"""
_ADD_ALBUMS = """INSERT INTO album VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE
    SET tracks = tracks + excluded.tracks, popularity = max(popularity, excluded.popularity),
        year = max(year, excluded.year)"""
_ROWS_OF = "SELECT sum(rows), max(name) > '' FROM artist WHERE id = ?"

Credits: TypeAlias = tuple[tuple[ArtistId, str], ...]
"""The artists on a row with the names they have there, empty where the row does not tell."""
_ANYONE = ArtistId("any:one")
_ArtistRow: TypeAlias = tuple[str, str, int, int]
_AlbumRow: TypeAlias = tuple[str, str, str, str, int, int, int]


@dataclass(frozen=True, slots=True)
class Row:
    """What one row of a table says."""

    line: int
    track: Track
    artists: "Credits"
    album: Album | None = None
    """Its popularity is left to be that of its tracks."""


class Ledger:
    """Takes rows, and gives what they amount to. Every method may raise Unavailable."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._artists: dict[tuple[str, str], list[int]] = {}
        self._albums: dict[tuple[str, str, str, str], list[int]] = {}

    def first_line(self, row: Row) -> int:
        """Return the line on which the row's track was first, which is this one if it is new."""
        key = hash(row.track.id)
        if self._database.execute(_SEE, (key, row.line)).rowcount:
            return row.line
        line: int = self._database.execute(_FIRST, (key,)).fetchone()[0]
        return line

    def add_credits(self, artists: Credits, popularity: int = 0) -> None:
        """Count a row for its artists."""
        for artist in artists:
            sums = self._artists.setdefault(artist, [0, 0])
            sums[0] += 1
            sums[1] = max(sums[1], popularity)
        if len(self._artists) > PENDING:
            self._put_down()

    def add_album(self, row: Row) -> None:
        """Count a row for its album, if it has one."""
        album = row.album
        if album is None:
            return
        key = (album.id, album.title, album.credit, " ".join(album.artist_ids))
        sums = self._albums.setdefault(key, [0, 0, 0])
        sums[0] += 1
        sums[1] = max(sums[1], row.track.popularity)
        sums[2] = max(sums[2], album.release_year)
        if len(self._albums) > PENDING:
            self._put_down()

    def rows_of(self, artist: ArtistId) -> tuple[int, bool]:
        """Return on how many rows the artist is, and whether any has its name."""
        if self._artists:
            self._put_down()
        rows, named = self._database.execute(_ROWS_OF, (artist,)).fetchone()
        return rows or 0, bool(named)

    def artists(self, *, by_rows: bool) -> Iterator[Artist]:
        """Yield each artist of whom a name is known, the most used first, the others as aliases.

        Its popularity is the greatest among its rows or, with `by_rows`, how many they are.
        """
        self._put_down()
        rows: Iterator[_ArtistRow] = self._database.execute("SELECT * FROM artist ORDER BY id, name")
        for id_, group in groupby(rows, key=itemgetter(0)):
            _, names, rows_of, popularities = zip(*group, strict=True)
            by_use = [name for _, name in sorted(zip(rows_of, names, strict=True), key=_most_used) if name]
            if by_use:
                popularity = sum(rows_of) if by_rows else max(popularities)
                yield Artist(ArtistId(id_), by_use[0], _aliases(by_use), popularity)

    def albums(self) -> Iterator[Album]:
        """Yield each album, credited to whoever is on half of its tracks or more."""
        self._put_down()
        rows: Iterator[_AlbumRow] = self._database.execute("SELECT * FROM album ORDER BY id, title, credit, artists")
        for _, group in groupby(rows, key=itemgetter(0)):
            yield _album(list(group))

    def _put_down(self) -> None:
        credited = ((id_, _usable(name), *sums) for (id_, name), sums in self._artists.items())
        self._database.executemany(_ADD_ARTISTS, credited)
        self._database.executemany(_ADD_ALBUMS, ((*key, *sums) for key, sums in self._albums.items()))
        self._artists.clear()
        self._albums.clear()


@contextmanager
def open_ledger() -> Iterator[Ledger]:
    """Open an empty ledger. Raises Unavailable where the folder for temporary files does not hold what it has to."""
    # The import reads from one thread of several at a time.
    with closing(sqlite3.connect("", isolation_level=None, check_same_thread=False)) as database:
        try:
            database.executescript(_SCHEMA)
            yield Ledger(database)
        except sqlite3.Error as error:
            raise Unavailable(f"The folder for temporary files does not hold what an import needs: {error}.") from error


def _usable(name: str) -> str:
    """Return the name, or none where an artist may not have it."""
    try:
        check(Artist(_ANYONE, name))
    except Invalid:
        return ""
    return name


def _most_used(use: tuple[int, str]) -> tuple[int, str]:
    rows, name = use
    return -rows, name


def _aliases(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names after the first, as far as they fit and differ in more than their letters' case."""
    others = {name.casefold(): name for name in reversed(names[1 : MAX_ALIASES + 1])}
    others.pop(names[0].casefold(), None)
    kept = list(reversed(others.values()))
    while sum(len(name.encode()) for name in kept) > MAX_ALIAS_BYTES:
        kept.pop()
    return tuple(kept)


def _album(rows: Sequence[_AlbumRow]) -> Album:
    """Put together what the rows of one album say; where they differ, most of its tracks decide."""
    rows = sorted(rows, key=lambda row: -row[4])
    on: Counter[str] = Counter()
    for row in rows:
        on.update(dict.fromkeys(row[3].split(), row[4]))
    tracks = sum(row[4] for row in rows)
    artists = tuple(ArtistId(artist) for artist, times in on.items() if 2 * times >= tracks)
    agreed = artists or not on or len({row[2] for row in rows}) == 1
    return Album(
        AlbumId(rows[0][0]),
        rows[0][1],
        artist_ids=artists,
        credit=rows[0][2] if agreed else VARIOUS_ARTISTS,
        release_year=max(row[6] for row in rows),
        popularity=max(row[5] for row in rows),
    )
