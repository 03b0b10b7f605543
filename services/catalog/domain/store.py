"""The port behind which a catalogue is kept. `store/` has its implementations, tests/contract its promises."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Protocol

from services.catalog.domain.items import AlbumId, ArtistId, Item, Kind, Reference


@dataclass(frozen=True, slots=True)
class Stored:
    """An item as it is kept: its reference and its wire bytes (one backline.catalog.v1 Track, Album or Artist)."""

    reference: Reference
    wire: bytes


@dataclass(frozen=True, slots=True)
class Counts:
    """How many items of each kind a catalogue holds."""

    artists: int = 0
    albums: int = 0
    tracks: int = 0

    @property
    def total(self) -> int:
        """How many items of all kinds together."""
        return self.artists + self.albums + self.tracks

    def __add__(self, other: "Counts") -> "Counts":
        """Return both counts together."""
        return Counts(self.artists + other.artists, self.albums + other.albums, self.tracks + other.tracks)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What writing a batch did: items that were new, that differ now, that were there just so."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0

    def __add__(self, other: "Outcome") -> "Outcome":
        """Return both outcomes together."""
        return Outcome(self.added + other.added, self.updated + other.updated, self.unchanged + other.unchanged)


@dataclass(frozen=True, slots=True)
class Page:
    """Wire bytes of one page of tracks, and the token of the page after it (empty on the last)."""

    tracks: tuple[bytes, ...]
    next_token: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The whole catalogue at one generation: artists, then albums, then tracks, each in the order of ids."""

    generation: int
    counts: Counts
    chunks: AsyncGenerator[Sequence[Stored]]
    """Read it to its end or close it with aclose(): it holds a read transaction."""


class Encode(Protocol):
    """Turns an item into its wire bytes; the same item always gives the same bytes."""

    def __call__(self, item: Item) -> bytes:
        """Return the wire bytes of the item."""
        ...


class Decode(Protocol):
    """Turns wire bytes back into the item they were made from."""

    def __call__(self, kind: Kind, wire: bytes) -> Item:
        """Return the item."""
        ...


class CatalogStore(Protocol):
    """Keeps a catalogue. Every method may raise Unavailable; what `write` returned is on disk."""

    async def get(self, wanted: Reference) -> bytes | None:
        """Return the item's wire bytes, or None where there is no such item."""
        ...

    async def get_many(self, wanted: Sequence[Reference]) -> list[bytes | None]:
        """Return the wire bytes of each reference in the given order, None where there is no such item."""
        ...

    async def album_tracks(self, album: AlbumId, page_size: int, page_token: str) -> Page | None:
        """Return a page of the album's tracks in playing order; None where there is no such album.

        Raises Invalid for a token that no page gave.
        """
        ...

    async def artist_tracks(self, artist: ArtistId, page_size: int, page_token: str) -> Page | None:
        """Return a page of the artist's tracks, most popular first; None where there is no such artist.

        Raises Invalid for a token that no page gave.
        """
        ...

    async def generation(self) -> int:
        """Return the generation: 0 for a catalogue never written to, and more with every change."""
        ...

    async def counts(self) -> Counts:
        """Return how many items of each kind there are."""
        ...

    async def snapshot(self) -> Snapshot:
        """Open the whole catalogue as it is now; later writes do not show in it."""
        ...

    async def write(self, items: Sequence[Item], *, replace: bool = False) -> Outcome:
        """Add or update the items in one transaction and return what changed.

        Of an item named twice the last counts, once. With `replace`, the catalogue is emptied first in the same
        transaction, which is a change where it held anything. The generation grows if, and only if, something changed.
        """
        ...
