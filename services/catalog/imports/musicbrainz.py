"""A source of tracks, artists and albums: MusicBrainz' published canonical data, a row for each recording.

A row has one text for all its artists. Artists therefore get their name from the rows that are theirs alone; one who is
only ever on rows with others stays a part of those rows' credit and becomes no item.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

from services.catalog.domain.items import Album, AlbumId, Appearance, ArtistId, Track, TrackId
from services.catalog.imports.ledger import Credits, Row
from services.catalog.imports.records import Read, Record, records
from services.catalog.imports.source import Reject, Source
from services.catalog.imports.stream import Meter, chunks, size_bytes, text
from services.catalog.imports.table import Rank, Table, accepted
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
    return Table(
        path.name,
        size,
        meter,
        records=partial(_records, path, meter),
        row=reader.row,
        credits=reader.credits,
        understood=(UNDERSTOOD,),
    ).source()


@dataclass(frozen=True, slots=True)
class _RowReader:
    """Reads the records of one file."""

    file: str
    places: tuple[int, ...]
    """Where COLUMNS stand."""
    width: int

    def row(self, record: Record, rank: Rank) -> Row | Reject:
        """Return what the record becomes."""
        if len(record.cells) != self.width:
            return Reject(self.file, record.line, "", f"The row has {len(record.cells)} cells and not {self.width}.")
        listed, credit, release, release_name, recording, title = self._cells(record)
        credits_ = _credited(listed, credit)
        if credits_ is None or not all(map(_MBID.fullmatch, (recording, release or recording))):
            return Reject(self.file, record.line, recording, _wrong(credits_, recording))
        artists, popularity = rank(tuple(artist for artist, _ in credits_))
        album = (
            Album(AlbumId(f"{PREFIX}:{release}"), release_name, artist_ids=artists, credit=credit) if release else None
        )
        track = Track(
            TrackId(f"{PREFIX}:{recording}"),
            title,
            artist_ids=artists,
            credit=credit,
            appearances=(Appearance(album.id),) if album else (),
            popularity=popularity,
        )
        return accepted(self.file, Row(record.line, track, credits_, album))

    def credits(self, record: Record) -> Credits:
        """Return who is credited on the row; nobody where it does not tell."""
        if len(record.cells) != self.width:
            return ()
        listed, credit, *_ = self._cells(record)
        return _credited(listed, credit) or ()

    def _cells(self, record: Record) -> Sequence[str]:
        return [record.cells[place].strip() for place in self.places]


def _wrong(credits_: Credits | None, recording: str) -> str:
    wrong = "artist_mbids" if credits_ is None else "release_mbid" if _MBID.fullmatch(recording) else "recording_mbid"
    return f"Its {wrong} is not what MusicBrainz names things by."


def _credited(listed: str, credit: str) -> Credits | None:
    """Return the artists, the only one with the credit as the name; None where the list is none of MBIDs."""
    mbids = _mbids(listed)
    if not all(map(_MBID.fullmatch, mbids)):
        return None
    name = credit if len(mbids) == 1 else ""
    return tuple((ArtistId(f"{PREFIX}:{mbid}"), name) for mbid in mbids)


def _mbids(cell: str) -> list[str]:
    """Return what the list holds, each once: an artist may be credited twice under two names."""
    listed = cell.strip(_AROUND_LIST).lower()
    if len(listed) <= len("00000000-0000-0000-0000-000000000000"):
        return [listed] if listed else []
    return list(dict.fromkeys(mbid.strip("'\" ") for mbid in listed.split(",")))


def _records(path: Path, meter: Meter) -> Iterator[Read]:
    """Yield the rows behind the header."""
    return islice(records(text(chunks(path, meter), "utf-8-sig"), ","), 1, None)


def _header(path: Path) -> tuple[tuple[int, ...], int]:
    """Return where the columns stand, and how many there are."""
    first = next(records(text(chunks(path, Meter()), "utf-8-sig"), ","), None)
    header = [cell.strip() for cell in first.cells] if isinstance(first, Record) else []
    missing = [column for column in COLUMNS if column not in header]
    if missing:
        raise Invalid(f"{path} is not MusicBrainz' canonical data: its first line does not name {', '.join(missing)}.")
    return tuple(map(header.index, COLUMNS)), len(header)
