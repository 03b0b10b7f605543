"""The store: one thread writes, a few read, and nothing blocks the event loop."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from sqlite3 import Connection, Cursor

from services.catalog.domain.items import AlbumId, ArtistId, Item, Kind, Reference
from services.catalog.domain.store import Counts, Decode, Delta, Encode, Kept, Outcome, Page, Snapshot, Stored
from services.catalog.store.rows import CHUNK_ITEMS, key_of, stored
from services.catalog.store.sqlite import tables
from services.catalog.store.sqlite.file import CATALOGUE
from services.kit.errors import Exhausted
from services.kit.journal import Entry, Record
from services.kit.sqlite.connections import Connections, open_connections
from services.kit.sqlite.lock import locked

FILE_NAME = CATALOGUE.name
READERS = 2
MAX_READS = 512
"""Reads running and waiting. One takes some tens of microseconds, so the last in the queue waits a few hundredths."""
MAX_WRITES = 16
MAX_SNAPSHOTS = 4
"""Each has a connection and a thread, and keeps the write-ahead log growing while it lasts."""


class SqliteCatalog:
    """A CatalogStore in a SQLite file; what is read is wire bytes as stored."""

    def __init__(
        self, writer: Connections, readers: Connections, connect: Callable[[], Connection], wire: tuple[Encode, Decode]
    ) -> None:
        self._writer = writer
        self._readers = readers
        self._connect = connect
        self._encode, self._decode = wire
        self._snapshots = 0

    async def get(self, wanted: Reference) -> Kept | None:
        """Return the item, or None where there is no such item."""
        return await self._readers.run(partial(tables.read, key=key_of(wanted)))

    async def get_many(self, wanted: Sequence[Reference]) -> list[Kept | None]:
        """Return the item of each reference in the given order, None where there is no such item."""
        keys = [key_of(reference) for reference in wanted]
        found = await self._readers.run(partial(tables.read_many, keys=keys))
        return [found.get(key) for key in keys]

    async def album_tracks(self, album: AlbumId, page_size: int, page_token: str) -> Page | None:
        """Return a page of the album's tracks in playing order; None where there is no such album."""
        return await self._page(Reference(Kind.ALBUM, album), page_size, page_token)

    async def artist_tracks(self, artist: ArtistId, page_size: int, page_token: str) -> Page | None:
        """Return a page of the artist's tracks, most popular first; None where there is no such artist."""
        return await self._page(Reference(Kind.ARTIST, artist), page_size, page_token)

    async def generation(self) -> int:
        """Return the generation."""
        generation, _ = await self._readers.run(tables.read_state)
        return generation

    async def counts(self) -> Counts:
        """Return how many items of each kind there are."""
        _, counts = await self._readers.run(tables.read_state)
        return counts

    async def snapshot(self) -> Snapshot:
        """Open the whole catalogue as it is now; later writes do not show in it. Raises Exhausted for one too many."""
        if self._snapshots >= MAX_SNAPSHOTS:
            raise Exhausted("Too many exports of the catalogue are under way.", retry_after_s=5)
        async with AsyncExitStack() as stack:
            self._snapshots += 1
            stack.callback(self._snapshot_closed)
            reader = await stack.enter_async_context(
                open_connections(CATALOGUE, self._connect, use="export", count=1, max_jobs=1)
            )
            generation, counts, cursor = await reader.run(tables.begin_export)
            chunks = _chunks(reader, cursor, stack.pop_all())
            await anext(chunks)
            return Snapshot(generation, counts, chunks)

    async def write(self, items: Sequence[Item], *, replace: bool = False) -> Outcome:
        """Add or update the items in one transaction and return what changed, which then is on disk."""
        job = partial(tables.write, items=items, encode=self._encode, decode=self._decode, replace=replace)
        return await self._writer.run(job)

    async def delta(self, since: int) -> Delta:
        """Return the next changes after that generation."""
        return await self._readers.run(partial(tables.read_delta, since=since))

    async def take_down(self, wanted: Reference, record: Record) -> bool:
        """Hide the item until it is restored; return whether it was seen before."""
        return await self._writer.run(partial(tables.take_down, wanted=wanted, record=record, decode=self._decode))

    async def restore(self, wanted: Reference, record: Record) -> None:
        """Show an item again that was taken down."""
        await self._writer.run(partial(tables.restore, wanted=wanted, record=record, decode=self._decode))

    async def journal(self, after: int) -> Sequence[Entry]:
        """Return the next entries of the journal behind that sequence number."""
        return await self._readers.run(partial(tables.read_journal, after=after))

    async def _page(self, owner: Reference, page_size: int, page_token: str) -> Page | None:
        job = partial(tables.read_page, owner=key_of(owner), page_size=page_size, page_token=page_token)
        return await self._readers.run(job)

    def _snapshot_closed(self) -> None:
        self._snapshots -= 1


@asynccontextmanager
async def open_sqlite_catalog(folder: Path, encode: Encode, decode: Decode) -> AsyncGenerator[SqliteCatalog, None]:
    """Open the catalogue in the folder, made if it is not there.

    Raises Conflict where another process holds it, Invalid for a file that is not a catalogue of this version, and
    Unavailable where the file or the folder cannot be used. None of them changes the file.
    """
    path = folder / FILE_NAME
    write, read = partial(CATALOGUE.open_writer, path), partial(CATALOGUE.open_reader, path)
    with locked(folder, CATALOGUE):
        async with (
            open_connections(CATALOGUE, write, use="write", count=1, max_jobs=MAX_WRITES) as writer,
            open_connections(CATALOGUE, read, use="read", count=READERS, max_jobs=MAX_READS) as readers,
        ):
            yield SqliteCatalog(writer, readers, read, (encode, decode))


async def _chunks(
    reader: Connections, cursor: Cursor, opened: AsyncExitStack
) -> AsyncGenerator[Sequence[Stored], None]:
    """Yield nothing once, so that the caller can start it and closing it then closes what was opened; then the rows."""
    async with opened:
        yield ()
        while rows := await reader.run(lambda _: cursor.fetchmany(CHUNK_ITEMS)):
            yield [stored(*row) for row in rows]
