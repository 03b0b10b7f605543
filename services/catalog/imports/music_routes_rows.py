"""Reads the files of a music-routes folder: first whether each is what it claims to be, then row by row.

`artists.json`, `tracks.json` and `releases.json` hold rows of `_id` and `names` (the first is the name to show, the
others are aliases); `artist_track.json` and `track_release.json` hold pairs of ids. Releases become albums.
"""

import json
from collections.abc import Callable, Collection, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeAlias, TypeVar

from services.catalog.domain.items import Album, AlbumId, Artist, ArtistId, Track, TrackId
from services.catalog.imports.source import Reject, checked
from services.kit.errors import Invalid

PREFIX = "music-routes"
MAX_FILE_BYTES = 256 * 2**20
"""Files are read whole; real ones have half a megabyte."""

_KEYS: Mapping[str, tuple[str, str]] = {
    "artists.json": ("_id", "names"),
    "releases.json": ("_id", "names"),
    "tracks.json": ("_id", "names"),
    "artist_track.json": ("track_id", "artist_id"),
    "track_release.json": ("track_id", "release_id"),
}
"""The files, and what a row of each has."""

Tables: TypeAlias = Mapping[str, Sequence[object]]
"""Each file's rows, not looked at yet."""
T = TypeVar("T", Artist, Album, Track)


@dataclass(frozen=True, slots=True)
class Named(Generic[T]):
    """An accepted row of names: an item that knows no relations yet."""

    file: str
    row: int
    key: str
    item: T


@dataclass(frozen=True, slots=True)
class Accepted:
    """The rows that hold: names by key, and pairs of keys between them."""

    artists: Mapping[str, Named[Artist]]
    albums: Mapping[str, Named[Album]]
    tracks: Mapping[str, Named[Track]]
    track_artists: Collection[tuple[str, str]]
    """Keys of a track and an artist."""
    track_albums: Collection[tuple[str, str]]
    """Keys of a track and an album."""


def read_tables(folder: Path) -> Tables:
    """Return the rows of each file. Raises Invalid, with one sentence, where a file is not what it claims to be."""
    return {file: _rows(folder / file, keys) for file, keys in _KEYS.items()}


def accept(tables: Tables) -> Generator[Reject, None, Accepted]:
    """Yield the rows that do not hold, and return those that do."""
    artists = yield from _names(tables, "artists.json", lambda id_, *names: Artist(ArtistId(id_), *names))
    albums = yield from _names(tables, "releases.json", lambda id_, *names: Album(AlbumId(id_), *names))
    tracks = yield from _names(tables, "tracks.json", lambda id_, *names: Track(TrackId(id_), *names))
    track_artists = yield from _pairs(tables, "artist_track.json", tracks, artists)
    track_albums = yield from _pairs(tables, "track_release.json", tracks, albums)
    return Accepted(artists, albums, tracks, track_artists, track_albums)


def _rows(path: Path, keys: Sequence[str]) -> Sequence[object]:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise Invalid(f"{path} is larger than {MAX_FILE_BYTES // 2**20} MiB.")
        rows = json.loads(path.read_bytes())
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise Invalid(f"{path} is not JSON.") from error
    if not isinstance(rows, list):
        raise Invalid(f"{path} is not a JSON array.")
    if not any(isinstance(row, dict) and row.keys() >= set(keys) for row in rows):
        raise Invalid(f"{path} has no row with {' and '.join(keys)}.")
    return rows


def _names(
    tables: Tables, file: str, make: Callable[[str, str, tuple[str, ...]], T]
) -> Generator[Reject, None, dict[str, Named[T]]]:
    accepted: dict[str, Named[T]] = {}
    for number, row in enumerate(tables[file], start=1):
        named = _named(file, number, row, make)
        if isinstance(named, Reject):
            yield named
        elif named.key in accepted:
            yield Reject(file, number, named.key, f"Row {accepted[named.key].row} has this _id already.")
        else:
            accepted[named.key] = named
    return accepted


def _named(file: str, number: int, row: object, make: Callable[[str, str, tuple[str, ...]], T]) -> Named[T] | Reject:
    match row:
        case {"_id": str(key), "names": [str(name), *others]} if all(isinstance(other, str) for other in others):
            item = make(f"{PREFIX}:{key}", name.strip(), _aliases(name, others))
            refused = checked(item, file=file, row=number, key=key)
            return refused if isinstance(refused, Reject) else Named(file, number, key, item)
        case {"_id": str(key)}:
            return Reject(file, number, key, "Its names are not a list of text with at least one name.")
    return Reject(file, number, "", "It has no _id that is text.")


def _aliases(name: str, others: Iterable[str]) -> tuple[str, ...]:
    tidy = dict.fromkeys(other.strip() for other in others)
    tidy.pop(name.strip(), None)
    return tuple(tidy)


def _pairs(
    tables: Tables, file: str, tracks: Collection[str], others: Collection[str]
) -> Generator[Reject, None, Collection[tuple[str, str]]]:
    accepted: dict[tuple[str, str], int] = {}
    for number, row in enumerate(tables[file], start=1):
        pair = _pair(file, number, row, (tracks, others))
        if isinstance(pair, Reject):
            yield pair
        elif pair in accepted:
            yield Reject(file, number, "/".join(pair), f"Row {accepted[pair]} says the same.")
        else:
            accepted[pair] = number
    return accepted.keys()


def _pair(
    file: str, number: int, row: object, known: tuple[Collection[str], Collection[str]]
) -> tuple[str, str] | Reject:
    keys = _KEYS[file]
    if not isinstance(row, dict) or not all(isinstance(row.get(key), str) for key in keys):
        return Reject(file, number, "", f"It has no {keys[0]} and {keys[1]} that are text.")
    pair = (row[keys[0]], row[keys[1]])
    for key, value, there in zip(keys, pair, known, strict=True):
        if value not in there:
            return Reject(file, number, "/".join(pair), f"Its {key} {value} names no accepted row.")
    return pair
