"""What can be found: one document for each artist, album and track. A new field of a hit starts here."""

from dataclasses import dataclass
from enum import IntEnum


class Kind(IntEnum):
    """What a document is. The numbers are stored in the index, so they never change."""

    TRACK = 1
    ALBUM = 2
    ARTIST = 3


@dataclass(frozen=True, slots=True)
class ArtistName:
    """An artist as a track or album names it."""

    id: str
    name: str
    aliases: tuple[str, ...] = ()
    """Found, never shown."""


@dataclass(frozen=True, slots=True)
class AlbumTitle:
    """An album as a track names it."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Document:
    """One item of the catalogue with all that a list of results shows of it, so that an answer needs no second look."""

    kind: Kind
    id: str
    title: str
    """A track's or album's title, an artist's name."""
    aliases: tuple[str, ...] = ()
    """Found, never shown."""
    artists: tuple[ArtistName, ...] = ()
    """The artists of a track or album, most prominent first."""
    credit: str = ""
    album: AlbumTitle | None = None
    """The album to show with a track."""
    duration_ms: int = 0
    release_year: int = 0
    explicit: bool = False
    markets: tuple[str, ...] = ()
    """ISO 3166 alpha-2 codes where a track may be played; empty means everywhere."""
    popularity: int = 0
    """Plays, or the source's best stand-in for them; comparable between kinds."""
