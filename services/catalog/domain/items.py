"""What a catalogue holds: artists, albums and tracks. A new field of a track starts here.

Ids are `<source>:<key>`, for example `music-routes:13`: the source says who named the item, and the key is unique
within that source and kind.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, NewType, TypeAlias

ArtistId = NewType("ArtistId", str)
AlbumId = NewType("AlbumId", str)
TrackId = NewType("TrackId", str)

MAX_ID_CHARS = 200
MAX_TEXT_CHARS = 1_000
MAX_LIST_ITEMS = 300
MAX_ITEM_BYTES = 10_000
"""All texts of an item in UTF-8, each with `TEXT_BYTES` more: a hundred items, the most that one answer holds, fit into
a message of 1 MiB."""
TEXT_BYTES = 12
"""What surrounds a text at the most: with a place on an album comes a position."""


class Kind(StrEnum):
    """What an id names."""

    TRACK = "track"
    ALBUM = "album"
    ARTIST = "artist"


@dataclass(frozen=True, slots=True)
class Artist:
    """A person or group that tracks and albums are credited to."""

    id: ArtistId
    name: str
    aliases: tuple[str, ...] = ()
    popularity: int = 0
    """Plays, or the source's best stand-in for them."""


@dataclass(frozen=True, slots=True)
class Album:
    """A release that tracks appear on."""

    id: AlbumId
    title: str
    aliases: tuple[str, ...] = ()
    artist_ids: tuple[ArtistId, ...] = ()
    credit: str = ""
    """The credit to show; not always the artists' names joined."""
    release_year: int = 0
    """0 where unknown."""
    popularity: int = 0


@dataclass(frozen=True, slots=True)
class Appearance:
    """A place of a track on an album; position counts from 1 across all discs, 0 where unknown."""

    album_id: AlbumId
    position: int = 0


@dataclass(frozen=True, slots=True)
class Track:
    """One recording."""

    id: TrackId
    title: str
    aliases: tuple[str, ...] = ()
    artist_ids: tuple[ArtistId, ...] = ()
    credit: str = ""
    appearances: tuple[Appearance, ...] = ()
    """The album to show stands first."""
    isrc: str = ""
    """International Standard Recording Code without hyphens; empty where unknown."""
    duration_ms: int = 0
    """0 where unknown."""
    release_year: int = 0
    """0 where unknown."""
    explicit: bool = False
    markets: tuple[str, ...] = ()
    """ISO 3166 alpha-2 codes where it may be played; empty means everywhere."""
    popularity: int = 0


Item: TypeAlias = Artist | Album | Track


class Reference(NamedTuple):
    """A kind and an id: what it takes to name one item."""

    kind: Kind
    id: str


Key: TypeAlias = tuple[Kind, str]
"""The same as a bare pair, equal to it: reads look up twenty at a time, and a pair is made in a fourth of the time."""


def reference(item: Item) -> Reference:
    """Return the reference that names the item."""
    match item:
        case Track():
            return Reference(Kind.TRACK, item.id)
        case Album():
            return Reference(Kind.ALBUM, item.id)
        case Artist():
            return Reference(Kind.ARTIST, item.id)
