"""The flags service is dead for a whole load run, and those who use flags are started again meanwhile.

First everything runs, and each process writes down the flags that decide. Then everything starts anew over the same
folder, with a flags service that cannot start; searches come at a steady rate, one search process after the other is
started again under them, then the edge itself while they rest, and they go on.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.figures import Figure
from benchmarks.open_loop import Observed, OpenLoop
from benchmarks.system import Running, running
from services.commands.announcement import announced
from services.kit.flags.client.disk import kept_in
from services.kit.http.client import HttpClient
from services.kit.lifecycle import background

TRACKS, PER_SECOND, SECONDS = 2_000, 100, 10.0
LIMIT_S, ANSWER_BYTES = 5.0, 1024 * 1024
SEARCHERS = ("search", "search-2")
CONSUMERS: Mapping[str, str] = {
    **{name: name for name in ("catalog", "indexer", "edge")},
    **dict.fromkeys(SEARCHERS, "search"),
}
"""Each process with its service."""
DEAD: Mapping[str, str] = {"BACKLINE_FLAGS_STORE": "nowhere"}
"""A flags service with this setting ends as soon as it starts, again and again."""
QUERIES = ("a", "mo", "the", "love", "night")
_LOOK_AGAIN_S, _PATIENCE_S = 0.1, 60.0


@dataclass(frozen=True, slots=True)
class Told:
    """What the edge says of its flags at the end."""

    reasons: frozenset[str]
    """Of all decisions about a request for which a variant was chosen."""
    age_s: float
    stream: float


async def proven() -> Sequence[Figure]:
    """Run it, and return what became of the requests and what the edge told of its flags."""
    with TemporaryDirectory() as folder:
        home = Path(folder)
        with _system(home, {}):
            await _until(lambda: all(kept_in(home / name, service).exists() for name, service in CONSUMERS.items()))
        with _system(home, DEAD) as system:
            observed = Observed()
            for process in SEARCHERS:
                await _searched(system, observed, process)
            await _start_again(home, "edge")
            await _searched(_at_its_new_address(system), observed)
            told = await _told(_at_its_new_address(system))
    if observed.errors:
        sys.stderr.write("\n".join(sorted(set(observed.errors))[:10]) + "\n")
    return [
        Figure.at_most(
            "outage.failed_requests", [len(observed.errors)], "", 0, f"of {_count(observed)}, over 3 restarts"
        ),
        Figure.at_least("outage.reason_cached", [told.reasons == {"CACHED"}], "", 1, ", ".join(sorted(told.reasons))),
        Figure.at_least("outage.age_shown", [told.age_s], "s", SECONDS),
        Figure.at_most("outage.stream_state", [told.stream], "", 0),
    ]


def _count(observed: Observed) -> int:
    return len(observed.latencies_s) + len(observed.errors)


def _system(home: Path, environ: Mapping[str, str]) -> AbstractContextManager[Running]:
    return running(home, TRACKS, "--replicas", "search=2", environ=environ)


async def _searched(system: Running, observed: Observed, start_again: str = "") -> None:
    """Search for a while, and start a process again in the midst of it where one is named."""
    client = HttpClient(system.url.removeprefix("http://"))

    async def search(number: int) -> None:
        query = {"q": QUERIES[number % len(QUERIES)], "offset": str(number % 7)}
        await client.get("/v1/search", query, limit_s=LIMIT_S, at_most_bytes=ANSWER_BYTES)

    async with background(OpenLoop(search, PER_SECOND, observed).run()):
        await asyncio.sleep(SECONDS / 2)
        if start_again:
            await _start_again(system.home, start_again)
        await asyncio.sleep(SECONDS / 2)


async def _start_again(home: Path, process: str) -> None:
    """Tell a process to end, and wait until `up` has started its successor and that serves."""
    before = announced(home / process)
    if before is None:
        raise RuntimeError(f"{process} does not run")

    def has_successor() -> bool:
        now = announced(home / process)
        return now is not None and now.pid != before.pid

    os.kill(before.pid, signal.SIGTERM)
    await _until(has_successor)


def _at_its_new_address(system: Running) -> Running:
    """Return the system with the edge where it listens now: any free port is another one each time."""
    return Running(system.home, f"http://{system.address('edge', 'edge', 'http')}")


async def _told(system: Running) -> Told:
    client = HttpClient(system.url.removeprefix("http://"))
    context = json.loads(await client.get("/v1/me/context", limit_s=LIMIT_S, at_most_bytes=ANSWER_BYTES))
    operations = HttpClient(system.address("edge", "edge", "operations"))
    page = (await operations.get("/metrics", limit_s=LIMIT_S, at_most_bytes=ANSWER_BYTES)).decode()
    return Told(
        frozenset(flag["reason"] for flag in context["flags"] if flag["variant"]),
        _metric(page, "backline_flags_snapshot_age_seconds"),
        _metric(page, "backline_flags_stream_state"),
    )


def _metric(page: str, name: str) -> float:
    return next(float(line.split()[1]) for line in page.splitlines() if line.startswith(f"{name} "))


async def _until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(_PATIENCE_S):
        while not happened():  # noqa: ASYNC110 - it happens in other processes
            await asyncio.sleep(_LOOK_AGAIN_S)
