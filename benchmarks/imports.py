"""How fast, and in how little memory, catalogues are imported.

    python -m benchmarks.imports [--scale 100k] [--csv 1m] [--musicbrainz 5m]

Each import is `backline import …` without its command line: a fresh process reads or generates its source, encodes it
and commits it, and all CPU time of that process counts, its start included, but not making the file it reads.

- A generated catalogue into SQLite, against a bare sqlite3 loop that writes the same rows into the same tables, with
  the same settings and as many rows to a transaction, from lists made ready beforehand: only its loop counts. Both run
  in turn, three times; at a million tracks or more the import runs once, for its memory, and without the peer, whose
  rows would not fit.
- A table of tracks (headers of its own, popularity with thousands separators) into SQLite, and into PostgreSQL where a
  server is installed: once for each, since a million rows are many runs in one.
- Recordings in the format of MusicBrainz' canonical data into SQLite: once, for its memory.
"""

import argparse
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.figures import Figure, Spent, report, spend
from tests import postgres_server

LEAST_TRACKS_PER_CPU_S = 15_000
LEAST_OF_BARE = 0.25
MOST_MEMORY_MB = 300
RUNS = 3
LARGE = 1_000_000


def main() -> int:
    """Measure, print and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.imports", description="Measures imports.")
    parser.add_argument("--scale", type=_count, default="100k", help="how many generated tracks, such as 100k or 5m")
    parser.add_argument("--csv", type=_count, default="1m", help="how many rows of a table; 0 for none")
    parser.add_argument("--musicbrainz", type=_count, default="5m", help="how many recordings; 0 for none")
    options = parser.parse_args()
    return report([*_generated(options.scale), *_table(options.csv), *_canonical(options.musicbrainz)])


def _generated(tracks: int) -> Sequence[Figure]:
    return _small(tracks) if tracks < LARGE else _large(tracks)


def _small(tracks: int) -> Sequence[Figure]:
    imports, bare_rates = [], []
    for _ in range(RUNS):
        imports.append(_spent("generated", tracks))
        bare_rates.append(tracks / float(_spent("bare", tracks).output))
    rates = [tracks / spent.cpu_s for spent in imports]
    ratios = [rate / bare for rate, bare in zip(rates, bare_rates, strict=True)]
    peer = f"bare sqlite3 loop: {median(bare_rates):.0f} tracks per CPU-s"
    return [
        Figure.at_least("imports.rate", rates, "tracks per CPU-s", LEAST_TRACKS_PER_CPU_S),
        Figure.at_least("imports.of_bare", ratios, "ratio", LEAST_OF_BARE, peer),
        _memory("imports.memory", imports),
    ]


def _large(tracks: int) -> Sequence[Figure]:
    spent = _spent("generated", tracks)
    rate = Figure.at_least("imports.rate", [tracks / spent.cpu_s], "tracks per CPU-s", LEAST_TRACKS_PER_CPU_S)
    return [rate, _memory("imports.memory", [spent])]


def _table(rows: int) -> Iterator[Figure]:
    if not rows:
        return
    with TemporaryDirectory() as folder:
        path = Path(folder) / "songs.csv"
        _spent("write-csv", path, rows)
        spent = _spent("csv", path)
        yield _rate("csv.rate", rows, spent)
        yield _memory("csv.memory", [spent])
        if postgres_server.found():
            with postgres_server.server() as server, server.database() as database:
                yield _rate("csv.rate_postgres", rows, _spent("csv", path, database.url))


def _canonical(rows: int) -> Iterator[Figure]:
    if not rows:
        return
    with TemporaryDirectory() as folder:
        path = Path(folder) / "canonical_musicbrainz_data.csv.zst"
        _spent("write-musicbrainz", path, rows)
        spent = _spent("musicbrainz", path)
        yield _memory("musicbrainz.memory", [spent])
        yield Figure.told("musicbrainz.rate", [rows / spent.cpu_s], "rows per CPU-s")


def _rate(name: str, rows: int, spent: Spent) -> Figure:
    return Figure.at_least(name, [rows / spent.cpu_s], "rows per CPU-s", LEAST_TRACKS_PER_CPU_S)


def _memory(name: str, imports: Sequence[Spent]) -> Figure:
    return Figure.at_most(name, [spent.peak_rss_bytes / 1e6 for spent in imports], "MB", MOST_MEMORY_MB)


def _spent(child: str, *arguments: object) -> Spent:
    return spend([sys.executable, "-m", "benchmarks.import_children", child, *map(str, arguments)])


def _count(text: str) -> int:
    match = re.fullmatch(r"(\d+)([km]?)", text.lower())
    if not match:
        raise argparse.ArgumentTypeError(f"{text} is not a number such as 100k or 5m")
    return int(match[1]) * {"": 1, "k": 1_000, "m": 1_000_000}[match[2]]


if __name__ == "__main__":
    sys.exit(main())
