"""Turns a table with a row for each track into items: its tracks first, then its artists and albums.

A table without popularity is read twice: the first time only to count on how many rows each artist is.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import TypeAlias

from services.catalog.domain.checks import check
from services.catalog.domain.items import Album, Artist, ArtistId, Item
from services.catalog.imports.ledger import Credits, Ledger, Row, open_ledger
from services.catalog.imports.records import Broken, Read, Record
from services.catalog.imports.source import Entry, Reject, Source, checked
from services.catalog.imports.stream import Meter
from services.kit.errors import Invalid

COUNTED = (
    "The file has no plays: an artist's popularity is the number of rows the artist is credited on, "
    "and that of a track or album is the greatest among the artists on it."
)
_KNOWN_ARTISTS = 16_384
_KNOWN_ALBUMS = 16_384

Rank: TypeAlias = Callable[[tuple[ArtistId, ...]], tuple[tuple[ArtistId, ...], int]]
"""Returns those of a track's artists that become items, and the popularity that the track has by them."""


@dataclass(frozen=True, slots=True)
class Table:
    """A file that is a table of tracks."""

    file: str
    size_bytes: int
    meter: Meter
    """Tells how much of the file has been read."""
    records: Callable[[], Iterator[Read]]
    """Starts reading the rows from the first."""
    row: Callable[[Record, Rank], Row | Reject]
    """Says what a row becomes."""
    credits: Callable[[Record], Credits]
    """Says only who is credited on a row; nobody where it does not tell."""
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
            preview=partial(_preview, self),
        )


def unranked(artists: tuple[ArtistId, ...]) -> tuple[tuple[ArtistId, ...], int]:
    """Take all artists, and know of no popularity."""
    return artists, 0


def accepted(file: str, row: Row) -> Row | Reject:
    """Return the row, or the reject that it is where one of its items may not enter a catalogue."""
    refused = checked(row.track, file=file, row=row.line, key=row.track.id)
    if isinstance(refused, Reject):
        return refused
    fault = _fault(row.album) if row.album else ""
    return Reject(file, row.line, row.track.id, fault) if fault else row


@lru_cache(_KNOWN_ALBUMS)
def _fault(album: Album) -> str:
    try:
        check(album)
    except Invalid as refused:
        return str(refused)
    return ""


def _rows(table: Table, rank: Rank) -> Iterator[Row | Reject]:
    for record in table.records():
        if isinstance(record, Broken):
            yield Reject(table.file, record.line, "", record.reason)
        else:
            yield table.row(record, rank)


def _preview(table: Table) -> Iterator[Sequence[Entry]]:
    for row in _rows(table, unranked):
        yield [row] if isinstance(row, Reject) else _items(row)


def _items(row: Row) -> Sequence[Item]:
    popularity = row.track.popularity
    artists = (Artist(id_, name, popularity=popularity) for id_, name in row.artists if name)
    return [row.track, *artists, *([replace(row.album, popularity=popularity)] if row.album else [])]


def _entries(table: Table) -> Iterator[Entry]:
    with open_ledger() as ledger:
        if table.popularity:
            yield from _tracks(table, unranked, ledger)
        else:
            for record in table.records():
                if isinstance(record, Record):
                    ledger.add_credits(table.credits(record))
            yield from _tracks(table, partial(_rank, lru_cache(_KNOWN_ARTISTS)(ledger.rows_of)), ledger)
        yield from ledger.artists(by_rows=not table.popularity)
        yield from ledger.albums()


def _tracks(table: Table, rank: Rank, ledger: Ledger) -> Iterator[Entry]:
    """Yield the tracks, and put down their albums and, where they are not yet, their artists."""
    for row in _rows(table, rank):
        if isinstance(row, Reject):
            yield row
            continue
        first = ledger.first_line(row)
        if first != row.line:
            yield Reject(table.file, row.line, row.track.id, f"Line {first} has this track already.")
            continue
        if table.popularity:
            ledger.add_credits(row.artists, row.track.popularity)
        ledger.add_album(row)
        yield row.track


def _rank(
    rows_of: Callable[[ArtistId], tuple[int, bool]], artists: tuple[ArtistId, ...]
) -> tuple[tuple[ArtistId, ...], int]:
    """Take artists of whom some row has the name, and the most rows that any of the artists is on."""
    rows, named = zip(*map(rows_of, artists), strict=True) if artists else ((0,), ())
    if all(named):
        return artists, max(rows)
    return tuple(artist for artist, is_named in zip(artists, named, strict=True) if is_named), max(rows)
