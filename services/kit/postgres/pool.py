"""The pool: a bounded number of connections, and of calls that wait for one, each until its deadline at the most.

Written by hand since psycopg's own pool, once the server was away, goes on waiting up to minutes after it is back, and
until then answers every caller with nothing but its time-out. Here the call that needs a connection makes it, and
hears why it cannot.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import psycopg

from services.kit.clock import Clock
from services.kit.context import hop_time_s
from services.kit.errors import Exhausted, TooLate
from services.kit.postgres.connections import Connection, Connector
from services.kit.postgres.failures import Place, failure, has_collided, place_of
from services.kit.postgres.limits import Limits
from services.kit.postgres.migrate import migrate
from services.kit.postgres.schema import Schema
from services.kit.settings import Secret

T = TypeVar("T")

MAX_ATTEMPTS = 3
"""At a write that collides with what another program does to the tables."""


class Turns:
    """Lets so many in at once, and so many wait."""

    def __init__(self, noun: str, inside: int, waiting: int) -> None:
        self._noun = noun
        self._inside = asyncio.Semaphore(inside)
        self._left = inside + waiting

    @asynccontextmanager
    async def turn(self) -> AsyncGenerator[None, None]:
        """Wait for a turn and have it for the block. Raises Exhausted where too many wait."""
        if not self._left:
            raise Exhausted(f"Too many calls are waiting for the {self._noun}'s database.")
        self._left -= 1
        try:
            async with self._inside:
                yield
        finally:
            self._left += 1


class Pool:
    """Runs jobs, each within its deadline and with a connection to itself.

    Every method raises Exhausted where too many wait, TooLate at the deadline, and what the database's errors mean.
    """

    def __init__(self, connector: Connector, place: Place, limits: Limits, clock: Clock) -> None:
        self.connector = connector
        self.place = place
        self._limits = limits
        self._clock = clock
        self._turns = Turns(place.schema.noun, limits.connections, limits.waiting)
        self._writing = Turns(place.schema.noun, 1, limits.writes_waiting)
        self._idle: list[Connection] = []
        self._reads: set[asyncio.Task[Any]] = set()

    async def read(self, job: Callable[[Connection], Awaitable[T]]) -> T:
        """Run a job that only reads. A caller that is cancelled goes at once; the job then ends behind its back.

        To break a statement off takes a word from the server: where that is as good as dead, up to ten seconds.
        """
        async with self.within(self._limits.read_s) as deadline:
            task = asyncio.get_running_loop().create_task(self._run(job, deadline))
            self._reads.add(task)
            task.add_done_callback(self._read_over)
            try:
                return await asyncio.shield(task)
            except asyncio.CancelledError:
                task.cancel()
                raise

    async def write(self, job: Callable[[Connection], Awaitable[T]]) -> T:
        """Run a job that is one transaction, one such job at a time; again where it collided.

        A caller that is cancelled hears of it once the job is over: nothing goes on behind its back.
        """
        async with self.within(self._limits.write_s) as deadline, self._writing.turn():
            for _ in range(MAX_ATTEMPTS - 1):
                try:
                    return await self._run(job, deadline)
                except psycopg.OperationalError as error:
                    if not has_collided(error):
                        raise
            return await self._run(job, deadline)

    @asynccontextmanager
    async def within(self, limit_s: float) -> AsyncGenerator[float, None]:
        """Give the block that time, or what the request has left, and give it the moment when that is over."""
        now = self._clock.monotonic()
        time_s = hop_time_s(limit_s, now)
        try:
            async with asyncio.timeout(time_s):
                yield now + time_s
        except TimeoutError:
            raise TooLate(f"{self.place.name} did not answer in time.") from None
        except psycopg.Error as error:
            raise failure(error, self.place) from error

    async def close(self) -> None:
        """Close the connections, once the reads that were left have ended."""
        if self._reads:
            await asyncio.wait(self._reads)
        while self._idle:
            await self._idle.pop().close()

    def _read_over(self, task: asyncio.Task[Any]) -> None:
        self._reads.discard(task)
        if not task.cancelled():
            task.exception()  # or asyncio complains where nobody waits any more

    async def _run(self, job: Callable[[Connection], Awaitable[T]], deadline: float) -> T:
        async with self._turns.turn(), self._connection() as connection:
            await connection.limit(deadline - self._clock.monotonic())
            return await job(connection)

    @asynccontextmanager
    async def _connection(self) -> AsyncGenerator[Connection, None]:
        connection = await self._taken()
        try:
            yield connection
        finally:
            # Whoever was cancelled in the midst of something leaves it to the server to clean up.
            if connection.is_clean:
                self._idle.append(connection)
            else:
                await connection.close()

    async def _taken(self) -> Connection:
        while self._idle:
            connection = self._idle.pop()
            if connection.is_quiet:
                return connection
            await connection.close()
        return await self.connector.connect()


def pool_of(url: Secret, schema: Schema, limits: Limits, clock: Clock) -> Pool:
    """Return a pool that has no connection yet. Raises Invalid for a URL that cannot be read."""
    return Pool(Connector(url, schema.application, clock), place_of(url, schema), limits, clock)


@asynccontextmanager
async def open_pool(url: Secret, schema: Schema, limits: Limits, clock: Clock) -> AsyncGenerator[Pool, None]:
    """Open the database of that URL, the schema's tables made or brought up to date.

    Raises Invalid for a URL or a database that cannot hold them, Unavailable where it cannot be reached, TooLate where
    it takes too long. None of them names the password.
    """
    pool = pool_of(url, schema, limits, clock)
    async with pool.within(limits.open_s):
        connection = await pool.connector.connect()
    async with pool.within(limits.migrate_s), connection:
        await migrate(connection, pool.place)
    try:
        yield pool
    finally:
        await pool.close()
