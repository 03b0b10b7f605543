"""What a search costs, beside the engines that one would install instead.

    python -m benchmarks.search [--scale 100k] [--keep FOLDER]

All engines stand open in this process over the same documents and answer the same queries in turn, so many of each of
the twelve classes, with the first twenty hits and all that a list shows of them. What counts is CPU time: for engines
that search in this process the thread's, for PostgreSQL that of the server's process for our connection; what it costs
us to ask it does not count. A round's mean gives every class the same weight.

Before each round all files of the engines in this process are read once, so that none waits for the disk, and what
stands in memory is set apart from what is collected, as our services do after they have started.

Then a whole request: the CPU time of a search process, its cache off, for a call that comes over gRPC.

Indexes and queries are made anew, or once in the folder to keep them in, to be emptied when what is indexed changes.
Bounds hold at a million tracks.
"""

import argparse
import asyncio
import gc
import sys
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean, quantiles
from tempfile import TemporaryDirectory

import uvloop

from benchmarks.corpora import generated_corpus
from benchmarks.engines import Engine, Searcher
from benchmarks.figures import Figure, report
from benchmarks.ours import Backline
from benchmarks.peers.postgres import OpenPostgres, Postgres
from benchmarks.peers.tantivy_beneath import OUR_INDEX, TantivyBeneath
from benchmarks.peers.tantivy_two_phase import TantivyTwoPhase
from benchmarks.rounds import ratios
from benchmarks.search_process import INDEX, search_load, searching
from benchmarks.typed import Costs, Typed, mean, mix, part, sessions, typed

BENEATH = TantivyBeneath()
PEERS: Mapping[Engine, float] = {TantivyTwoPhase(): 10, Postgres(): 40, BENEATH: 2}
"""By how many times each has to be outrun."""
ONLY_RETRIEVING = TantivyBeneath("tantivy_retrieving", keeps_documents=False)
"""Told beside them."""
MOST_P99_US, MOST_GROWTH = 5_000, 2.5
MOST_SESSION_US, MOST_MIX_US = 700, 900
BOUNDED_SCALE = "1m"
SMALLER = {"1m": "100k", "100k": "10k"}
ROUNDS, ROUND_QUERIES, WARM_UP_QUERIES = 3, 160, 10
"""Queries are of each class."""
LOAD_ROUNDS, LOAD_CALLS = 5, 2_400
PAGE_SIZE = 20
_AT_ONCE_BYTES = 1 << 22
OURS = Backline()


@dataclass(frozen=True, slots=True)
class Side:
    """An open engine, and the clock of who does its work."""

    name: str
    home: Path
    """Its files."""
    searcher: Searcher
    cpu_ns: Callable[[], int]

    def costs(self, queries: Typed) -> Costs:
        """Search for all of the queries, and return the CPU µs of each."""
        return {name: [self._cost_us(query) for query in some] for name, some in queries.items()}

    def _cost_us(self, query: str) -> float:
        started_ns = self.cpu_ns()
        self.searcher.search(query, PAGE_SIZE)
        return (self.cpu_ns() - started_ns) / 1e3


