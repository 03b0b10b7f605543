"""What an index costs: CPU time and memory to build, bytes on disk, and CPU time of a search by what is typed.

    python -m benchmarks.index [--tracks 1_000_000]

A fresh process generates a catalogue and builds its index, three times, or once from a million tracks on. Of the CPU
time only the build counts: decoding the export, joining its rows, folding, encoding, sorting, writing and the checksum.
Searches go from what was typed to the ranked page, twenty hits, without the wire.
"""

import argparse
import json
import sqlite3
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import TypeAlias

from backline.catalog.v1 import catalog_pb2 as pb
from benchmarks.figures import Figure, report, spend
from services.catalog.api.wire import item_message
from services.catalog.domain.items import Track
from services.catalog.imports.generated.source import generated
from services.catalog.imports.source import Reject
from services.search.api.wire import encode_hit
from services.search.clients.catalog import rows
from services.search.domain.export import Join
from services.search.domain.query import Query
from services.search.domain.rank import DEFAULT_RANKER, RANKERS
from services.search.domain.search import search
from services.search.index.build import building
from services.search.index.generations import Generation
from services.search.index.reader import open_index

MOST_CPU_S_PER_MILLION_TRACKS = 45
MOST_MEMORY_MB = 600
SEED = 1
RUNS = 3
LARGE = 1_000_000
CHUNK_ITEMS = 500
SAMPLES = 1_000
PAGE_SIZE = 20
NO_LIMIT_S = 60.0

Measured: TypeAlias = Mapping[str, float]


def main() -> int:
    """Measure, print and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.index", description="Measures building an index.")
    parser.add_argument("--tracks", type=int, default=100_000, help="how many tracks; 100,000 unless said")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        sys.stdout.write(json.dumps(_measured(options.tracks)))
        return 0
    return report(_figures(options.tracks))


def _figures(tracks: int) -> Sequence[Figure]:
    runs: list[Measured] = []
    for _ in range(RUNS if tracks < LARGE else 1):
        child = spend([sys.executable, "-m", "benchmarks.index", "--tracks", str(tracks), "--child"])
        runs.append({"memory": child.peak_rss_bytes / 1e6, **json.loads(child.output)})

    def values(name: str) -> Sequence[float]:
        return [run[name] for run in runs]

    return [
        Figure.at_most("index.build", values("build"), "CPU-s per 1M tracks", MOST_CPU_S_PER_MILLION_TRACKS),
        Figure.at_most("index.memory", values("memory"), "MB", MOST_MEMORY_MB),
        *(Figure.told(f"index.{name}", values(name), "bytes per document") for name in ("size", "size_of_terms")),
        *(Figure.told(f"index.{name}", values(name), "CPU µs") for name in runs[0] if name.startswith("search.")),
    ]


def _measured(tracks: int) -> Measured:
    """Build one index and search it, in this process."""
    with TemporaryDirectory() as folder:
        generation, cpu_s = _built(tracks, Path(folder))
        documents = sum(generation.manifest.document_counts.values())
        return {
            "build": cpu_s / tracks * 1e6,
            "size": generation.manifest.size_bytes / documents,
            "size_of_terms": _terms_bytes(generation) / documents,
            **_searches(generation, tracks),
        }


def _built(tracks: int, folder: Path) -> tuple[Generation, float]:
    parts, join, cpu_s = _parts(tracks), Join(), 0.0
    with building(folder, encode_hit) as build:
        for part in parts:
            started = time.process_time()
            build.add(join.documents(rows(pb.ExportResponse.FromString(part))))
            cpu_s += time.process_time() - started
        started = time.process_time()
        generation = build.publish(source_generation=1, built_at=datetime(2026, 1, 1, tzinfo=UTC))
        return generation, cpu_s + time.process_time() - started


def _terms_bytes(generation: Generation) -> int:
    with closing(sqlite3.connect(generation.path("index.db"))) as connection:
        (size_bytes,) = connection.execute("SELECT sum(length(block)) FROM terms_data").fetchone()
        return int(size_bytes)


def _searches(generation: Generation, tracks: int) -> Measured:
    """Return the median and 99th percentile of a search's CPU time for each class of queries."""
    ranker, costs = RANKERS[DEFAULT_RANKER], dict[str, float]()
    with open_index(generation, time.monotonic, NO_LIMIT_S) as index:
        for name, typed in _queries(tracks).items():
            spent_us = []
            for text in typed:
                started_ns = time.thread_time_ns()
                search(Query.of(text), index.prefix, ranker, PAGE_SIZE)
                spent_us.append((time.thread_time_ns() - started_ns) / 1e3)
            percentiles = quantiles(spent_us, n=100)
            costs |= {f"search.{name}.p50": percentiles[49], f"search.{name}.p99": percentiles[98]}
    return costs


def _queries(tracks: int) -> Mapping[str, Sequence[str]]:
    """Return what is typed for tracks from all over the catalogue, by class."""
    entries = islice(generated(tracks, SEED).entries(), 0, None, max(1, tracks // SAMPLES))
    some = [item for item in entries if isinstance(item, Track)]
    titles = [row.title for row in some]
    return {
        "letter": [title[0] for title in titles],
        "word": [title.split()[0] for title in titles],
        "word_cut": [title[: 1 + len(title.split()[0]) // 2] for title in titles],
        "two_words": [" ".join(title.split()[:2]) for title in titles if " " in title],
        "title": titles,
        "title_artist": [f"{row.title} {row.credit}" for row in some],
        "in_no_title": [f"{row.credit} {other}" for row, other in zip(some, reversed(titles), strict=True)],
    }


def _parts(tracks: int) -> Iterator[bytes]:
    """Yield the generated catalogue as the catalog's export sends it."""
    items = (item for item in generated(tracks, SEED).entries() if not isinstance(item, Reject))
    while chunk := list(islice(items, CHUNK_ITEMS)):
        yield pb.ExportResponse(items=map(item_message, chunk)).SerializeToString()


if __name__ == "__main__":
    sys.exit(main())
