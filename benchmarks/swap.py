"""Replacing the index under load: `python -m benchmarks.swap`.

The whole system runs as `backline up` starts it, with two search processes. First it is quiet: an open loop of searches
gives the 99th percentile to compare with. Then, under the same load, the indexer is told again and again to build, and
in between to roll back; a change is over once both processes answer from the other generation. At the end tracks are
taken down, and a fifth of the catalogue is lost behind its back.
"""

import argparse
import asyncio
import sqlite3
import sys
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import grpc

from backline.search.v1 import search_pb2 as pb
from benchmarks.figures import Figure, report
from benchmarks.open_loop import Observed, OpenLoop
from benchmarks.peers.bare_grpc import PATH
from benchmarks.system import Running, running
from services.catalog.api.administrator import Administrator
from services.catalog.domain.items import Track, reference
from services.catalog.imports.generated.source import generated
from services.catalog.store.sqlite.catalog import FILE_NAME
from services.commands.client import open_command_client
from services.kit.admin import admin_token

SWAPS, ROLLBACKS = 20, 3
PER_SECOND = 200
QUIET_S = 30.0
MOST_ABOVE_QUIET_S, MOST_TAKEDOWN_S = 0.05, 60.0
TAKEDOWNS = 5
LOST_SHARE = 0.2
LIMIT_S = 1.0
REPLICAS = ("search", "search-2")
SEED, QUERIES = 1, 2_000
_LOOK_AGAIN_S = 0.05
_PATIENCE_S = 300.0
ENVIRON = {
    "BACKLINE_INDEXER_ROLLOUT_CANARY_S": "1",
    "BACKLINE_INDEXER_ROLLOUT_STAGGER_S": "0.5",
}
"""A rollout as in earnest, only without the time to look at what the first process says."""


