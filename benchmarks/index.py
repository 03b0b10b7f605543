"""What an index costs: CPU time and memory to build it, bytes on disk, and the memory of the process that searches it.

    python -m benchmarks.index [--scale 100k]

A fresh process builds from the export of an invented catalogue, three times, or once for a million tracks. Of its CPU
time only the build counts: decoding the export, joining rows, folding, encoding, sorting, writing and the checksums.
Then a search process serves what was built, answers five thousand searches of all classes, and its memory is read.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

import uvloop

from backline.catalog.v1 import catalog_pb2 as pb
from benchmarks.corpora import SCALES, generated_corpus
from benchmarks.figures import Figure, report, spend
from benchmarks.search_process import INDEX, resident_bytes, search_load, searching
from benchmarks.typed import mix, typed
from services.catalog.api.wire import item_message
from services.search.api.wire import encode_hit
from services.search.clients.catalog import rows
from services.search.domain.export import Join
from services.search.index.build import building
from services.search.index.generations import Manifest, survey
from services.search.index.schema import FEATURES, HITS

MOST_CPU_S_PER_MILLION_TRACKS = 45
MOST_INDEX_BYTES, MOST_DISPLAY_BYTES = 120, 200
"""Of each document."""
MOST_BUILD_MB, MOST_SEARCH_MB = 600, 350
RUNS = 3
LARGE = 1_000_000
CHUNK_ITEMS = 500
SEARCHES = 5_000

Measured: TypeAlias = Mapping[str, float]


def main() -> int:
    """Measure, print and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.index", description="Measures building an index.")
    parser.add_argument("--scale", choices=sorted(SCALES), default="1m", help="1m unless said")
    parser.add_argument("--build-in", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.build_in:
        sys.stdout.write(json.dumps({"build": _build(options.scale, options.build_in)}))
        return 0
    return report(_figures(options.scale))


def _figures(scale: str) -> Sequence[Figure]:
    runs: list[Measured] = []
    with TemporaryDirectory() as name:
        for number in range(RUNS if SCALES[scale] < LARGE else 1):
            home = Path(name) / str(number)
            runs.append(_built(scale, home / INDEX))
        search_mb = _searched_mb(scale, home)

    def values(name: str) -> Sequence[float]:
        return [run[name] for run in runs]

    return [
        Figure.at_most("index.build", values("build"), "CPU-s per 1M tracks", MOST_CPU_S_PER_MILLION_TRACKS),
        Figure.at_most("index.build_memory", values("memory"), "MB", MOST_BUILD_MB),
        Figure.at_most("index.terms_and_speller", values("index"), "bytes per document", MOST_INDEX_BYTES),
        Figure.at_most("index.display_fields", values("display"), "bytes per document", MOST_DISPLAY_BYTES),
        Figure.at_most("index.search_memory", [search_mb], "MB", MOST_SEARCH_MB),
    ]


def _built(scale: str, folder: Path) -> Measured:
    """Build in a process of its own, and look at what is there then."""
    child = spend([sys.executable, "-m", "benchmarks.index", "--scale", scale, "--build-in", str(folder)])
    generation = survey(folder).newest
    assert generation is not None  # noqa: S101 - or there is nothing to measure
    return {"memory": child.peak_rss_bytes / 1e6, **json.loads(child.output), **_sizes(generation.manifest)}


def _sizes(manifest: Manifest) -> Measured:
    """Return the bytes of a document in what finds it and in what shows it."""
    display_bytes = sum(manifest.files[name].size_bytes for name in (FEATURES, HITS))
    index_bytes = manifest.size_bytes - display_bytes
    return {
        "index": index_bytes / manifest.document_count,
        "display": display_bytes / manifest.document_count,
    }


def _build(scale: str, folder: Path) -> float:
    """Build the index and return the CPU seconds per million tracks."""
    join, cpu_s = Join(), 0.0
    with building(folder, encode_hit) as build:
        for part in _parts(scale):
            started_s = time.process_time()
            build.add(join.documents(rows(pb.ExportResponse.FromString(part))))
            cpu_s += time.process_time() - started_s
        started_s = time.process_time()
        build.publish(source_generation=1, built_at=datetime(2026, 1, 1, tzinfo=UTC))
        cpu_s += time.process_time() - started_s
    return cpu_s / SCALES[scale] * 1e6


def _parts(scale: str) -> Iterator[bytes]:
    """Yield the generated catalogue as the catalog's export sends it."""
    items = generated_corpus(scale).items()
    while chunk := list(islice(items, CHUNK_ITEMS)):
        yield pb.ExportResponse(items=map(item_message, chunk)).SerializeToString()


def _searched_mb(scale: str, home: Path) -> float:
    """Return the memory of a search process that has answered some thousand searches."""
    queries = mix(typed(generated_corpus(scale), home / "queries.json"))[:SEARCHES]
    with searching(home) as server, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:

        async def search() -> None:
            async with search_load(server.address, queries) as load:
                await load(SEARCHES)

        runner.run(search())
        return resident_bytes(server.pid) / 1e6


if __name__ == "__main__":
    sys.exit(main())