def main() -> int:
    """Measure, print and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search", description="Measures searches.")
    parser.add_argument("--scale", choices=sorted(SMALLER), default=BOUNDED_SCALE, help="1m unless said")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="where indexes are kept, or found, to be quick")
    options = parser.parse_args()
    with nullcontext(options.keep) if options.keep else _temporary() as folder:
        figures = list(_figures(options.scale, folder))
    return report(figures if options.scale == BOUNDED_SCALE else [_unbounded(figure) for figure in figures])


@contextmanager
def _temporary() -> Iterator[Path]:
    with TemporaryDirectory() as name:
        yield Path(name)


def _unbounded(figure: Figure) -> Figure:
    return replace(figure, bound="", ok=True)


def _figures(scale: str, folder: Path) -> Iterator[Figure]:
    queries = _queries(scale, folder)
    yield from _against_peers(scale, folder, queries)
    yield from _tail(scale, folder, queries)
    yield _growth(scale, folder, queries)
    yield from _requests(folder / scale / OURS.name, queries)


def _against_peers(scale: str, folder: Path, queries: Typed) -> Iterator[Figure]:
    """Yield what a query costs each side, and how many times as many we answer in the same CPU time."""
    with _opened((OURS, *PEERS, ONLY_RETRIEVING), scale, folder) as sides:
        spent = _rounds([(side, queries) for side in sides])
    for name, means in spent.items():
        yield Figure.told(f"search.{name}", means, "CPU µs")
    for peer, least in PEERS.items():
        times = ratios(spent[peer.name], by=spent[OURS.name])
        yield Figure.at_least(f"search.against_{peer.name}", times, "ratio", least, peer.name)


def _tail(scale: str, folder: Path, queries: Typed) -> Iterator[Figure]:
    """Yield the 99th percentile of each class, and the worst of them; the queries are gone through three times."""
    with _opened([OURS], scale, folder) as (side,):
        side.costs(part(queries, 0, WARM_UP_QUERIES))
        passes = [side.costs(queries) for _ in range(ROUNDS)]
    tails = {name: [_percentile_99(costs[name]) for costs in passes] for name in queries}
    for name, values in tails.items():
        yield Figure.told(f"search.p99.{name}", values, "CPU µs")
    worst = [max(values) for values in zip(*tails.values(), strict=True)]
    yield Figure.at_most("search.p99.worst_class", worst, "CPU µs", MOST_P99_US)


def _growth(scale: str, folder: Path, queries: Typed) -> Figure:
    """Return how many times the mean query costs what it does over a tenth of the tracks."""
    smaller = SMALLER[scale]
    with _opened([OURS], scale, folder) as (large,), _opened([OURS], smaller, folder) as (small,):
        asked = [(replace(large, name=scale), queries), (replace(small, name=smaller), _queries(smaller, folder))]
        spent = _rounds(asked)
    growth = ratios(spent[scale], by=spent[smaller])
    return Figure.at_most("search.growth", growth, "ratio", MOST_GROWTH, f"{fmean(spent[smaller]):.0f} µs at {smaller}")


def _requests(home: Path, queries: Typed) -> Sequence[Figure]:
    """Return what a call costs the search process, typed letter by letter and in a mix of all classes."""
    with searching(home) as server, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:

        async def loaded() -> tuple[list[float], list[float]]:
            async with (
                search_load(server.address, sessions(queries)) as typing,
                search_load(server.address, mix(queries)) as mixed,
            ):
                spent: tuple[list[float], list[float]] = ([], [])
                for number in range(LOAD_ROUNDS + 1):
                    for values, load in zip(spent, (typing, mixed), strict=True):
                        before_s = server.cpu_s()
                        await load(LOAD_CALLS)
                        if number:  # the first is to warm up
                            values.append((server.cpu_s() - before_s) / LOAD_CALLS * 1e6)
                return spent

        typing, mixed = runner.run(loaded())
    return [
        Figure.at_most("search.request.typed", typing, "CPU µs", MOST_SESSION_US),
        Figure.at_most("search.request.mix", mixed, "CPU µs", MOST_MIX_US),
    ]


def _queries(scale: str, folder: Path) -> Typed:
    return typed(generated_corpus(scale), folder / scale / "queries.json")


@contextmanager
def _opened(engines: Sequence[Engine], scale: str, folder: Path) -> Generator[list[Side], None, None]:
    """Open the engines over the catalogue of that scale, building what is not there."""
    corpus = generated_corpus(scale)
    with ExitStack() as stack:
        sides = []
        for engine in engines:
            home = _home(engine, folder / scale)
            searcher = stack.enter_context(engine.open(corpus.documents(), home))
            sides.append(Side(engine.name, home, searcher, _clock(searcher)))
        yield sides


def _home(engine: Engine, folder: Path) -> Path:
    """Return the engine's folder. Those that are partly ours share our index, built before theirs."""
    if engine == OURS:
        return folder / OURS.name / INDEX
    if not isinstance(engine, TantivyBeneath):
        return folder / engine.name
    home = folder / BENEATH.name
    if not home.exists():
        home.mkdir()
        (home / OUR_INDEX).symlink_to(Path("..", OURS.name, INDEX))
    return home


def _clock(searcher: Searcher) -> Callable[[], int]:
    return searcher.cpu_ns if isinstance(searcher, OpenPostgres) else time.thread_time_ns


def _rounds(asked: Sequence[tuple[Side, Typed]]) -> Mapping[str, Sequence[float]]:
    """Return the mean cost of a query by side, one for each round; every other round goes through them backwards."""
    spent: Mapping[str, list[float]] = {side.name: [] for side, _ in asked}
    for side, queries in asked:
        side.costs(part(queries, 0, WARM_UP_QUERIES))
    gc.collect()
    gc.freeze()
    for number in range(ROUNDS):
        _read_all(side.home for side, _ in asked if not isinstance(side.searcher, OpenPostgres))
        for side, queries in asked[:: -1 if number % 2 else 1]:
            some = part(queries, WARM_UP_QUERIES + number * ROUND_QUERIES, ROUND_QUERIES)
            spent[side.name].append(mean(side.costs(some)))
    return spent


def _read_all(homes: Iterable[Path]) -> None:
    for path in (path for home in homes for path in home.rglob("*") if path.is_file()):
        with path.open("rb") as file:
            while file.read(_AT_ONCE_BYTES):
                pass


def _percentile_99(costs: Sequence[float]) -> float:
    return quantiles(costs, n=100)[98]


if __name__ == "__main__":
    sys.exit(main())
