"""The catalogue in PostgreSQL: reads go past each other, writes one after another, whichever process they are in."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from functools import partial

from services.catalog.domain.items import AlbumId, ArtistId, Item, Kind, Reference
from services.catalog.domain.store import Counts, Decode, Delta, Encode, Kept, Outcome, Page, Snapshot, Stored
from services.catalog.store.postgres import changes, tables
from services.catalog.store.postgres.limits import PostgresLimits
from services.catalog.store.postgres.schema import CATALOGUE
from services.catalog.store.rows import key_of
from services.kit.clock import Clock
from services.kit.errors import Exhausted
from services.kit.journal import Entry, Record
from services.kit.postgres.pool import Pool, open_pool, pool_of
from services.kit.settings import Secret


class PostgresCatalog:
    """A CatalogStore in a PostgreSQL database, which other processes may hold too."""

    def __init__(self, pool: Pool, limits: PostgresLimits, wire: tuple[Encode, Decode]) -> None:
        self._pool = pool
        self._limits = limits
        self._encode, self._decode = wire
        self._snapshots = 0

    async def get(self, wanted: Reference) -> Kept | None:
        """Return the item, or None where there is no such item."""
        return await self._pool.read(partial(tables.read, key=key_of(wanted)))

    async def get_many(self, wanted: Sequence[Reference]) -> list[Kept | None]:
        """Return the item of each reference in the given order, None where there is no such item."""
        keys = [key_of(reference) for reference in wanted]
        found = await self._pool.read(partial(tables.read_many, keys=keys))
        return [found.get(key) for key in keys]

    async def album_tracks(self, album: AlbumId, page_size: int, page_token: str) -> Page | None:
        """Return a page of the album's tracks in playing order; None where there is no such album."""
        return await self._page(Reference(Kind.ALBUM, album), page_size, page_token)

    async def artist_tracks(self, artist: ArtistId, page_size: int, page_token: str) -> Page | None:
        """Return a page of the artist's tracks, most popular first; None where there is no such artist."""
        return await self._page(Reference(Kind.ARTIST, artist), page_size, page_token)

    async def generation(self) -> int:
        """Return the generation."""
        return (await self._pool.read(tables.read_state)).generation

    async def counts(self) -> Counts:
        """Return how many items of each kind there are."""
        return (await self._pool.read(tables.read_state)).counts

    async def snapshot(self) -> Snapshot:
        """Open the whole catalogue as it is now; later writes do not show in it. Raises Exhausted for one too many."""
        if self._snapshots >= self._limits.snapshots:
            raise Exhausted("Too many exports of the catalogue are under way.", retry_after_s=5)
        async with AsyncExitStack() as stack:
            self._snapshots += 1
            stack.callback(self._snapshot_closed)
            async with self._pool.within(self._limits.read_s):
                connection = await self._pool.connector.connect()
                stack.push_async_callback(connection.close)
                state = await tables.begin_export(connection)
            chunks = self._chunks(tables.export(connection), stack.pop_all())
            await anext(chunks)
            return Snapshot(state.generation, state.counts, chunks)

    async def write(self, items: Sequence[Item], *, replace: bool = False) -> Outcome:
        """Add or update the items in one transaction and return what changed."""
        job = partial(changes.write, items=items, encode=self._encode, decode=self._decode, replace=replace)
        return await self._pool.write(job)

    async def delta(self, since: int) -> Delta:
        """Return the next changes after that generation."""
        return await self._pool.read(partial(tables.read_delta, since=since))

    async def take_down(self, wanted: Reference, record: Record) -> bool:
        """Hide the item until it is restored; return whether it was seen before."""
        return await self._pool.write(partial(changes.take_down, wanted=wanted, record=record, decode=self._decode))

    async def restore(self, wanted: Reference, record: Record) -> None:
        """Show an item again that was taken down."""
        await self._pool.write(partial(changes.restore, wanted=wanted, record=record, decode=self._decode))

    async def journal(self, after: int) -> Sequence[Entry]:
        """Return the next entries of the journal behind that sequence number."""
        return await self._pool.read(partial(tables.read_journal, after=after))

    async def _page(self, owner: Reference, page_size: int, page_token: str) -> Page | None:
        job = partial(tables.read_page, owner=key_of(owner), page_size=page_size, page_token=page_token)
        return await self._pool.read(job)

    async def _chunks(
        self, rows: AsyncGenerator[Sequence[Stored], None], opened: AsyncExitStack
    ) -> AsyncGenerator[Sequence[Stored], None]:
        """Yield nothing once, so that the caller can start it and closing it then closes what was opened; then all."""
        # The connection goes first: to close its cursor would wait for a server that may not answer any more.
        async with aclosing(rows), opened:
            yield ()
            while True:
                async with self._pool.within(self._limits.read_s):
                    chunk = await anext(rows, None)
                if chunk is None:
                    break
                yield chunk

    def _snapshot_closed(self) -> None:
        self._snapshots -= 1


@asynccontextmanager
async def opened(
    url: Secret, encode: Encode, decode: Decode, clock: Clock, limits: PostgresLimits
) -> AsyncGenerator[PostgresCatalog, None]:
    """Open the catalogue in the database of that URL, its tables made or brought up to date."""
    async with open_pool(url, CATALOGUE, limits, clock) as pool:
        yield PostgresCatalog(pool, limits, (encode, decode))


async def held(url: Secret, clock: Clock) -> Counts | None:
    """Return what the database of that URL holds, without changing it; None where there is no catalogue yet."""
    limits = PostgresLimits()
    pool = pool_of(url, CATALOGUE, limits, clock)
    async with pool.within(limits.read_s), await pool.connector.connect() as connection:
        return (await tables.read_state(connection)).counts if await tables.is_begun(connection) else None
