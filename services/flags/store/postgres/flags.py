"""The flags in PostgreSQL: every server of them writes and reads the same, and hears at once what another writes."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial

from services.flags.domain.pulse import Pulse
from services.flags.domain.store import Change, State
from services.flags.store.migrations import migrations
from services.flags.store.postgres import tables
from services.flags.store.wakes import wakes
from services.kit.clock import Clock
from services.kit.journal import Entry
from services.kit.lifecycle import background
from services.kit.postgres.limits import Limits
from services.kit.postgres.listening import listen
from services.kit.postgres.pool import Pool, open_pool, pool_of
from services.kit.postgres.schema import Schema
from services.kit.settings import Secret

FLAGS = Schema(
    name="flags",
    noun="flag store",
    remedy="start again",
    when_crowded="raise max_connections: each server of flags takes up to five",
    steps=partial(migrations, "postgres"),
)


class PostgresFlags:
    """A FlagStore in a PostgreSQL database, which other servers may hold too."""

    def __init__(self, pool: Pool, every_s: float) -> None:
        self._pool, self._every_s = pool, every_s
        self.written, self.shared = Pulse(), Pulse()
        """Beaten when a write or a roster of any server is heard of."""

    async def state(self) -> State:
        """Return all that is in force."""
        return await self._pool.read(tables.read_state)

    async def generation(self) -> int:
        """Return the generation in force."""
        return await self._pool.read(tables.read_generation)

    async def write(self, change: Change) -> Entry:
        """Write the change and its entry in one transaction, which then is on disk."""
        try:
            return await self._pool.write(partial(tables.write, change=change))
        finally:
            self.written.beat()  # not all followers here need the database's word, which a lost connection delays

    async def journal(self, after: int, key: str = "") -> Sequence[Entry]:
        """Return the next entries behind that generation; with a key only those of that flag."""
        return await self._pool.read(partial(tables.read_journal, after=after, key=key))

    async def hash_of(self, generation: int) -> str | None:
        """Return the hash of the entry that made the generation; None where there is none."""
        return await self._pool.read(partial(tables.read_hash, generation=generation))

    def changes(self) -> AsyncGenerator[None, None]:
        """Yield at once, whenever any server's write is heard of, and at least every second."""
        return wakes(self.written, self._every_s)

    async def share_roster(self, server: str, roster: str) -> None:
        """Let the other servers of this store know who is served here."""
        await self._pool.write(partial(tables.share_roster, server=server, roster=roster))

    async def rosters(self) -> Mapping[str, str]:
        """Return what the servers of this store shared within the last seconds, by server."""
        return await self._pool.read(tables.read_rosters)

    def roster_changes(self) -> AsyncGenerator[None, None]:
        """Yield at once, whenever any server's roster is heard of, and at least every second."""
        return wakes(self.shared, self._every_s)


async def held(url: Secret, clock: Clock, limits: Limits) -> State | None:
    """Return what the database of that URL holds, without changing it; None where it has no tables yet."""
    pool = pool_of(url, FLAGS, limits, clock)
    async with pool.within(limits.read_s), await pool.connector.connect() as connection:
        return await tables.read_state(connection) if await tables.is_begun(connection) else None


@asynccontextmanager
async def opened(url: Secret, clock: Clock, limits: Limits, every_s: float) -> AsyncGenerator[PostgresFlags, None]:
    """Open the flags in the database of that URL, and hear what others write there."""
    async with open_pool(url, FLAGS, limits, clock) as pool:
        flags = PostgresFlags(pool, every_s)
        heard = {tables.WRITTEN: flags.written.beat, tables.SHARED: flags.shared.beat}
        async with background(listen(pool.connector, heard)):
            yield flags
