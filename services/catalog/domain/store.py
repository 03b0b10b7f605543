"""The port behind which a catalogue is kept. `store/` has its implementations, tests/contract its promises."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from services.catalog.domain.items import AlbumId, ArtistId, Item, Kind, Reference
from services.kit.errors import NotFound
from services.kit.journal import Entry, Record


class Kept(NamedTuple):
    """An item as it is kept: its wire bytes (one backline.catalog.v1 Track, Album or Artist), and its version.

    The version is the catalogue's generation of the item's last change: the same version is the same bytes.
    """

    wire: bytes
    version: int


@dataclass(frozen=True, slots=True)
class Stored:
    """An item as it is kept, with the reference that names it."""

    reference: Reference
    kept: Kept


def missing(wanted: Reference) -> NotFound:
    """Return the failure of a reference that names nothing."""
    return NotFound(f"There is no {wanted.kind} {wanted.id!r}.")


def not_taken_down(wanted: Reference) -> NotFound:
    """Return the failure of restoring what is not taken down."""
    return NotFound(f"No {wanted.kind} {wanted.id!r} is taken down.")


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
    """What writing a batch did: items that were new, that differ now, that were there just so, that are taken down."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    withheld: int = 0

    def __add__(self, other: "Outcome") -> "Outcome":
        """Return both outcomes together."""
        return Outcome(
            self.added + other.added,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
            self.withheld + other.withheld,
        )


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


@dataclass(frozen=True, slots=True)
class Delta:
    """What has changed since a generation, as it is now, up to the generation reached: ask from there next."""

    generation: int
    changed: tuple[Stored, ...] = ()
    removed: tuple[Reference, ...] = ()
    reset: bool = False
    """The catalogue was emptied, or is another one, since the generation asked for: what is known of it is void."""


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
    """Keeps a catalogue. Every method may raise Unavailable; what was changed when a method returns is on disk.

    An item that is taken down is in no answer below: not by id, in no list, count, snapshot.
    """

    async def get(self, wanted: Reference) -> Kept | None:
        """Return the item, or None where there is no such item."""
        ...

    async def get_many(self, wanted: Sequence[Reference]) -> list[Kept | None]:
        """Return the item of each reference in the given order, None where there is no such item."""
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
        An item that is taken down is kept up to date out of sight, counts as withheld, and is no change.
        """
        ...

    async def delta(self, since: int) -> Delta:
        """Return the next changes after that generation, about a thousand items of them at a time; 0 for all there is.

        Its generation is that of the whole catalogue once there is nothing more to come.
        """
        ...

    async def take_down(self, wanted: Reference, record: Record) -> bool:
        """Hide the item until it is restored, through later imports too, and record that in the same transaction.

        Return whether that changed anything: False, and no record, where it was taken down already. The generation
        grows if it did. Raises NotFound where there is no such item.
        """
        ...

    async def restore(self, wanted: Reference, record: Record) -> None:
        """Show an item again that was taken down, as the last import had it, and record that in the same transaction.

        The generation grows. Raises NotFound where it is not taken down.
        """
        ...

    async def journal(self, after: int) -> Sequence[Entry]:
        """Return the next entries of the journal behind that sequence number, at most a thousand; none at its end."""
        ...
