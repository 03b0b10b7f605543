"""SQLite connections, each with a thread, so that nothing blocks the event loop; and a bound on what waits for them."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from queue import SimpleQueue
from typing import TypeVar

from services.kit.errors import Exhausted
from services.kit.sqlite.file import SqliteFile

T = TypeVar("T")


class Connections:
    """As many threads as connections: a job that runs has one of each to itself."""

    def __init__(self, file: SqliteFile, executor: ThreadPoolExecutor, max_jobs: int) -> None:
        self._file = file
        self._executor = executor
        self._max_jobs = max_jobs
        self._jobs = 0
        self._idle: SimpleQueue[sqlite3.Connection] = SimpleQueue()

    async def run(self, job: Callable[[sqlite3.Connection], T]) -> T:
        """Run the job in a thread with a connection, and return its result.

        Raises Exhausted where too many jobs are waiting, Unavailable where SQLite fails. A caller that is cancelled
        hears of it once its job is over or dropped, so that nothing goes on behind its back.
        """
        if self._jobs >= self._max_jobs:
            raise Exhausted(f"Too many calls are waiting for the {self._file.noun}.")
        self._jobs += 1
        try:
            return await self._in_thread(lambda: self._with_connection(job))
        except sqlite3.Error as error:
            raise self._file.failure(error) from error
        finally:
            self._jobs -= 1

    async def open(self, connect: Callable[[], sqlite3.Connection]) -> None:
        """Add a connection. Raises what `connect` raises."""
        self._idle.put(await self._in_thread(connect))

    async def close(self) -> None:
        """Close every connection; no job may be running any more."""
        while not self._idle.empty():
            await self._in_thread(self._idle.get().close)

    async def _in_thread(self, job: Callable[[], T]) -> T:
        submitted = self._executor.submit(job)
        result = asyncio.wrap_future(submitted)
        try:
            return await asyncio.shield(result)
        except asyncio.CancelledError:
            if not submitted.cancel():
                await asyncio.wait([result])
                result.exception()  # or asyncio complains that nobody asked how it ended
            raise

    def _with_connection(self, job: Callable[[sqlite3.Connection], T]) -> T:
        connection = self._idle.get()
        try:
            return job(connection)
        finally:
            self._idle.put(connection)


@asynccontextmanager
async def open_connections(
    file: SqliteFile, connect: Callable[[], sqlite3.Connection], *, use: str, count: int, max_jobs: int
) -> AsyncGenerator[Connections, None]:
    """Open that many connections for at most that many jobs at once, running and waiting."""
    executor = ThreadPoolExecutor(count, thread_name_prefix=f"{file.stem}-{use}")
    connections = Connections(file, executor, max_jobs)
    try:
        for _ in range(count):
            await connections.open(connect)
        yield connections
    finally:
        await connections.close()
        await asyncio.to_thread(executor.shutdown)
