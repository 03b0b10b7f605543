"""Replacing the index under load: `python -m benchmarks.swap`.

The whole system runs as `backline up` starts it, with two search processes under an open loop of searches. The indexer
is told again and again to build, and in between to roll back; a change is over once both processes answer from the
other generation. Before each change there is a rest, so that searches during changes are compared with searches without
any, and what else the machine does falls on both alike. At the end tracks are taken down, and a fifth of the catalogue
is lost behind its back.
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
from services.kit.lifecycle import background

SWAPS, ROLLBACKS = 20, 3
PER_SECOND = 200
REST_S = 5.0
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
        load, quiet, changing = OpenLoop(searchers.search, PER_SECOND), Observed(), Observed()
        async with background(load.run()):
            took_s = [await _change(system, searchers, what, load, (quiet, changing)) for what in _orders()]
        gone_s = await _takedowns(system, searchers, tracks)
        refusal = await _loss(system, searchers)
    above_s = changing.p99_s - quiet.p99_s
    return [
        Figure.at_least("swap.swaps_and_rollbacks", [len(took_s)], "", SWAPS + ROLLBACKS),
        Figure.at_most("swap.errors", [len(changing.errors)], "", 0, f"of {_count(changing)} searches"),
        Figure.told("swap.quiet_p99", [quiet.p99_s * 1e3], "ms", f"of {_count(quiet)}, {len(quiet.errors)} errors"),
        Figure.told("swap.p99", [changing.p99_s * 1e3], "ms"),
        Figure.at_most("swap.p99_above_quiet", [above_s * 1e3], "ms", MOST_ABOVE_QUIET_S * 1e3),
        Figure.told(
            "swap.worst", [max(changing.latencies_s) * 1e3], "ms", f"quiet: {max(quiet.latencies_s) * 1e3:.0f}"
        ),
        Figure.told("swap.from_order_to_everywhere", [median(took_s)], "s"),
        Figure.at_most("swap.takedown_gone_everywhere", [max(gone_s)], "s", MOST_TAKEDOWN_S),
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


def _orders() -> list[str]:
    """Return what the indexer is told, one after the other: rollbacks are spread among the builds."""
    orders = ["build"] * SWAPS
    for place in range(ROLLBACKS):
        orders.insert((place + 1) * SWAPS // ROLLBACKS + place, "rollback")
    return orders


async def _change(
    system: Running, searchers: Searchers, order: str, load: OpenLoop, phases: tuple[Observed, Observed]
) -> float:
    """Rest for a while, give the order, and return the seconds until every process has made the change."""
    load.observed, changing = phases
    await asyncio.sleep(REST_S)
    began, before, load.observed = time.monotonic(), searchers.serving[0], changing
    await asyncio.to_thread(system.order, order)
    await searchers.until_all_serve_another(before)
    took_s = time.monotonic() - began
    sys.stderr.write(f"{order}: {took_s:.1f} s\n")
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
