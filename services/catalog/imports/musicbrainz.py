"""A source of tracks, artists and albums: MusicBrainz' published canonical data, a row for each recording.

A row has one text for all its artists. Artists therefore get their name from the rows that are theirs alone; one who is
only ever on rows with others stays a part of those rows' credit and becomes no item.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from operator import itemgetter
from pathlib import Path

from services.catalog.domain.items import Album, AlbumId, Appearance, ArtistId, Track, TrackId
from services.catalog.imports.ledger import Row
from services.catalog.imports.records import Broken, Record, records
from services.catalog.imports.source import Reject, Source
from services.catalog.imports.stream import Meter, chunks, size_bytes, text
from services.catalog.imports.table import Table, accepted
from services.kit.errors import Invalid

PREFIX = "musicbrainz"
COLUMNS = (
    *("artist_mbids", "artist_credit_name"),
    *("release_mbid", "release_name", "recording_mbid", "recording_name"),
)
"""The columns that are used, found by the header wherever they stand; `score` is not popularity."""
UNDERSTOOD = (
    "An artist's name is told by the rows that credit nobody else; artists without such a row stay in the credits only."
)

_MBID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_AROUND_LIST = '{}[]() "'


def open_musicbrainz_canonical(path: Path) -> Source:
    """Return the file as a source. Raises Invalid, with one sentence, where it is not what it claims to be."""
    size, meter = size_bytes(path), Meter()
    reader = _RowReader(path.name, *_header(path))
    return Table(path.name, size, meter, read=partial(_rows, path, meter, reader), understood=(UNDERSTOOD,)).source()


@dataclass(frozen=True, slots=True)
class _RowReader:
    """Reads the records of one file."""

    file: str
    places: tuple[int, ...]
    """Where COLUMNS stand."""
    width: int

    def row(self, record: Record) -> Row | Reject:
        """Return what the record becomes."""
        if len(record.cells) != self.width:
            return self._reject(record, f"The row has {len(record.cells)} cells and not {self.width}.")
        artist_mbids, credit, release, release_name, recording, title = map(
            str.strip, itemgetter(*self.places)(record.cells)
        )
        mbids = _mbids(artist_mbids)
        named: Mapping[str, Sequence[str]] = {
            "artist_mbids": mbids,
            "release_mbid": [release.lower()] if release else [],
            "recording_mbid": [recording.lower()],
        }
        wrong = next((name for name, given in named.items() if not all(map(_MBID.fullmatch, given))), None)
        if wrong:
            return self._reject(record, f"Its {wrong} is not what MusicBrainz names things by.")
        return accepted(self.file, _row(record.line, named, (credit, release_name, title)))

    def _reject(self, record: Record, reason: str) -> Reject:
        return Reject(self.file, record.line, "", reason)


def _row(line: int, named: Mapping[str, Sequence[str]], texts: tuple[str, str, str]) -> Row:
    credit, release_name, title = texts
    artists = tuple(ArtistId(f"{PREFIX}:{mbid}") for mbid in named["artist_mbids"])
    albums = [
        Album(AlbumId(f"{PREFIX}:{mbid}"), release_name, artist_ids=artists, credit=credit)
        for mbid in named["release_mbid"]
    ]
    track = Track(
        TrackId(f"{PREFIX}:{named['recording_mbid'][0]}"),
        title,
        artist_ids=artists,
        credit=credit,
        appearances=tuple(Appearance(album.id) for album in albums),
    )
    name = credit if len(artists) == 1 else ""
    return Row(line, track, tuple((artist, name) for artist in artists), albums[0] if albums else None)


def _mbids(cell: str) -> list[str]:
    """Return what the list holds, each once: an artist may be credited twice under two names."""
    listed = cell.strip(_AROUND_LIST).lower()
    if len(listed) <= len("00000000-0000-0000-0000-000000000000"):
        return [listed] if listed else []
    return list(dict.fromkeys(mbid.strip("'\" ") for mbid in listed.split(",")))


def _rows(path: Path, meter: Meter, reader: _RowReader) -> Iterator[Row | Reject]:
    read = records(text(chunks(path, meter), "utf-8-sig"), ",")
    next(read)
    for record in read:
        if isinstance(record, Broken):
            yield Reject(reader.file, record.line, "", record.reason)
        else:
            yield reader.row(record)


def _header(path: Path) -> tuple[tuple[int, ...], int]:
    """Return where the columns stand, and how many there are."""
    first = next(records(text(chunks(path, Meter()), "utf-8-sig"), ","), None)
    header = [cell.strip() for cell in first.cells] if isinstance(first, Record) else []
    missing = [column for column in COLUMNS if column not in header]
    if missing:
        raise Invalid(f"{path} is not MusicBrainz' canonical data: its first line does not name {', '.join(missing)}.")
    return tuple(map(header.index, COLUMNS)), len(header)
