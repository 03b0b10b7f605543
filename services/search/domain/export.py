"""The catalogue as search needs it: its rows, what changes, the port they come through, how they become documents."""

from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeAlias

from services.search.domain.document import AlbumTitle, ArtistName, Document, Kind


@dataclass(frozen=True, slots=True)
class ArtistRow:
    """An artist as the catalogue exports it."""

    id: str
    name: str
    aliases: tuple[str, ...] = ()
    popularity: int = 0


@dataclass(frozen=True, slots=True)
class AlbumRow:
    """An album as the catalogue exports it."""

    id: str
    title: str
    aliases: tuple[str, ...] = ()
    artist_ids: tuple[str, ...] = ()
    credit: str = ""
    release_year: int = 0
    popularity: int = 0


@dataclass(frozen=True, slots=True)
class TrackRow:
    """A track as the catalogue exports it."""

    id: str
    title: str
    aliases: tuple[str, ...] = ()
    artist_ids: tuple[str, ...] = ()
    credit: str = ""
    album_id: str = ""
    """The album to show; empty where there is none."""
    duration_ms: int = 0
    release_year: int = 0
    explicit: bool = False
    markets: tuple[str, ...] = ()
    popularity: int = 0


Row: TypeAlias = ArtistRow | AlbumRow | TrackRow


class Reference(NamedTuple):
    """What names one item."""

    kind: Kind
    id: str


@dataclass(frozen=True, slots=True)
class Export:
    """The whole catalogue at one generation."""

    generation: int
    counts: Mapping[str, int]
    """How many items of each kind it announces: "artist", "album", "track"."""
    chunks: AsyncGenerator[Sequence[Row], None]
    """Artists, then albums, then tracks; nothing where the asker has this generation already."""

    @property
    def item_count(self) -> int:
        """Return how many items it announces of all kinds."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class News:
    """What has changed, up to a generation, as it is now."""

    generation: int
    """Everything up to here has been told: where to ask from after a break."""
    changed: Sequence[Row] = ()
    removed: Sequence[Reference] = ()
    reset: bool = False
    """The catalogue was emptied, or is another one: what was known of it is void."""


class Catalogue(Protocol):
    """Exports itself, tells what changes, and answers for single items. Raises the kit's failures."""

    def export(self, known_generation: int) -> AbstractAsyncContextManager[Export]:
        """Open an export; 0 is the known generation of whoever has none."""
        ...

    def watch(self, since_generation: int) -> AsyncGenerator[News, None]:
        """Yield what has changed since a generation, then what changes; something at least every few seconds."""
        ...

    async def read(self, wanted: Sequence[Reference]) -> Sequence[Row]:
        """Return the items that there are, however many are asked for."""
        ...


class Join:
    """Makes documents of rows that come as the export sends them: artists, then albums, then tracks.

    It remembers every artist's names and every album's title. An id that names nothing is left out of the document.
    """

    def __init__(self) -> None:
        self._artists: dict[str, ArtistName] = {}
        self._albums: dict[str, AlbumTitle] = {}

    def learn(self, rows: Iterable[Row]) -> None:
        """Take in the names and titles of rows that are to be no documents."""
        for _ in self.documents(rows):
            pass

    def documents(self, rows: Iterable[Row]) -> Iterator[Document]:
        """Yield the document of each row."""
        for row in rows:
            match row:
                case ArtistRow():
                    yield self._artist(row)
                case AlbumRow():
                    yield self._album(row)
                case TrackRow():
                    yield self._track(row)

    def _artist(self, row: ArtistRow) -> Document:
        self._artists[row.id] = ArtistName(row.id, row.name, row.aliases)
        return Document(Kind.ARTIST, row.id, row.name, row.aliases, popularity=row.popularity)

    def _album(self, row: AlbumRow) -> Document:
        self._albums[row.id] = AlbumTitle(row.id, row.title)
        return Document(
            kind=Kind.ALBUM,
            id=row.id,
            title=row.title,
            aliases=row.aliases,
            artists=self._named(row.artist_ids),
            credit=row.credit,
            release_year=row.release_year,
            popularity=row.popularity,
        )

    def _track(self, row: TrackRow) -> Document:
        return Document(
            kind=Kind.TRACK,
            id=row.id,
            title=row.title,
            aliases=row.aliases,
            artists=self._named(row.artist_ids),
            credit=row.credit,
            album=self._albums.get(row.album_id),
            duration_ms=row.duration_ms,
            release_year=row.release_year,
            explicit=row.explicit,
            markets=row.markets,
            popularity=row.popularity,
        )

    def _named(self, artist_ids: tuple[str, ...]) -> tuple[ArtistName, ...]:
        return tuple(self._artists[artist_id] for artist_id in artist_ids if artist_id in self._artists)


def reference(row: Row) -> Reference:
    """Return what names the row."""
    return Reference(_KINDS[type(row)], row.id)


def named_by(row: Row) -> Iterator[Reference]:
    """Yield the items whose names or titles the row's document shows."""
    if not isinstance(row, ArtistRow):
        for artist_id in row.artist_ids:
            yield Reference(Kind.ARTIST, artist_id)
    if isinstance(row, TrackRow) and row.album_id:
        yield Reference(Kind.ALBUM, row.album_id)


_KINDS: Mapping[type[Row], Kind] = {ArtistRow: Kind.ARTIST, AlbumRow: Kind.ALBUM, TrackRow: Kind.TRACK}
