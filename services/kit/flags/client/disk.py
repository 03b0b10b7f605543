"""The flags that decided last, on disk, so that a process starts with them while the service is dead."""

import asyncio
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import orjson

from services.kit.errors import Invalid, Unavailable
from services.kit.files import one_sentence, write_whole
from services.kit.flags.client.received import Held, Received
from services.kit.logs import Logger


def kept_in(folder: Path, service: str) -> Path:
    """Return the file of a service: one process may have several, and with them one folder."""
    return folder / f"flags-{service}.json"


class Disk:
    """One file, written as a whole: definitions, checksum, and which generation they are.

    Its time of change is when the generation was last known to be in force, so that the age survives a restart.
    """

    def __init__(self, path: Path, now_s: Callable[[], float]) -> None:
        self._path, self._now_s = path, now_s
        self._writing = threading.Lock()

    def read(self) -> tuple[Received, float] | None:
        """Return what was written and its age in seconds; None where nothing was.

        Raises Invalid where the file is damaged, Unavailable where it cannot be read.
        """
        try:
            with one_sentence(self._path):
                text, known_at_s = self._path.read_bytes(), self._path.stat().st_mtime
        except Unavailable as failure:
            if isinstance(failure.__cause__, FileNotFoundError):
                return None
            raise
        return _parsed(self._path.name, text), max(0.0, self._now_s() - known_at_s)

    def write(self, received: Received) -> None:
        """Write it on disk, in one step. Raises Unavailable where it cannot be."""
        fields = {
            "generation": received.held.generation,
            "hash": received.held.hash,
            "checksum": received.checksum,
            "committed_at_s": received.committed_at_s,
            "definitions": received.definitions.decode(),
        }
        with self._writing:
            write_whole(self._path, orjson.dumps(fields).decode())
        self.touch(0.0)

    def touch(self, age_s: float) -> None:
        """Take note that what was written was in force so many seconds ago."""
        at_s = self._now_s() - age_s
        with suppress(OSError):
            os.utime(self._path, (at_s, at_s))


def _parsed(name: str, text: bytes) -> Received:
    try:
        fields = orjson.loads(text)
        kept = Received(
            Held(int(fields["generation"]), str(fields["hash"])),
            str(fields["checksum"]),
            float(fields["committed_at_s"]),
            str(fields["definitions"]).encode(),
        )
    except (ValueError, TypeError, KeyError) as fault:
        raise Invalid(f"{name} is not what was written: {fault!r:.100}.") from fault
    kept.check()
    return kept


class Keeper:
    """Keeps the file true to what decides, in a thread, since a disk takes its time."""

    def __init__(self, disk: Disk, age_s: Callable[[], float], log: Logger) -> None:
        self._disk, self._age_s, self._log = disk, age_s, log
        self._waiting: Received | None = None
        self._changed = asyncio.Event()

    def keep(self, received: Received) -> None:
        """Have this written soon; of several that wait, only the last one matters."""
        self._waiting = received
        self._changed.set()

    async def run(self, every_s: float, settle_s: float) -> None:
        """Write what changes, once that settles, and every so often note that it is still in force, for ever."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(every_s):
                    await self._changed.wait()
            if self._waiting:
                # A change is to be applied by every process at this moment, and not to wait for their disks.
                await asyncio.sleep(settle_s)
                await self.flush()
            elif (age_s := self._age_s()) < every_s:
                await asyncio.to_thread(self._disk.touch, age_s)

    async def flush(self) -> None:
        """Write what waits; what the disk does not take goes on waiting."""
        self._changed.clear()
        waiting = self._waiting
        if waiting is None:
            return
        try:
            await asyncio.to_thread(self._disk.write, waiting)
        except Unavailable as failure:
            self._log.warning("flags.not_kept", generation=waiting.held.generation, reason=str(failure))
            return
        # Not before it is written: who is cancelled here flushes once more before the end.
        if self._waiting is waiting:
            self._waiting = None
