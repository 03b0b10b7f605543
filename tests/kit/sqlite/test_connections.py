"""Threads with connections: bounded, and never left running behind a caller's back."""

import asyncio
import gc
import sqlite3
import threading
from typing import Self

import pytest

from services.kit.errors import Exhausted, Unavailable
from services.kit.sqlite.connections import open_connections
from services.kit.sqlite.file import SqliteFile

FILE = SqliteFile(stem="things", noun="thing", remedy="start again", application_id=1, steps=list)


def connect() -> sqlite3.Connection:
    """Open a database in memory."""
    return sqlite3.connect(":memory:", check_same_thread=False)


class Gate:
    """A job that says when it runs and waits to be let through, at the latest when the test's block ends."""

    def __init__(self) -> None:
        self.running = threading.Event()
        self.open = threading.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_failure: object) -> None:
        self.open.set()

    def __call__(self, _connection: sqlite3.Connection) -> str:
        """Run until the gate is open."""
        self.running.set()
        self.open.wait()
        return "through"


async def test_a_job_too_many_is_refused_at_once() -> None:
    """With one running and one waiting, a bound of two refuses the third and keeps the others."""
    async with open_connections(FILE, connect, use="test", count=1, max_jobs=2) as connections:
        async with asyncio.TaskGroup() as group:
            with Gate() as gate:
                jobs = [group.create_task(connections.run(gate)) for _ in range(2)]
                await asyncio.to_thread(gate.running.wait)
                with pytest.raises(Exhausted):
                    await connections.run(gate)
        assert [job.result() for job in jobs] == ["through", "through"]
        assert await connections.run(gate) == "through"


async def test_as_many_jobs_run_at_once_as_there_are_connections() -> None:
    """Two connections let two jobs run beside each other, each with its own."""
    both = threading.Barrier(2, timeout=10)

    def meet(connection: sqlite3.Connection) -> int:
        both.wait()
        return id(connection)

    async with open_connections(FILE, connect, use="test", count=2, max_jobs=2) as connections:
        assert len(set(await asyncio.gather(connections.run(meet), connections.run(meet)))) == 2


async def test_a_cancelled_caller_waits_for_its_running_job() -> None:
    """Cancellation is heard once the job is over: until then its connection is in use."""
    async with (
        open_connections(FILE, connect, use="test", count=1, max_jobs=2) as connections,
        asyncio.TaskGroup() as group,
    ):
        with Gate() as gate:
            job = group.create_task(connections.run(gate))
            await asyncio.to_thread(gate.running.wait)
            job.cancel()
            for _ in range(10):
                await asyncio.sleep(0)
            assert not job.done()
        await asyncio.wait([job])
        assert job.cancelled()


async def test_a_job_that_fails_when_its_caller_has_gone_is_no_complaint() -> None:
    """Nobody is left to be told, and so nothing is logged as if a failure had been overlooked."""
    complaints: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: complaints.append(context["message"]))

    with Gate() as gate:

        def fail(connection: sqlite3.Connection) -> None:
            gate(connection)
            raise Unavailable("Too late to matter.")

        async with (
            open_connections(FILE, connect, use="test", count=1, max_jobs=2) as connections,
            asyncio.TaskGroup() as group,
        ):
            job = group.create_task(connections.run(fail))
            await asyncio.to_thread(gate.running.wait)
            job.cancel()
            await asyncio.sleep(0)
            gate.open.set()
    assert job.cancelled()
    del job  # asyncio complains once nothing refers to it any more
    gc.collect()
    assert complaints == []


async def test_a_cancelled_job_that_waited_never_runs() -> None:
    """A caller that leaves the queue takes its job along."""
    ran = threading.Event()
    async with open_connections(FILE, connect, use="test", count=1, max_jobs=2) as connections:
        async with asyncio.TaskGroup() as group:
            with Gate() as gate:
                group.create_task(connections.run(gate))
                await asyncio.to_thread(gate.running.wait)
                waiting = group.create_task(connections.run(lambda _: ran.set()))
                await asyncio.sleep(0)
                waiting.cancel()
                await asyncio.sleep(0)
        assert waiting.cancelled()
        await connections.run(lambda _: None)
    assert not ran.is_set()


async def test_a_failing_job_gives_its_connection_back() -> None:
    """SQLite's errors arrive as Unavailable, and the only connection serves the next job."""
    async with open_connections(FILE, connect, use="test", count=1, max_jobs=1) as connections:
        with pytest.raises(Unavailable, match="SQLITE_ERROR"):
            await connections.run(lambda connection: connection.execute("SELECT * FROM missing"))
        assert await connections.run(lambda connection: connection.execute("SELECT 1").fetchone()) == (1,)


async def test_what_cannot_be_opened_leaves_no_thread() -> None:
    """A connection that fails to open raises its error and ends what was opened before it."""
    opened: list[sqlite3.Connection] = []

    def connect_once() -> sqlite3.Connection:
        if opened:
            raise Unavailable("No more.")
        opened.append(connect())
        return opened[0]

    with pytest.raises(Unavailable, match="No more"):
        async with open_connections(FILE, connect_once, use="leftover", count=2, max_jobs=1):
            pass
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        opened[0].execute("SELECT 1")
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("things-leftover")]
