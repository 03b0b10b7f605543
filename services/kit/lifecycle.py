"""From start to stop: background work, readiness, draining, signals, and the leash that leaves no orphan behind."""

import asyncio
import ctypes
import gc
import os
import signal
import sys
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from enum import StrEnum

_PR_SET_PDEATHSIG = 1
"""Of prctl(2)."""


@asynccontextmanager
async def background(*work: Coroutine[None, None, None]) -> AsyncGenerator[None, None]:
    """Run the work beside the block and cancel it at its end.

    Work that fails ends the block with its error: a part that silently stopped is worse than a restart.
    """
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(part) for part in work]
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()
    except BaseExceptionGroup as errors:
        # A group of one is the block's own error in a wrapper that no caller would look into.
        raise errors.exceptions[0] if len(errors.exceptions) == 1 else errors from None


class Phase(StrEnum):
    """Where a service is in its life."""

    STARTING = "starting"
    SERVING = "serving"
    DRAINING = "draining"


@dataclass(slots=True)
class Health:
    """Whether a service takes requests, and how its dependencies look.

    Ready is a matter of the service alone: not still starting, not draining. A dependency that is slow or gone is told
    apart and never makes the service unready, or one slow database would empty every load balancer above it.
    """

    phase: Phase = Phase.STARTING
    waiting_for: str = "start"
    dependencies: dict[str, Callable[[], bool]] = field(default_factory=dict)
    """Each says whether the dependency answers now."""
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def ready(self) -> bool:
        """Whether the service takes requests."""
        return self.phase is Phase.SERVING

    async def set(self, phase: Phase, waiting_for: str = "") -> None:
        """Enter a phase; draining is never left."""
        if self.phase is not Phase.DRAINING:
            async with self._changed:
                self.phase, self.waiting_for = phase, waiting_for
                self._changed.notify_all()

    async def until_ready(self) -> None:
        """Wait until the service takes requests."""
        async with self._changed:
            await self._changed.wait_for(lambda: self.ready)

    async def until_not(self, phase: Phase) -> None:
        """Wait until another phase has come; at once for draining, after which none comes."""
        async with self._changed:
            await self._changed.wait_for(lambda: self.phase is not phase or phase is Phase.DRAINING)

    def report(self) -> dict[str, object]:
        """Return the state as the operations port shows it."""
        answers = {name: "answers" if asks() else "does not answer" for name, asks in self.dependencies.items()}
        waiting = {"waiting_for": self.waiting_for} if self.waiting_for else {}
        return {"ready": self.ready, "phase": self.phase, **waiting, "dependencies": answers}


@dataclass(frozen=True, slots=True)
class Running:
    """A service that is open: where it listens, and how to make it drain."""

    addresses: dict[str, str]
    """By protocol: `grpc`, `operations`, `http`."""
    health: Health
    drain: Callable[[], Awaitable[None]]
    """Tells everyone to go elsewhere, and waits until they had time to."""


@contextmanager
def stop_signals(again: Callable[[], None] = lambda: None) -> Iterator[asyncio.Event]:
    """Give an event that SIGTERM and SIGINT set; each further one calls `again`.

    Explicit handlers, since PID 1 has no default ones.
    """
    stop, loop = asyncio.Event(), asyncio.get_running_loop()

    def received() -> None:
        if stop.is_set():
            again()
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, received)
    try:
        yield stop
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


@asynccontextmanager
async def broken_off_by(stop: asyncio.Event) -> AsyncGenerator[None, None]:
    """Break the block off, quietly, as soon as `stop` is set; what it opened is its caller's to close."""
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    assert task is not None  # noqa: S101 - a coroutine always runs in a task

    async def cancel() -> None:
        await stop.wait()
        task.cancel()

    watcher = loop.create_task(cancel())
    try:
        yield
    except asyncio.CancelledError:
        if not stop.is_set():
            raise
        task.uncancel()
    finally:
        watcher.cancel()


def settle() -> None:
    """Take what was made while starting out of the garbage collector's sight.

    It stays for good, and a full collection that looks through all of it holds the event loop for tens of milliseconds.
    """
    gc.collect()
    gc.freeze()


def leash(held: int, grace_s: float) -> None:
    """Stop this process when the other end of a pipe closes, at the latest when its holder dies, however it dies.

    `held` is our end's descriptor, not a file object: a buffered file's lock would be held at the interpreter's end.

    A thread waits, so that a stuck event loop is no excuse: after the grace the process ends without asking.
    """

    def wait() -> None:
        while os.read(held, 4096):
            pass
        os.kill(os.getpid(), signal.SIGTERM)
        threading.Event().wait(grace_s)
        os._exit(1)

    if sys.platform == "linux":
        # A process that is stopped runs no thread: the kernel wakes it when its parent dies.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGCONT)
    threading.Thread(target=wait, name="leash", daemon=True).start()
