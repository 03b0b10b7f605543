"""Makes the files that imports are measured with: a table such as people have, and data in MusicBrainz' format."""

import csv
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import TextIO
from uuid import UUID

from services.catalog.domain.items import Album, Artist, Track
from services.catalog.imports.generated.source import generated

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

SEED = 1
MAPPED = {
    "title": "Liedtitel",
    "artist": "Künstler (Band)",
    "album": "Platte",
    "duration": "Länge",
    "year": "Jahr",
    "popularity": "Abrufe",
}
SEPARATOR = " / "
"""Between several artists in a cell."""

_TABLE_HEADER = ("Liedtitel", "Künstler (Band)", "Platte", "Länge", "Jahr", "ISRC", "Abrufe", "Bemerkung")
_CANONICAL_HEADER = (
    *("id", "artist_credit_id", "artist_mbids", "artist_credit_name", "release_mbid", "release_name"),
    *("recording_mbid", "recording_name", "combined_lookup", "score"),
)
_RECORDINGS_PER_RELEASE, _RELEASES_PER_CREDIT = 10, 4
_CREDITS_PER_DUET = 8


def write_table(path: Path, rows: int) -> None:
    """Write a generated catalogue as a table with headers of its own, separated by semicolons."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, delimiter=";")
        table.writerow(_TABLE_HEADER)
        table.writerows(_table_rows(rows))


def write_canonical(path: Path, rows: int) -> None:
    """Write invented recordings in the format of MusicBrainz' canonical data, compressed, in the order of credits."""
    with zstd.open(path, "wt", level=1, encoding="utf-8", newline="") as file:
        _write_canonical(file, rows)


def _write_canonical(file: TextIO, rows: int) -> None:
    table = csv.writer(file)
    table.writerow(_CANONICAL_HEADER)
    table.writerows(_canonical_rows(rows))


def _table_rows(rows: int) -> Iterator[Sequence[object]]:
    catalogue = generated(rows, SEED)
    # Guests on a track may come later, so names are gathered first.
    artists = {item.id: item.name for item in catalogue.entries() if isinstance(item, Artist)}
    albums: dict[str, str] = {}
    for item in catalogue.entries():
        match item:
            case Album():
                albums[item.id] = item.title
            case Track():
                minutes, seconds = divmod(item.duration_ms // 1_000, 60)
                credit = SEPARATOR.join(artists[artist] for artist in item.artist_ids)
                album = albums[item.appearances[0].album_id] if item.appearances else ""
                length, plays = f"{minutes}:{seconds:02}", f"{item.popularity:,}"
                yield item.title, credit, album, length, item.release_year, item.isrc, plays, 'the "first" pressing'


def _canonical_rows(rows: int) -> Iterator[Sequence[object]]:
    chance = Random(SEED)  # noqa: S311 - the same file every time
    words = [f"{one}{other}" for one in ("ba", "ke", "li", "mo", "nu", "ra") for other in ("dan", "lin", "mur", "sat")]

    def name() -> str:
        return " ".join(chance.choices(words, k=3)).title()

    others = [""]
    for number in range(rows):
        if number % (_RECORDINGS_PER_RELEASE * _RELEASES_PER_CREDIT) == 0:
            mbids, artist = _mbid(chance), name()
            if number // (_RECORDINGS_PER_RELEASE * _RELEASES_PER_CREDIT) % _CREDITS_PER_DUET == 1:
                mbids, artist = f"{mbids},{others[-1]}", f"{artist} & {name()}"
            others = [mbids[:36]]
        if number % _RECORDINGS_PER_RELEASE == 0:
            release, release_name = _mbid(chance), name()
        recording = name()
        lookup = f"{artist}{recording}".replace(" ", "").lower()
        yield number, number, mbids, artist, release, release_name, _mbid(chance), recording, lookup, number


def _mbid(chance: Random) -> str:
    return str(UUID(int=chance.getrandbits(128), version=4))
