"""A catalogue in memory: for tests, and for a look around that leaves nothing behind."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Mapping, Sequence

from services.catalog.domain.items import AlbumId, ArtistId, Item, Kind, Reference
from services.catalog.domain.store import (
    Counts,
    Decode,
    Delta,
    Encode,
    Kept,
    Outcome,
    Page,
    Snapshot,
    Stored,
    missing,
    not_taken_down,
)
from services.catalog.store.pages import page, start
from services.catalog.store.rows import (
    CHUNK_ITEMS,
    DELTA_ITEMS,
    JOURNAL_ENTRIES,
    KIND_NUMBER,
    KINDS,
    Changes,
    Key,
    Placement,
    compare,
    hiding,
    is_other,
    key_of,
    latest,
    showing,
    stored,
)
from services.kit.journal import Entry, Record, linked


class MemoryCatalog:
    """A CatalogStore that ends with its process."""

    def __init__(self, encode: Encode, decode: Decode) -> None:
        self._encode = encode
        self._decode = decode
        self._generation = 0
        self._takedowns: dict[Key, Kept] = {}
        self._journal: list[Entry] = []
        self._empty()

    async def get(self, wanted: Reference) -> Kept | None:
        """Return the item, or None where there is no such item."""
        return self._rows.get(key_of(wanted))

    async def get_many(self, wanted: Sequence[Reference]) -> list[Kept | None]:
        """Return the item of each reference in the given order, None where there is no such item."""
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
        withheld = {key: kept.wire for key, kept in self._takedowns.items()}
        changes = compare(latest(items), {} if replace else self._rows, withheld, self._encode, self._decode)
        emptied = replace and bool(self._rows)
        if emptied:
            self._empty()
        if emptied or changes:
            self._apply(changes)
        for kind, id_, wire in changes.withheld:
            self._takedowns[kind, id_] = self._takedowns[kind, id_]._replace(wire=wire)
        return changes.outcome

    async def delta(self, since: int) -> Delta:
        """Return the next changes after that generation."""
        reset = is_other(since, self._floor, self._generation)
        start_at = 0 if reset else since
        changed = _newer(self._rows, start_at)
        upto = changed[DELTA_ITEMS - 1].kept.version if len(changed) >= DELTA_ITEMS else self._generation
        removed = _newer(self._takedowns, start_at)
        return Delta(
            upto,
            tuple(each for each in changed if each.kept.version <= upto),
            tuple(each.reference for each in removed if each.kept.version <= upto),
            reset,
        )

    async def take_down(self, wanted: Reference, record: Record) -> bool:
        """Hide the item until it is restored; return whether it was seen before."""
        key = key_of(wanted)
        if key in self._takedowns:
            return False
        if key not in self._rows:
            raise missing(wanted)
        wire = self._rows[key].wire
        self._apply(hiding(key, wire, self._decode))
        self._takedowns[key] = Kept(wire, self._generation)
        self._journal.append(linked(self._journal[-1] if self._journal else None, record))
        return True

    async def restore(self, wanted: Reference, record: Record) -> None:
        """Show an item again that was taken down."""
        key = key_of(wanted)
        if key not in self._takedowns:
            raise not_taken_down(wanted)
        self._apply(showing(key, self._takedowns.pop(key).wire, self._decode))
        self._journal.append(linked(self._journal[-1], record))

    async def journal(self, after: int) -> Sequence[Entry]:
        """Return the next entries of the journal behind that sequence number."""
        return self._journal[after : after + JOURNAL_ENTRIES]

    def _empty(self) -> None:
        self._counts = Counts()
        self._floor = 0
        self._rows: dict[Key, Kept] = {}
        self._lists: defaultdict[Key, set[Placement]] = defaultdict(set)

    def _apply(self, changes: Changes) -> None:
        self._generation += 1
        self._floor = self._floor or self._generation
        for placement in changes.removed:
            self._lists[placement[:2]].discard(placement)
        for key in changes.gone:
            del self._rows[key]
        for placement in changes.placed:
            self._lists[placement[:2]].add(placement)
        self._rows.update(((kind, id_), Kept(wire, self._generation)) for kind, id_, wire in changes.rows)
        self._counts += changes.added

    def _page(self, owner_kind: Kind, owner: str, page_size: int, page_token: str) -> Page | None:
        key = (KIND_NUMBER[owner_kind], owner)
        after = start(*key, page_token)
        if key not in self._rows:
            return None
        following = sorted(placement for placement in self._lists.get(key, ()) if placement > after)
        track = KIND_NUMBER[Kind.TRACK]
        return page([(at, self._rows[track, at[3]].wire) for at in following[: page_size + 1]], page_size)


def _newer(rows: Mapping[Key, Kept], since: int) -> list[Stored]:
    """Return the rows that changed after that generation, the earliest change first."""
    newer = [(kept.version, *key, kept.wire) for key, kept in rows.items() if kept.version > since]
    return [stored(kind, id_, wire, version) for version, kind, id_, wire in sorted(newer)]


async def _chunks(rows: Mapping[Key, Kept]) -> AsyncGenerator[Sequence[Stored], None]:
    ordered = await asyncio.to_thread(sorted, rows.items())
    for first in range(0, len(ordered), CHUNK_ITEMS):
        chunk = ordered[first : first + CHUNK_ITEMS]
        yield [Stored(Reference(KINDS[kind], id_), kept) for (kind, id_), kept in chunk]
