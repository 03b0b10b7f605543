"""A search process as `backline up` runs it, over an index that is there already: for load, and for its memory."""

import os
import sys
import time
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen

from backline.search.v1 import search_pb2 as pb
from benchmarks.load import Load, grpc_load
from benchmarks.servers import LOAD_CORE, MEASURED_CORE, Server
from services.commands.announcement import announced

INDEX = "index"
"""The folder within a process's home where generations are."""
_PATH = "/backline.search.v1.SearchService/Search"
_PAGE_SIZE = 20
_NEVER = "1000000"
_IN_FULL: Mapping[str, str] = {
    "BACKLINE_SEARCH_CACHE_ENTRIES": "0",
    "BACKLINE_SEARCH_DEGRADE_SPARE_SOURCES": _NEVER,
    "BACKLINE_SEARCH_DEGRADE_SHORT_QUERIES": _NEVER,
    "BACKLINE_SEARCH_DEGRADE_EVERYTHING": _NEVER,
}
"""Nothing is remembered, and nothing left out because a busy machine lets searches wait."""
_LOG = "search.log"
_START_S, _LOOK_S = 60, 0.05


@contextmanager
def searching(home: Path) -> Iterator[Server]:
    """Run a search process on a core of its own, its cache off, over the index in its home.

    There is no indexer that it could ask, so it serves what is there.
    """
    command = [sys.executable, "-m", "services", "run", "search", "--until-eof", "--process", "search"]
    os.sched_setaffinity(0, {MEASURED_CORE})  # inherited
    with (home / _LOG).open("wb") as log:
        process = Popen(command, env=_environ(home), stdin=PIPE, stdout=DEVNULL, stderr=log)  # noqa: S603 - a program of ours
    os.sched_setaffinity(0, {LOAD_CORE})
    try:
        yield Server(_address(home, process), process.pid)
    finally:
        process.communicate()


@asynccontextmanager
async def search_load(address: str, queries: Sequence[str]) -> AsyncGenerator[Load, None]:
    """Give load of searches for the first page of each query in turn."""
    requests = [pb.SearchRequest(query=query, page_size=_PAGE_SIZE).SerializeToString() for query in queries]
    async with grpc_load(address, _PATH, requests) as load:
        yield load


def resident_bytes(pid: int) -> int:
    """Return the memory of a process that is in RAM, mapped files included."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise ProcessLookupError(pid)


def _environ(home: Path) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("BACKLINE_")}
    ports = {"BACKLINE_SEARCH_GRPC_PORT": "0", "BACKLINE_SEARCH_OPERATIONS_PORT": "0"}
    return {**inherited, **ports, **_IN_FULL, "BACKLINE_HOME": str(home)}


def _address(home: Path, process: Popen[bytes]) -> str:
    """Return where the process listens, once it does."""
    for _ in range(round(_START_S / _LOOK_S)):
        if process.poll() is not None:
            break
        found = announced(home / "search")
        if found is not None and found.pid == process.pid:
            return found.addresses["search"]["grpc"]
        time.sleep(_LOOK_S)
    raise RuntimeError((home / _LOG).read_text())
