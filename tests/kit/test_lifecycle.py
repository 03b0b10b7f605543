"""Starting, readiness, draining and stopping."""

import asyncio
import os
import signal
import subprocess
import sys

import pytest

from services.kit.errors import Conflict
from services.kit.lifecycle import Health, Phase, background, broken_off_by, stop_signals


async def test_background_work_ends_with_its_block() -> None:
    """What runs beside a block is cancelled when the block is over."""
    cancelled = asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    async with background(work()):
        await asyncio.sleep(0)
    assert cancelled.is_set()


async def test_background_work_that_fails_ends_its_block() -> None:
    """A part that broke is an error of the whole, not a silence."""

    async def work() -> None:
        raise Conflict("broken")

    with pytest.raises(Conflict, match="broken"):
        async with background(work()):
            await asyncio.Event().wait()


async def test_a_blocks_own_error_comes_out_as_itself() -> None:
    """Whoever opens a service catches Conflict, not a group that has a Conflict in it."""
    with pytest.raises(Conflict, match="mine"):
        async with background(asyncio.sleep(60)):
            raise Conflict("mine")


async def test_readiness_is_waited_for_and_draining_is_final() -> None:
    """A service becomes ready once, and never again after it has begun to drain."""
    health = Health()
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(health.until_ready())
        await asyncio.sleep(0)
        assert not waiting.done()
        await health.set(Phase.SERVING)
    await health.set(Phase.DRAINING)
    await health.set(Phase.SERVING)
    assert health.phase is Phase.DRAINING
    assert not health.ready


async def test_a_silent_dependency_is_told_and_leaves_the_service_ready() -> None:
    """One slow database must not empty every load balancer above it."""
    health = Health(dependencies={"store": lambda: False, "search": lambda: True})
    await health.set(Phase.SERVING)
    assert health.report() == {
        "ready": True,
        "phase": "serving",
        "dependencies": {"store": "does not answer", "search": "answers"},
    }


async def test_what_a_service_waits_for_is_told() -> None:
    """An operator sees why a service is not ready yet."""
    health = Health()
    await health.set(Phase.STARTING, waiting_for="index")
    assert health.report()["waiting_for"] == "index"
    await health.set(Phase.SERVING)
    assert "waiting_for" not in health.report()


async def test_the_first_signal_asks_and_the_next_insists() -> None:
    """SIGTERM sets the event; a second signal is passed on as impatience."""
    insisted = asyncio.Event()
    with stop_signals(again=insisted.set) as stop:
        os.kill(os.getpid(), signal.SIGTERM)
        await stop.wait()
        assert not insisted.is_set()
        os.kill(os.getpid(), signal.SIGINT)
        await insisted.wait()


async def test_a_stop_breaks_a_block_off_quietly() -> None:
    """Work that waits is left as soon as the stop is asked for, and what follows runs."""
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(_soon(stop))
        async with broken_off_by(stop):
            await asyncio.Event().wait()
    assert stop.is_set()


async def _soon(stop: asyncio.Event) -> None:
    await asyncio.sleep(0)
    stop.set()


LEASHED = """
import signal, sys, time
from services.kit.lifecycle import leash
signal.signal(signal.SIGTERM, lambda *_: (print("asked", flush=True), {end}))
leash(sys.stdin.fileno(), grace_s=0.2)
print("up", flush=True)
while True:
    time.sleep(0.05)
"""


@pytest.mark.parametrize(("end", "status"), [("sys.exit(7)", 7), ("None", 1)])
def test_a_leashed_process_ends_with_its_holder(end: str, status: int) -> None:
    """When the other end of the pipe closes it is asked to stop, and after the grace it ends whether it will or not."""
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and text
        [sys.executable, "-c", LEASHED.format(end=end)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == "up\n"
        process.stdin.close()
        assert process.stdout.readline() == "asked\n"
        assert process.wait(timeout=30) == status
