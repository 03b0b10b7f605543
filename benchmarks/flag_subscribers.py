"""Processes that use flags, many in each: `python -m benchmarks.flag_subscribers NAME COUNT ADDRESS HOME`.

Each has its own channel, folder, metrics and log, as if it were alone. What they log is what happened to them: JSON
lines on standard output, until standard input ends.
"""

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import uvloop

from services.kit.admin import peers_token
from services.kit.clock import SystemClock
from services.kit.files import made
from services.kit.flags.client.opening import Place, following
from services.kit.flags.client.signals import METRICS
from services.kit.lifecycle import settle
from services.kit.logs import Lines, LogFormat, open_log
from services.kit.telemetry import make_telemetry

PROCESSES = 4


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a subscriber's log."""

    who: str
    what: str
    at: datetime
    generation: int


@dataclass
class Subscribers:
    """All subscribers, and what they have told so far."""

    count: int
    events: list[Event] = field(default_factory=list)
    _told: threading.Condition = field(default_factory=threading.Condition)

    def read(self, lines: Iterable[bytes]) -> None:
        """Take in what one process writes, until it ends."""
        for line in lines:
            event = _event(json.loads(line))
            with self._told:
                self.events.append(event)
                self._told.notify_all()

    async def until_all(self, what: str, generation: int = 0, since: int = 0, within_s: float = 60.0) -> None:
        """Wait until each has told of that generation or a later one, among the events from a place on."""

        def have() -> bool:
            return len(self.who(what, generation, since)) == self.count

        def wait() -> bool:
            with self._told:
                return self._told.wait_for(have, within_s)

        if not await asyncio.to_thread(wait):
            missing = self.count - len(self.who(what, generation, since))
            raise TimeoutError(f"{missing} of {self.count} subscribers did not tell of {what} {generation}")

    def who(self, what: str, generation: int = 0, since: int = 0) -> dict[str, datetime]:
        """Return when each told of it first."""
        first: dict[str, datetime] = {}
        for event in self.events[since:]:
            if event.what == what and event.generation >= generation:
                first.setdefault(event.who, event.at)
        return first


def _event(line: dict[str, Any]) -> Event:
    return Event(line["service"], line["event"], datetime.fromisoformat(line["time"]), line.get("generation", 0))


@contextmanager
def subscribed(count: int, address: str, home: Path) -> Iterator[Subscribers]:
    """Run so many subscribers in a few processes, and give them at once, whether or not they are connected."""
    subscribers = Subscribers(count)
    with ExitStack() as stack:
        for number in range(PROCESSES):
            share = (count + number) // PROCESSES
            process = stack.enter_context(child(__spec__.name, f"p{number}", str(share), address, str(home)))
            threading.Thread(target=subscribers.read, args=(process.stdout,), daemon=True).start()
        yield subscribers


@contextmanager
def child(module: str, *arguments: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a program of ours that ends when its standard input does, at the latest with the block."""
    command = [sys.executable, "-m", module, *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:  # noqa: S603 - a program of ours
        try:
            yield process
        finally:
            if process.stdin:
                process.stdin.close()
            process.wait()


async def _subscribe(name: str, count: int, address: str, home: Path) -> None:
    lines = Lines(sys.stdout.buffer)
    async with AsyncExitStack() as stack:
        for number in range(count):
            await stack.enter_async_context(_subscriber(f"{name}-{number}", address, home, lines))
        settle()
        await asyncio.to_thread(sys.stdin.read)


@asynccontextmanager
async def _subscriber(name: str, address: str, home: Path, lines: Lines) -> AsyncGenerator[None, None]:
    clock = SystemClock()
    telemetry = make_telemetry(name, METRICS, open_log(name, clock, LogFormat.JSON, lines=lines))
    chance = Random(name)  # noqa: S311 - each its own
    place = Place("subscriber", name, telemetry, clock, chance, made(home / name), peers_token(home))
    async with following(address, place):
        yield


def main(name: str, count: str, address: str, home: str) -> None:
    """Subscribe until standard input ends."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_subscribe(name, int(count), address, Path(home)))


if __name__ == "__main__":
    main(*sys.argv[1:])