def main() -> int:
    """Measure, print and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.swap", description="Measures swaps under load.")
    parser.add_argument("--tracks", type=int, default=20_000, help="how many tracks; 20,000 unless said")
    tracks = parser.parse_args().tracks
    with TemporaryDirectory() as home, running(Path(home), tracks, "--replicas", "search=2", environ=ENVIRON) as system:
        return report(asyncio.run(_measured(system, tracks)))


async def _measured(system: Running, tracks: int) -> list[Figure]:
    async with _searchers(system, _queries(tracks)) as searchers:
        quiet = await OpenLoop(searchers.search, PER_SECOND).for_seconds(QUIET_S)
        swapped = Observed()
        took_s = await _while_loaded(searchers, swapped, lambda: _swaps(system, searchers))
        gone_s = await _takedowns(system, searchers, tracks)
        refusal = await _loss(system, searchers)
    return [
        Figure.at_least("swap.swaps_and_rollbacks", [len(took_s)], "", SWAPS + ROLLBACKS),
        Figure.at_most(
            "swap.errors", [len(swapped.errors)], "", 0, f"of {_count(swapped)}; quiet: {len(quiet.errors)}"
        ),
        Figure.told("swap.quiet_p99", [quiet.p99_s * 1e3], "ms"),
        Figure.told("swap.p99", [swapped.p99_s * 1e3], "ms"),
        Figure.at_most("swap.p99_above_quiet", [(swapped.p99_s - quiet.p99_s) * 1e3], "ms", MOST_ABOVE_QUIET_S * 1e3),
        Figure.told("swap.worst", [max(swapped.latencies_s) * 1e3], "ms", f"quiet: {max(quiet.latencies_s) * 1e3:.0f}"),
        Figure.told("swap.from_order_to_everywhere", [median(took_s)], "s"),
        Figure.at_most(
            "swap.takedown_gone_everywhere", [max(gone_s)], "s", MOST_TAKEDOWN_S, f"median {median(gone_s):.2g}"
        ),
        Figure.at_least("swap.refused_with_a_fifth_missing", [bool(refusal)], "", 1, refusal),
    ]


def _count(observed: Observed) -> int:
    return len(observed.latencies_s) + len(observed.errors)


def _tracks(count: int) -> Iterator[Track]:
    return (entry for entry in generated(count, SEED).entries() if isinstance(entry, Track))


def _queries(tracks: int) -> list[str]:
    """Return beginnings of titles, as long as people get to while they type."""
    chance = Random(SEED)  # noqa: S311 - the same in every run
    titles = [track.title for track in islice(_tracks(tracks), 0, None, max(1, tracks // QUERIES))]
    chance.shuffle(titles)
    return [title[: chance.randint(1, len(title))] for title in titles]


@dataclass(slots=True)
class Searchers:
    """Both search processes, asked in turn."""

    calls: Sequence[Any]
    queries: Sequence[str]
    serving: list[str] = field(default_factory=lambda: [""] * len(REPLICAS))
    """The generation that each answered from last."""

    async def search(self, number: int) -> None:
        """Make the search of that number."""
        which = number % len(self.calls)
        answer = await self.ask(which, self.queries[number % len(self.queries)])
        self.serving[which] = answer.index_generation

    async def ask(self, which: int, query: str) -> pb.SearchResponse:
        """Search in one process."""
        request = pb.SearchRequest(query=query, page_size=20).SerializeToString()
        return pb.SearchResponse.FromString(await self.calls[which](request, timeout=LIMIT_S))

    async def until_all_serve_another(self, before: str) -> None:
        """Wait until the load has seen every process answer from the same generation, which is not that one."""

        async def have_changed() -> bool:
            return len(set(self.serving)) == 1 and before not in self.serving

        await _until(have_changed)


@asynccontextmanager
async def _searchers(system: Running, queries: Sequence[str]) -> AsyncGenerator[Searchers, None]:
    async with AsyncExitStack() as stack:
        channels = [
            await stack.enter_async_context(grpc.aio.insecure_channel(system.address(name, "search", "grpc")))
            for name in REPLICAS
        ]
        yield Searchers([channel.unary_unary(PATH) for channel in channels], queries)


async def _while_loaded(
    searchers: Searchers, observed: Observed, work: Callable[[], Awaitable[list[float]]]
) -> list[float]:
    """Return what the work returns, which is done under the load."""
    load = asyncio.ensure_future(OpenLoop(searchers.search, PER_SECOND).into(observed, sys.maxsize))
    try:
        return await work()
    finally:
        load.cancel()
        await asyncio.wait([load])


async def _swaps(system: Running, searchers: Searchers) -> list[float]:
    """Return the seconds that each change took, from the order until every process had made it."""
    await asyncio.sleep(1.0)
    order = ["build"] * SWAPS
    for place in range(ROLLBACKS):
        order.insert((place + 1) * SWAPS // ROLLBACKS + place, "rollback")
    took_s = []
    for what in order:
        began, before = time.monotonic(), searchers.serving[0]
        await asyncio.to_thread(system.order, what)
        await searchers.until_all_serve_another(before)
        took_s.append(time.monotonic() - began)
        sys.stderr.write(f"{what}: {took_s[-1]:.1f} s\n")
    return took_s


async def _takedowns(system: Running, searchers: Searchers, tracks: int) -> list[float]:
    """Return for some tracks the seconds from the takedown until no search process finds it."""
    wanted = list(islice(_tracks(tracks), 0, None, tracks // TAKEDOWNS))[:TAKEDOWNS]
    address = system.address("catalog", "catalog", "grpc")
    async with open_command_client("catalog", address, admin_token(system.home)) as client:
        administrator = Administrator(client, limit_s=10.0)
        return [await _taken_down(administrator, searchers, track) for track in wanted]


async def _taken_down(administrator: Administrator, searchers: Searchers, track: Track) -> float:
    async def is_found() -> set[bool]:
        return {await _is_found(searchers, which, track) for which in range(len(REPLICAS))}

    async def is_gone() -> bool:
        return await is_found() == {False}

    if await is_found() != {True}:
        raise RuntimeError(f"{track.title!r} is not found, so there is nothing to measure")
    began = time.monotonic()
    await administrator.take_down(reference(track), "a benchmark", "benchmarks.swap")
    await _until(is_gone)
    return time.monotonic() - began


async def _is_found(searchers: Searchers, which: int, track: Track) -> bool:
    found = await searchers.ask(which, f"{track.title} {track.credit}"[:200])
    return track.id in {hit.id for hit in found.hits}


async def _loss(system: Running, searchers: Searchers) -> str:
    """Lose rows behind the catalogue's back, have an index built, and return why it was refused, empty if not."""
    before = set(searchers.serving)
    await asyncio.to_thread(_lose, system.home / "catalog")
    number = (await asyncio.to_thread(system.order, "build"))["build"]

    async def is_built() -> bool:
        return bool((await asyncio.to_thread(system.index_status))["build"]["number"] >= number)

    await _until(is_built)
    for which in range(len(REPLICAS)):
        await searchers.search(which)
    build = (await asyncio.to_thread(system.index_status))["build"]
    return " ".join(build["sentences"]) if build["outcome"] == "refused" and set(searchers.serving) == before else ""


def _lose(folder: Path) -> None:
    with closing(sqlite3.connect(folder / FILE_NAME)) as connection, connection:
        connection.execute("DELETE FROM item WHERE abs(random()) % 100 < ?", [LOST_SHARE * 100])


async def _until(happened: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(_PATIENCE_S):
        while not await happened():  # noqa: ASYNC110 - it happens in other processes
            await asyncio.sleep(_LOOK_AGAIN_S)


if __name__ == "__main__":
    sys.exit(main())
