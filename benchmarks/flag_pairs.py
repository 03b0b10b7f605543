"""Two flags that always say the same are written again and again while processes read both: nobody sees a mixed pair.

Both flags follow one rule that they share, and each write turns that rule around: one generation, both flags. Each
reader takes the snapshot in force and asks it for both, in a thread beside the event loop that replaces snapshots. A
writer is killed with -9 in the middle, then the service, and both go on.

The processes: `python -m benchmarks.flag_pairs write|read NAME ADDRESS HOME [PER_SECOND]`.
"""

import asyncio
import json
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from benchmarks.figures import Figure
from benchmarks.flag_service import AUTHOR, FlagService, definition, flag_service
from benchmarks.flag_subscribers import child
from services.flags.api.administrator import FlagAdministrator
from services.kit.admin import peers_token
from services.kit.clock import SystemClock
from services.kit.errors import Failure
from services.kit.files import made
from services.kit.flags.client.local import Flags
from services.kit.flags.client.opening import Place, following
from services.kit.flags.client.signals import METRICS
from services.kit.logs import LogFormat, LogLevel, open_log
from services.kit.telemetry import make_telemetry

LEFT, RIGHT, SHARED = "pair-left", "pair-right", "$evaluators/pair"
READERS, PAIRS_PER_SECOND, FLIPS_PER_SECOND, SECONDS = 4, 5_000, 100, 30.0
LEAST_SHARE = 0.9
"""Of the reads that were meant: the machine may have other things to do."""
_BATCH_S = 0.01
_PAUSE_S = 0.1


@dataclass
class Seen:
    """What a reader saw."""

    pairs: int = 0
    mixed: int = 0
    flips: int = 0
    """Times that a pair said something else than the one before."""

    def read(self, flags: Flags, said: object) -> object:
        """Read a pair, and return what it says."""
        snapshot = flags.snapshot
        left, right = snapshot.evaluate(LEFT, {}).value, snapshot.evaluate(RIGHT, {}).value
        self.pairs += 1
        self.mixed += left is not right
        self.flips += left is not said
        return left


async def proven() -> Sequence[Figure]:
    """Write and read, and return what was seen."""
    with TemporaryDirectory() as home, flag_service(Path(home)) as service, ExitStack() as stack:
        async with service.administrator() as administrator:
            await _define(administrator)
        readers = [
            stack.enter_context(_process("read", f"reader-{number}", service, str(PAIRS_PER_SECOND)))
            for number in range(READERS)
        ]
        for reader in readers:
            await asyncio.to_thread(_until_reading, reader)
        flips = await _disturbed(service)
        seen = [Seen(**json.loads(_ended(reader))) for reader in readers]
    wanted = READERS * PAIRS_PER_SECOND * SECONDS
    return [
        Figure.at_most("pairs.mixed", [sum(each.mixed for each in seen)], "", 0, "killed: a writer, then the service"),
        Figure.at_least("pairs.read", [sum(each.pairs for each in seen)], "", wanted * LEAST_SHARE),
        Figure.told("pairs.flips_written", [flips], "", f"{flips / SECONDS:.0f} a second, with both outages"),
        Figure.at_least("pairs.flips_seen_by_the_least", [min(each.flips for each in seen)], "", flips / 10),
    ]


async def _define(administrator: FlagAdministrator) -> None:
    await administrator.put(SHARED, _rule(on=True), 0, AUTHOR)
    for key in (LEFT, RIGHT):
        await administrator.put(key, definition(targeting={"$ref": "pair"}), 0, AUTHOR)


def _rule(*, on: bool) -> str:
    return json.dumps({"if": [on, "on", "off"]})


async def _disturbed(service: FlagService) -> int:
    """Have pairs written for as long as they are read, kill the writer, then the service, and return the writes."""
    before, third_s = await _generation(service), SECONDS / 3
    with _process("write", "writer-1", service) as first:
        await asyncio.sleep(third_s)
        first.kill()
    with _process("write", "writer-2", service):
        await asyncio.sleep(third_s)
        service.kill()
        await asyncio.to_thread(service.start)
        await asyncio.sleep(third_s)
    return await _generation(service) - before


async def _generation(service: FlagService) -> int:
    async with service.administrator() as administrator:
        return (await administrator.list()).generation


def _process(
    what: str, name: str, service: FlagService, *more: str
) -> AbstractContextManager["subprocess.Popen[bytes]"]:
    return child("benchmarks.flag_pairs", what, name, service.address, str(service.home), *more)


def _until_reading(reader: "subprocess.Popen[bytes]") -> None:
    if reader.stdout:
        reader.stdout.readline()


def _ended(reader: "subprocess.Popen[bytes]") -> bytes:
    """Tell a reader to end, and return what it says."""
    output, _ = reader.communicate()
    return output


async def _write(service: FlagService, ended: threading.Event) -> None:
    """Turn the pair around so many times a second; where that fails, look again and go on."""
    async with service.administrator() as administrator:
        on = True
        while not ended.is_set():
            try:
                kept, _ = await administrator.get(SHARED)
                version, due = kept.version, time.monotonic()
                while not ended.is_set():
                    on, due = not on, due + 1 / FLIPS_PER_SECOND
                    version, _ = await administrator.put(SHARED, _rule(on=on), version, AUTHOR)
                    await asyncio.sleep(due - time.monotonic())
            except Failure:
                await asyncio.sleep(_PAUSE_S)


async def _read(service: FlagService, name: str, per_second: int, ended: threading.Event) -> Seen:
    clock = SystemClock()
    telemetry = make_telemetry(name, METRICS, open_log(name, clock, LogFormat.TEXT, LogLevel.ERROR))
    chance, home = Random(name), service.home  # noqa: S311 - its own
    place = Place("reader", name, telemetry, clock, chance, made(home / name), peers_token(home))
    async with following(service.address, place) as (flags, _):
        sys.stdout.write("reading\n")
        sys.stdout.flush()
        return await asyncio.to_thread(_read_on, flags, per_second, ended)


def _read_on(flags: Flags, per_second: int, ended: threading.Event) -> Seen:
    seen, said, due = Seen(), flags.snapshot.evaluate(LEFT, {}).value, time.monotonic()
    while not ended.wait(max(0.0, due - time.monotonic())):
        for _ in range(round(per_second * _BATCH_S)):
            said = seen.read(flags, said)
        due += _BATCH_S
    return seen


def main(what: str, name: str, address: str, home: str, per_second: str = "0") -> None:
    """Write or read until standard input ends."""
    ended, service = threading.Event(), FlagService(Path(home), int(address.rpartition(":")[2]))

    def wait() -> None:
        sys.stdin.read()
        ended.set()

    threading.Thread(target=wait, daemon=True).start()
    if what == "write":
        asyncio.run(_write(service, ended))
    else:
        sys.stdout.write(json.dumps(asdict(asyncio.run(_read(service, name, int(per_second), ended)))))


if __name__ == "__main__":
    main(*sys.argv[1:])
