"""What an event loop that serves notices of flags that change: `python -m benchmarks.flag_loop`, a process of its own.

A thousand flags that all ask are applied as they come from the service: all of them changed, then one, in turn. Beside
it a task wakes every millisecond and looks how much CPU time the process has taken since, whichever of its threads had
the interpreter: the most is what a request would have waited for flags alone. How late the task was by the clock is
told too, with that of a loop that rests: the difference between clock and CPU is the machine's, whose cores have others
to serve. Then snapshots follow each other, and the memory of the last ones is compared with that of the first: nothing
that went may have stayed.

Prints {"whole": {"cpu_ms", "late_ms", "spent_ms"}, "one": the same, "rest_late_ms", "grown_bytes"}, runs in lists.
"""

import asyncio
import gc
import json
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

import uvloop

from backline.flags.v1 import flags_pb2 as pb
from benchmarks.flag_mixes import flagd_document, rules
from benchmarks.search_process import resident_bytes
from services.kit.clock import SystemClock
from services.kit.flags.client.instruments import Instruments
from services.kit.flags.client.intake import Intake
from services.kit.flags.client.local import Flags
from services.kit.flags.client.signals import METRICS
from services.kit.lifecycle import background, settle
from services.kit.logs import LogFormat, LogLevel, open_log
from services.kit.telemetry import make_telemetry

FLAGS, RUNS = 1_000, 7
FEWER, FIRST, SNAPSHOTS = 400, 20, 200
_TICK_S, _REST_S = 0.001, 0.1


@dataclass
class Ticks:
    """What a task that wakes every millisecond has noticed since it was last asked."""

    cpu_ms: list[float] = field(default_factory=list)
    late_ms: list[float] = field(default_factory=list)

    async def run(self) -> None:
        """Take note for ever."""
        while True:
            cpu_ns, began_ns = time.process_time_ns(), time.perf_counter_ns()
            await asyncio.sleep(_TICK_S)
            self.cpu_ms.append((time.process_time_ns() - cpu_ns) / 1e6)
            self.late_ms.append((time.perf_counter_ns() - began_ns) / 1e6 - _TICK_S * 1e3)

    def longest(self) -> dict[str, float]:
        """Return the longest of both, and begin anew."""
        told = {"cpu_ms": max(self.cpu_ms), "late_ms": max(self.late_ms)}
        self.cpu_ms, self.late_ms = [], []
        return told


class Subject:
    """A process's flags, and what they are told."""

    def __init__(self) -> None:
        clock = SystemClock()
        telemetry = make_telemetry("flags", METRICS, open_log("flags", clock, LogFormat.TEXT, LogLevel.ERROR))
        instruments = Instruments(telemetry)
        self._intake = Intake(Flags(instruments.uses, clock.monotonic), instruments, clock, telemetry.log)

    async def apply(self, definitions: str) -> None:
        """Have them decide."""
        text = definitions.encode()
        held = pb.Held(generation=self._intake.held.generation + 1)
        offered = pb.Snapshot(held=held, checksum=sha256(text).hexdigest(), definitions=text)
        await self._intake.hear(pb.WatchResponse(snapshot=offered))
        if self._intake.held.generation != held.generation:
            raise RuntimeError(self._intake.refused)


def main() -> None:
    """Measure and print."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        sys.stdout.write(json.dumps(runner.run(_measured())))


async def _measured() -> Mapping[str, object]:
    subject, ticks = Subject(), Ticks()
    whole = [_document(FLAGS, owner) for owner in ("us", "them")]
    runs: dict[str, list[dict[str, float]]] = {"whole": [], "one": []}
    settle()
    async with background(ticks.run()):
        await asyncio.sleep(_REST_S)
        rest = ticks.longest()
        for number in range(RUNS):
            document = whole[number % 2]
            for name, definitions in (("whole", document), ("one", _killed(document))):
                runs[name].append(await _run(subject, definitions, ticks))
    told = {name: {key: [run[key] for run in each] for key in each[0]} for name, each in runs.items()}
    return {**told, "rest_late_ms": rest["late_ms"], "grown_bytes": await _grown_bytes()}


async def _run(subject: Subject, definitions: str, ticks: Ticks) -> dict[str, float]:
    """Apply the definitions, and return what was noticed."""
    await asyncio.sleep(_REST_S)
    ticks.longest()
    before_ns = time.process_time_ns()
    await subject.apply(definitions)
    spent_ms = (time.process_time_ns() - before_ns) / 1e6
    await asyncio.sleep(_REST_S)
    return {**ticks.longest(), "spent_ms": spent_ms}


async def _grown_bytes() -> int:
    """Return the memory that snapshots have left behind, which are all different as a whole."""
    subject, resident = Subject(), list[int]()
    for number in range(SNAPSHOTS):
        await subject.apply(_document(FEWER, f"owner-{number}"))
        resident.append(resident_bytes(os.getpid()))
    gc.collect()
    return max(resident[-FIRST:]) - max(resident[:FIRST])


def _document(count: int, owner: str) -> str:
    return flagd_document(rules(count)).replace('"us"', f'"{owner}"')


def _killed(document: str) -> str:
    """Return the document with one of its flags disabled."""
    middle = len(document) // 2
    return document[:middle] + document[middle:].replace("ENABLED", "DISABLED", 1)


if __name__ == "__main__":
    main()
