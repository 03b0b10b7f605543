"""Turns a table with a row for each track into items: its tracks first, then its artists and albums.

A table without popularity is read twice: the first time to count on how many tracks each artist is.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import TypeAlias

from services.catalog.domain.items import Artist, ArtistId, Item, Track
from services.catalog.imports.ledger import Ledger, Row, open_ledger
from services.catalog.imports.source import Entry, Reject, Source, checked
from services.catalog.imports.stream import Meter

COUNTED = (
    "The file has no plays: an artist's popularity is the number of tracks the artist is credited on, "
    "and that of a track or album is the greatest among the artists on it."
)
_KNOWN_ARTISTS = 16_384

Read: TypeAlias = Callable[[], Iterator[Row | Reject]]
"""Starts reading the table from its beginning."""


@dataclass(frozen=True, slots=True)
class Table:
    """A file that is a table of tracks."""

    file: str
    size_bytes: int
    meter: Meter
    """Tells how much of the file has been read."""
    read: Read
    popularity: str = ""
    """What its popularity is, in one sentence; empty where it has none."""
    understood: tuple[str, ...] = ()

    def source(self) -> Source:
        """Return the table as a source of items."""
        return Source(
            self.popularity or COUNTED,
            size=self.size_bytes * (1 if self.popularity else 2),
            entries=partial(_entries, self),
            read=lambda: self.meter.read_bytes,
            understood=self.understood,
            preview=partial(_preview, self.read),
        )


def _preview(read: Read) -> Iterator[Sequence[Entry]]:
    for row in read():
        yield [row] if isinstance(row, Reject) else _items(row)


def _items(row: Row) -> Sequence[Item]:
    artists = (Artist(id_, name, popularity=row.track.popularity) for id_, name in row.artists if name)
    return [row.track, *artists, *([row.album] if row.album else [])]


def _entries(table: Table) -> Iterator[Entry]:
    with open_ledger() as ledger:
        if table.popularity:
            yield from _tracks(table, ledger, partial(_counted, ledger))
        else:
            _survey(table, ledger)
            yield from _tracks(table, ledger, partial(_ranked, lru_cache(_KNOWN_ARTISTS)(ledger.tracks_of)))
        yield from ledger.artists(by_tracks=not table.popularity)
        yield from ledger.albums()


def _survey(table: Table, ledger: Ledger) -> None:
    for row in table.read():
        if isinstance(row, Row) and ledger.first_line(row) == row.line:
            ledger.add_artists(row)


def _tracks(table: Table, ledger: Ledger, seen: Callable[[Row], Row]) -> Iterator[Track | Reject]:
    """Yield the tracks, and put down their albums."""
    for read in table.read():
        if isinstance(read, Reject):
            yield read
            continue
        first = ledger.first_line(read)
        if first != read.line:
            yield Reject(table.file, read.line, read.track.id, f"Line {first} has this track already.")
            continue
        row = seen(read)
        if row.album:
            ledger.add_album(row.album)
        yield row.track


def _counted(ledger: Ledger, row: Row) -> Row:
    """Count the row for its artists, and leave it as it is."""
    ledger.add_artists(row)
    return row


def _ranked(tracks_of: Callable[[ArtistId], tuple[int, bool]], row: Row) -> Row:
    """Return the row with its popularity, and without artists of whom no row has the name."""
    known = {artist: tracks_of(artist) for artist in row.track.artist_ids}
    artists = tuple(artist for artist, (_, named) in known.items() if named)
    popularity = max((tracks for tracks, _ in known.values()), default=0)
    track = replace(row.track, artist_ids=artists, popularity=popularity)
    album = row.album
    if album:
        album = replace(
            album, artist_ids=tuple(artist for artist in album.artist_ids if known[artist][1]), popularity=popularity
        )
    return Row(row.line, track, row.artists, album)


def accepted(file: str, row: Row) -> Row | Reject:
    """Return the row, or the reject that it is where one of its items may not enter a catalogue."""
    for item in (row.track, row.album):
        refused = item and checked(item, file=file, row=row.line, key=row.track.id)
        if isinstance(refused, Reject):
            return refused
    return row
