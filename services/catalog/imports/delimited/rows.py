"""What a record of cells becomes: a track with its artists and its album, or a reject."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from services.catalog.domain.items import Album, AlbumId, Appearance, ArtistId, Track, TrackId
from services.catalog.imports.credits import joined
from services.catalog.imports.delimited import cells
from services.catalog.imports.delimited.cells import Unusable
from services.catalog.imports.delimited.detection import Format
from services.catalog.imports.delimited.naming import Naming
from services.catalog.imports.ledger import Credits, Row
from services.catalog.imports.records import Record
from services.catalog.imports.source import Reject
from services.catalog.imports.stream import UNREADABLE
from services.catalog.imports.table import Rank, accepted

_READERS: Mapping[str, Callable[[str], Any]] = {
    "isrc": cells.isrc,
    "duration_ms": cells.milliseconds,
    "duration_s": cells.seconds,
    "duration": cells.duration,
    "year": cells.year,
    "popularity": cells.count,
    "explicit": cells.truth,
    "markets": cells.codes,
    "position": cells.position,
}
"""How a field's cell is read; the others are text."""


@dataclass(frozen=True, slots=True)
class RowReader:
    """Reads the records of one file."""

    file: str
    format: Format
    places: Mapping[str, int]
    naming: Naming

    def credits(self, record: Record) -> Credits:
        """Return who is credited on the row; nobody where it does not tell."""
        names, keys = (
            record.cells[place].strip() if place is not None and place < len(record.cells) else ""
            for place in (self.places.get("artist"), self.places.get("artist_id"))
        )
        try:
            return _artists(self.naming, names, keys)
        except Unusable:
            return ()

    def row(self, record: Record, rank: Rank) -> Row | Reject:
        """Return what the record becomes."""
        read = self._read(record, rank)
        return self._unreadable(record, read) if isinstance(read, Reject) else read

    def _read(self, record: Record, rank: Rank) -> Row | Reject:
        try:
            row = self._row(record.line, self._values(record.cells), rank)
        except Unusable as unusable:
            return Reject(self.file, record.line, "", f"{unusable}.")
        return accepted(self.file, row)

    def _values(self, record: list[str]) -> dict[str, Any]:
        """Return the value of each field whose cell is not empty."""
        width = len(self.format.headers)
        if len(record) != width and (len(record) < width or any(record[width:])):
            raise Unusable(f"The row has {len(record)} cells and not {width}")
        values: dict[str, Any] = {}
        for field, place in self.places.items():
            cell = record[place].strip()
            if not cell:
                continue
            try:
                values[field] = _READERS[field](cell) if field in _READERS else cell
            except Unusable as unusable:
                raise Unusable(f"Its {self.format.headers[place]} {unusable}") from None
        return values

    def _row(self, line: int, values: Mapping[str, Any], rank: Rank) -> Row:
        title, credited = values.get("title", ""), values.get("artist", "")
        artists = _artists(self.naming, credited, values.get("artist_id", ""))
        ids, popularity = rank(tuple(artist for artist, _ in artists))
        credit = joined([name for _, name in artists])
        of_album = [values.get(field, "") for field in ("album", "album_id", "album_artist")]
        album = _album(self.naming, ids, credit, values.get("year", 0), *of_album)
        id_ = (
            self.naming.given(values["id"])
            if "id" in values
            else self.naming.made(credited, title, values.get("album", ""))
        )
        track = Track(
            TrackId(id_),
            title,
            aliases=tuple(name for name in self.naming.names(values.get("aliases", "")) if name != title),
            artist_ids=ids,
            credit=credit,
            appearances=(Appearance(album.id, values.get("position", 0)),) if album else (),
            isrc=values.get("isrc", ""),
            duration_ms=values.get("duration_ms") or values.get("duration_s") or values.get("duration", 0),
            release_year=values.get("year", 0),
            explicit=values.get("explicit", False),
            markets=values.get("markets", ()),
            popularity=values.get("popularity", popularity),
        )
        return Row(line, track, artists, album)

    def _unreadable(self, record: Record, otherwise: Reject) -> Reject:
        """Return the reject with the better reason that a cell of it is not text in the encoding, where one is not."""
        for place in self.places.values():
            if place < len(record.cells) and UNREADABLE in record.cells[place]:
                header, encoding = self.format.headers[place], self.format.encoding
                reason = f"Its {header} is not text in {encoding}; if it is in another, say --encoding."
                return Reject(self.file, record.line, "", reason)
        return otherwise


# One row after the other is by the same artists and on the same album. A few are enough, since cells may be long.
_NEIGHBOURS = 32


@lru_cache(_NEIGHBOURS)
def _artists(naming: Naming, credited: str, keys: str) -> Credits:
    names = naming.names(credited)
    if not keys:
        # One artist in two spellings is still one.
        by_id = {ArtistId(naming.known(name)): name for name in reversed(names)}
        return tuple(reversed(by_id.items()))
    ids = [ArtistId(naming.given(key)) for key in naming.names(keys)]
    if len(ids) != len(names):
        raise Unusable(f"It names {len(names)} artists and {len(ids)} ids of artists")
    return tuple(zip(ids, names, strict=True))


@lru_cache(_NEIGHBOURS)
def _album(
    naming: Naming, artists: tuple[ArtistId, ...], credit: str, year: int, title: str, key: str, by: str
) -> Album | None:
    if not title and not key:
        return None
    return Album(
        AlbumId(naming.given(key) if key else naming.known(by or credit, title)),
        title,
        artist_ids=artists,
        credit=joined(naming.names(by)) if by else credit,
        release_year=year,
    )
