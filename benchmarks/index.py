"""What an index costs: CPU time and memory to build, bytes on disk, and CPU time of a search by what is typed.

    python -m benchmarks.index [--tracks 1_000_000]

A fresh process generates a catalogue and builds its index, three times, or once from a million tracks on. Of the CPU
time only the build counts: joining the exported rows, folding, encoding, sorting, writing and the checksum; neither
making the rows nor decoding them. Searches go from what was typed to the ranked page, twenty hits, without the wire.
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

from benchmarks.figures import Figure, report, spend
from services.catalog.domain.items import Album, Artist, Track
from services.catalog.imports.generated.source import generated
from services.catalog.imports.source import Entry
from services.search.api.wire import encode_hit
from services.search.domain.export import AlbumRow, ArtistRow, Join, Row, TrackRow
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
CHUNK_ROWS = 500
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
    rows, join, cpu_s = _rows(tracks), Join(), 0.0
    with building(folder, encode_hit) as build:
        while chunk := list(islice(rows, CHUNK_ROWS)):
            started = time.process_time()
            build.add(join.documents(chunk))
            cpu_s += time.process_time() - started
        started = time.process_time()
        generation = build.publish(source_generation=1, built_at=datetime(2026, 1, 1, tzinfo=UTC))
        return generation, cpu_s + time.process_time() - started


def _terms_bytes(generation: Generation) -> int:
    with closing(sqlite3.connect(generation.index_path)) as connection:
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
    some = [row for row in islice(_rows(tracks), 0, None, max(1, tracks // SAMPLES)) if isinstance(row, TrackRow)]
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


def _rows(tracks: int) -> Iterator[Row]:
    return map(_row, generated(tracks, SEED).entries())


def _row(item: Entry) -> Row:
    match item:
        case Artist():
            return ArtistRow(item.id, item.name, item.aliases, item.popularity)
        case Album():
            return AlbumRow(
                item.id, item.title, item.aliases, item.artist_ids, item.credit, item.release_year, item.popularity
            )
        case Track():
            return TrackRow(
                id=item.id,
                title=item.title,
                aliases=item.aliases,
                artist_ids=item.artist_ids,
                credit=item.credit,
                album_id=item.appearances[0].album_id if item.appearances else "",
                duration_ms=item.duration_ms,
                release_year=item.release_year,
                explicit=item.explicit,
                markets=item.markets,
                popularity=item.popularity,
            )
        case _:
            raise TypeError(f"a generated catalogue has no rejects, but {item}")


if __name__ == "__main__":
    sys.exit(main())
