"""How fast, and in how little memory, a generated catalogue is imported into SQLite.

    python -m benchmarks.imports [--scale 100k]

The import is `backline import generate` without its command line: a fresh process generates the catalogue, encodes it
and commits it, and all CPU time of that process counts, its start included. The peer is a bare sqlite3 loop that writes
the same rows into the same tables, with the same settings and as many rows to a transaction, from lists made ready
beforehand: only its loop counts. Both run in turn, three times; at a million tracks or more the import runs once,
for its memory, and without the peer, whose rows would not fit.
"""

import argparse
import asyncio
import re
import sqlite3
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.figures import Figure, Spent, report, spend
from services.catalog.api.wire import decode, encode
from services.catalog.imports.generated.source import generated
from services.catalog.imports.run import BATCH_ENTRIES, run
from services.catalog.imports.source import Reject
from services.catalog.store.sqlite.database import open_writer
from services.catalog.store.rows import Placement, Row, latest, placements
from services.catalog.store.sqlite import open_sqlite_catalog

LEAST_TRACKS_PER_CPU_S = 15_000
LEAST_OF_BARE = 0.25
MOST_MEMORY_MB = 300
SEED = 1
RUNS = 3
LARGE = 1_000_000


def main() -> int:
    """Measure, print and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.imports", description="Measures imports into SQLite.")
    parser.add_argument("--scale", type=_tracks, default="100k", help="how many tracks, such as 100k or 5m")
    parser.add_argument("--child", choices=_CHILDREN, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        return _CHILDREN[options.child](options.scale)
    return report(_small(options.scale) if options.scale < LARGE else _large(options.scale))


def _small(tracks: int) -> Sequence[Figure]:
    imports, bare_rates = [], []
    for _ in range(RUNS):
        imports.append(_spent(tracks, "import"))
        bare_rates.append(tracks / float(_spent(tracks, "bare").output))
    rates = [tracks / spent.cpu_s for spent in imports]
    ratios = [rate / bare for rate, bare in zip(rates, bare_rates, strict=True)]
    peer = f"bare sqlite3 loop: {median(bare_rates):.0f} tracks per CPU-s"
    return [
        Figure.at_least("imports.rate", rates, "tracks per CPU-s", LEAST_TRACKS_PER_CPU_S),
        Figure.at_least("imports.of_bare", ratios, "ratio", LEAST_OF_BARE, peer),
        _memory(imports),
    ]


def _large(tracks: int) -> Sequence[Figure]:
    spent = _spent(tracks, "import")
    rate = Figure.at_least("imports.rate", [tracks / spent.cpu_s], "tracks per CPU-s", LEAST_TRACKS_PER_CPU_S)
    return [rate, _memory([spent])]


def _memory(imports: Sequence[Spent]) -> Figure:
    return Figure.at_most("imports.memory", [spent.peak_rss_bytes / 1e6 for spent in imports], "MB", MOST_MEMORY_MB)


def _spent(tracks: int, child: str) -> Spent:
    return spend([sys.executable, "-m", "benchmarks.imports", "--scale", str(tracks), "--child", child])


def _import(tracks: int) -> int:
    """Generate and import; the parent takes the time and the memory."""
    with TemporaryDirectory() as folder:
        asyncio.run(_imported(tracks, Path(folder)))
    return 0


async def _imported(tracks: int, folder: Path) -> None:
    async with open_sqlite_catalog(folder, encode, decode) as catalogue:
        await run(generated(tracks, SEED), catalogue.write, folder / "rejects.jsonl")


def _bare(tracks: int) -> int:
    """Print the CPU time of a loop that only writes."""
    batches = list(_batches(tracks))
    with TemporaryDirectory() as folder:
        connection = open_writer(Path(folder) / "bare.sqlite3")
        start = time.process_time()
        for rows, placed in batches:
            _write(connection, rows, placed)
        connection.close()
        sys.stdout.write(str(time.process_time() - start))
    return 0


def _write(connection: sqlite3.Connection, rows: Sequence[Row], placed: Sequence[Placement]) -> None:
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO item VALUES (?, ?, ?)", rows)
    connection.executemany("INSERT INTO placement VALUES (?, ?, ?, ?)", placed)
    connection.execute("COMMIT")


def _batches(tracks: int) -> Iterator[tuple[Sequence[Row], Sequence[Placement]]]:
    items = generated(tracks, SEED).entries()
    while some := latest(entry for entry in islice(items, BATCH_ENTRIES) if not isinstance(entry, Reject)):
        rows = [(*key, encode(item)) for key, item in some.items()]
        yield rows, [placement for item in some.values() for placement in placements(item)]


def _tracks(text: str) -> int:
    match = re.fullmatch(r"(\d+)([km]?)", text.lower())
    if not match:
        raise argparse.ArgumentTypeError(f"{text} is not a number such as 100k or 5m")
    return int(match[1]) * {"": 1, "k": 1_000, "m": 1_000_000}[match[2]]


_CHILDREN = {"import": _import, "bare": _bare}

if __name__ == "__main__":
    sys.exit(main())
