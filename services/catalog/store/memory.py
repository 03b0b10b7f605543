"""A catalogue in memory: for tests, and for a look around that leaves nothing behind."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Mapping, Sequence

from services.catalog.domain.items import AlbumId, ArtistId, Item, Kind, Reference
from services.catalog.domain.store import Counts, Decode, Encode, Outcome, Page, Snapshot, Stored
from services.catalog.store.pages import page, start
from services.catalog.store.rows import CHUNK_ITEMS, KIND_NUMBER, KINDS, Changes, Key, Placement, compare, latest


class MemoryCatalog:
    """A CatalogStore that ends with its process."""

    def __init__(self, encode: Encode, decode: Decode) -> None:
        self._encode = encode
        self._decode = decode
        self._generation = 0
        self._empty()

    async def get(self, wanted: Reference) -> bytes | None:
        """Return the item's wire bytes, or None where there is no such item."""
        return self._rows.get((KIND_NUMBER[wanted.kind], wanted.id))

    async def get_many(self, wanted: Sequence[Reference]) -> list[bytes | None]:
        """Return the wire bytes of each reference in the given order, None where there is no such item."""
        return [await self.get(reference) for reference in wanted]

    async def album_tracks(self, album: AlbumId, page_size: int, page_token: str) -> Page | None:
        """Return a page of the album's tracks in playing order; None where there is no such album."""
        return self._page(Kind.ALBUM, album, page_size, page_token)

    async def artist_tracks(self, artist: ArtistId, page_size: int, page_token: str) -> Page | None:
        """Return a page of the artist's tracks, most popular first; None where there is no such artist."""
        return self._page(Kind.ARTIST, artist, page_size, page_token)

    async def generation(self) -> int:
        """Return the generation."""
        return self._generation

    async def counts(self) -> Counts:
        """Return how many items of each kind there are."""
        return self._counts

    async def snapshot(self) -> Snapshot:
        """Open the whole catalogue as it is now; later writes do not show in it."""
        return Snapshot(self._generation, self._counts, _chunks(self._rows.copy()))

    async def write(self, items: Sequence[Item], *, replace: bool = False) -> Outcome:
        """Add or update the items and return what changed."""
        changes = compare(latest(items), {} if replace else self._rows, self._encode, self._decode)
        emptied = replace and bool(self._rows)
        if emptied:
            self._empty()
        self._apply(changes)
        if emptied or changes.rows:
            self._generation += 1
        return changes.outcome

    def _empty(self) -> None:
        self._counts = Counts()
        self._rows: dict[Key, bytes] = {}
        self._lists: defaultdict[Key, set[Placement]] = defaultdict(set)

    def _apply(self, changes: Changes) -> None:
        for placement in changes.removed:
            self._lists[placement[:2]].discard(placement)
        for placement in changes.placed:
            self._lists[placement[:2]].add(placement)
        self._rows.update(((kind, id_), wire) for kind, id_, wire in changes.rows)
        self._counts += changes.added

    def _page(self, owner_kind: Kind, owner: str, page_size: int, page_token: str) -> Page | None:
        key = (KIND_NUMBER[owner_kind], owner)
        after = start(*key, page_token)
        if key not in self._rows:
            return None
        following = sorted(placement for placement in self._lists.get(key, ()) if placement > after)
        track = KIND_NUMBER[Kind.TRACK]
        return page([(at, self._rows[track, at[3]]) for at in following[: page_size + 1]], page_size)


async def _chunks(rows: Mapping[Key, bytes]) -> AsyncGenerator[Sequence[Stored], None]:
    ordered = await asyncio.to_thread(sorted, rows.items())
    for first in range(0, len(ordered), CHUNK_ITEMS):
        chunk = ordered[first : first + CHUNK_ITEMS]
        yield [Stored(Reference(KINDS[kind], id_), wire) for (kind, id_), wire in chunk]
