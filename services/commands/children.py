"""A process of `backline up`: started in a session of its own, watched, started again when it ends, stopped."""

import asyncio
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from signal import Signals
from typing import TypeAlias

from services.commands.announcement import Announcement, announced, forget
from services.kit.clock import Clock
from services.kit.errors import Unavailable
from services.kit.lifecycle import background

_LOOK_AGAIN_S = 0.02
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 5.0
_STEADY_S = 10.0
"""A process that lived this long is started again after the first pause."""
_LONGEST_LINE_BYTES = 1024 * 1024

Show: TypeAlias = Callable[[str, str], None]
"""Prints a line under a process's name."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to start."""

    name: str
    """The process's name: `search`, or `search-2`."""
    service: str
    arguments: Sequence[str]
    """For Python."""
    environ: Mapping[str, str]
    folder: Path
    """Where the process announces itself."""
    grace_s: float
    """How long it gets to end once it was told to."""
    needed: bool = True
    """Whether the system is to end where it cannot even start."""


@dataclass(slots=True)
class Child:
    """One process and its successors. `changed` is called whenever its address came or went."""

    order: Order
    show: Show
    changed: Callable[[], None]
    clock: Clock
    announcement: Announcement | None = None
    """Where it listens; None while it does not."""
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once it has been ready for the first time."""
    _process: asyncio.subprocess.Process | None = None

    async def keep(self) -> None:
        """Run the process, and again whenever it ends, until cancelled; then end it.

        One that merely hangs is left alone: what looks dead from here may be busy, and a restart loses its work.
        Raises Unavailable where one that is needed ends before it was ever ready: what it cannot do now it cannot do in
        a second.
        """
        pause_s = _FIRST_PAUSE_S
        while True:
            started = self.clock.monotonic()
            how = await self._once()
            if self.order.needed and not self.ready.is_set():
                raise Unavailable(f"{self.order.name} {how} before it was ready; its lines above say why.")
            steady = self.clock.monotonic() - started > _STEADY_S
            pause_s = _FIRST_PAUSE_S if steady else min(2 * pause_s, _LONGEST_PAUSE_S)
            self.show(self.order.name, f"{how}; starting it again in {pause_s:.1f} s")
            await asyncio.sleep(pause_s)

    def kill(self) -> None:
        """End the process at once."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.kill()

    async def _once(self) -> str:
        """Run the process to its end and return how it ended."""
        # What an earlier process left could have this one's number: in a container they repeat.
        forget(self.order.folder)
        # Its standard input is a pipe that nobody writes to: it closes with this process, and takes the child along.
        self._process = process = await asyncio.create_subprocess_exec(
            sys.executable,
            *self.order.arguments,
            env=self.order.environ,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
            limit=_LONGEST_LINE_BYTES,
        )
        try:
            async with background(self._await_announcement(process.pid)):
                await self._show_lines(process)
                await process.wait()
        finally:
            await self._end(process)
            self._set(None)
        return _how(process.returncode or 0)

    async def _await_announcement(self, pid: int) -> None:
        while True:
            announcement = announced(self.order.folder)
            if announcement is not None and announcement.pid == pid:
                self._set(announcement)
                self.ready.set()
                return
            await asyncio.sleep(_LOOK_AGAIN_S)

    async def _show_lines(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None  # noqa: S101 - a pipe was asked for
        while line := await _line(process.stdout):
            self.show(self.order.name, line.decode(errors="replace").rstrip("\n"))

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        if process.returncode is None:
            process.terminate()
            try:
                async with asyncio.timeout(self.order.grace_s):
                    await self._show_lines(process)
                    await process.wait()
            except TimeoutError:
                self.show(self.order.name, f"did not end within {self.order.grace_s:.0f} s and is killed")
                self.kill()
                await process.wait()

    def _set(self, announcement: Announcement | None) -> None:
        self.announcement = announcement
        self.changed()


async def _line(stream: asyncio.StreamReader) -> bytes:
    try:
        return await stream.readline()
    except ValueError:
        return b"(a line too long to show)\n"


def _how(status: int) -> str:
    return f"was ended by {Signals(-status).name}" if status < 0 else f"ended with status {status}"
