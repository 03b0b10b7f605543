"""Builds a whole index in a process of its own, whose memory goes with it: `python -m services.search.indexer.child`.

After a build of 100,000 tracks the indexer holds 68 MB that way, where it would hold 174.

The child reads its order, a line of JSON, from standard input and answers with another: where what it built lies, or
why it could not. It ends when its standard input does, so that it never outlives whoever ordered it; and unless it
builds the first index of all, it stands back behind whatever else the machine has to do.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from subprocess import PIPE, Popen
from types import MappingProxyType
from typing import IO

from services.kit.clock import SystemClock
from services.kit.errors import Conflict, Exhausted, Failure, TooLate, Unavailable
from services.kit.grpc.client import open_client
from services.kit.lifecycle import leash
from services.kit.logs import LogFormat, LogLevel, open_log
from services.kit.telemetry import make_telemetry
from services.search.api.wire import encode_hit
from services.search.clients.catalog import GrpcCatalogue
from services.search.index.build import Unwritable
from services.search.index.generations import Generation, read, survey
from services.search.indexer.signals import CLIENT
from services.search.indexer.workshop import Workshop

_NICE = 10
_FAILURES: Mapping[str, type[Failure]] = MappingProxyType(
    {kind.__name__: kind for kind in (Conflict, Exhausted, TooLate, Unavailable, Unwritable)}
)


@dataclass(frozen=True, slots=True)
class Order:
    """What to build, and of what."""

    folder: str
    """Of the generations."""
    catalog: str
    """Where the catalog answers."""
    export_limit_s: float


async def build_in_child(order: Order) -> Generation:
    """Have a whole index built, still aside. Raises what the child could not do, Unavailable where it was killed."""
    with _child(order) as answer:
        return _built(await asyncio.to_thread(answer.readline))


@contextmanager
def _child(order: Order) -> Iterator[IO[bytes]]:
    """Start the child, and give what it writes; at the end it is gone, done or not.

    Not the event loop's way of starting processes, which forks: gRPC's threads are in the way of that.
    """
    command = [sys.executable, "-m", __name__]
    with Popen(command, bufsize=0, stdin=PIPE, stdout=PIPE) as process:  # noqa: S603 - our own program
        assert process.stdin is not None  # noqa: S101 - pipes were asked for
        assert process.stdout is not None  # noqa: S101 - as above
        try:
            with suppress(BrokenPipeError):  # a child that is gone already says nothing, which is what counts
                process.stdin.write(json.dumps(asdict(order)).encode() + b"\n")
            yield process.stdout
        finally:
            process.kill()


def _built(line: bytes) -> Generation:
    try:
        answer = json.loads(line)
    except ValueError:
        raise Unavailable("The process that was to build the index ended without a word.") from None
    if "failure" in answer:
        raise _FAILURES.get(answer["failure"], Unavailable)(answer["sentence"])
    return read(Path(answer["folder"]))


async def _build(order: Order) -> Generation:
    clock = SystemClock()
    telemetry = make_telemetry("indexer", CLIENT.all(), open_log("indexer", clock, LogFormat.TEXT, LogLevel.WARNING))
    async with open_client("catalog", order.catalog, telemetry, CLIENT, clock) as client:
        catalogue = GrpcCatalogue(client, order.export_limit_s)
        return await Workshop(Path(order.folder), catalogue, encode_hit, clock, time.thread_time).whole()


def main() -> None:
    """Do what the order says."""
    order = Order(**json.loads(sys.stdin.readline()))
    leash(sys.stdin.fileno(), 0)
    if survey(Path(order.folder)).newest:
        os.nice(_NICE)
    try:
        answer = {"folder": str(asyncio.run(_build(order)).folder)}
    except Failure as failure:
        answer = {"failure": type(failure).__name__, "sentence": str(failure)}
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
