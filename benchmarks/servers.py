"""The servers that are compared, each a process of its own: `python -m benchmarks.servers NAME CORE [ADDRESS]`.

One prints its address once it serves, and ends when its standard input does, so that none outlives its benchmark.
"""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TypeAlias

import uvloop

from backline.search.v1 import search_pb2 as pb
from benchmarks import answers
from benchmarks.batches import NO_CACHE, open_answering, open_over_postgres, open_over_sqlite
from benchmarks.figures import cpu_seconds
from benchmarks.load import LIMIT_S, shared
from benchmarks.peers.bare_grpc import open_bare_call, open_bare_server
from benchmarks.peers.bare_http import answering_app, calling_app, open_bare_http
from benchmarks.peers.fastapi_ofrep import open_fastapi_ofrep
from benchmarks.subjects import open_edge_in_memory, open_edge_with_hop, open_kit_server, shipped_snapshot
from services.catalog.store.policy import CachePolicy

SEARCH_PATH, CALLS_PATH = "/v1/search", "/calls"
CORES = sorted(os.sched_getaffinity(0))
LOAD_CORE, MEASURED_CORE = CORES[0], CORES[-1]
"""Who is measured shares its core with nobody, unless there is only one."""

Opened: TypeAlias = AbstractAsyncContextManager[str]
"""A server, which gives its address."""


@dataclass(frozen=True, slots=True)
class Server:
    """One that serves, in a process of its own."""

    address: str
    pid: int

    def cpu_s(self) -> float:
        """Return the CPU time that it has used so far, in seconds."""
        return cpu_seconds(self.pid)


@contextmanager
def serving(name: str, *addresses: str, core: int = MEASURED_CORE) -> Iterator[Server]:
    """Start the server of that name on the core and stop it at the end of the block."""
    command = [sys.executable, "-m", "benchmarks.servers", name, str(core), *addresses]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - a program of ours
        address = process.stdout.readline().strip() if process.stdout else ""
        try:
            if not address:
                raise RuntimeError(f"{name} ended before it served")
            yield Server(address, process.pid)
        finally:
            if process.stdin:
                process.stdin.close()


def _always(body: bytes) -> Callable[[pb.SearchRequest], Awaitable[bytes]]:
    """Return the trivial handler that both sides serve."""

    async def answer(_request: pb.SearchRequest) -> bytes:
        return body

    return answer


@asynccontextmanager
async def _open_bare_caller(search_address: str) -> AsyncGenerator[str, None]:
    request = pb.SearchRequest(query=answers.QUERY, page_size=answers.RESULTS)
    async with open_bare_call(search_address, LIMIT_S) as call:

        async def make(calls: int) -> None:
            for _ in range(calls):
                await call(request)

        async with open_bare_http(calling_app(CALLS_PATH, shared(make))) as address:
            yield address


SERVERS: dict[str, Callable[..., Opened]] = {
    "bare-grpc": lambda: open_bare_server(_always(answers.stored())),
    "kit-grpc": lambda: open_kit_server(_always(answers.stored())),
    "search": lambda: open_kit_server(_always(answers.found().SerializeToString())),
    "bare-http": lambda: open_bare_http(answering_app(SEARCH_PATH, answers.page())),
    "bare-caller": _open_bare_caller,
    "kit-batch": open_answering,
    "catalog-cached": lambda: open_over_sqlite(CachePolicy()),
    "catalog-sqlite": lambda: open_over_sqlite(NO_CACHE),
    "catalog-postgres": lambda url: open_over_postgres(url, NO_CACHE),
    "edge": lambda: open_edge_in_memory(answers.found()),
    "edge-cold": lambda: open_edge_in_memory(answers.found(), generations=3),
    "edge-with-hop": open_edge_with_hop,
    "fastapi-ofrep": lambda: open_fastapi_ofrep(shipped_snapshot()),
}


def main(name: str, core: str, *addresses: str) -> None:
    """Serve until standard input ends."""
    os.sched_setaffinity(0, {int(core)})
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(SERVERS[name](*addresses)))


async def _serve(server: Opened) -> None:
    async with server as address:
        sys.stdout.write(f"{address}\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    main(*sys.argv[1:])
