"""What the benchmark of imports runs in processes of their own, so that their cost is theirs alone.

python -m benchmarks.import_children NAME ARGUMENT…
"""

import asyncio
import sqlite3
import sys
import time
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.import_files import MAPPED, SEPARATOR, write_canonical, write_table
from services.catalog.api.wire import decode, encode
from services.catalog.domain.store import CatalogStore
from services.catalog.imports.delimited.naming import Naming
from services.catalog.imports.delimited.source import Reading, open_delimited
from services.catalog.imports.generated.source import generated
from services.catalog.imports.musicbrainz import open_musicbrainz_canonical
from services.catalog.imports.run import BATCH_ENTRIES, run
from services.catalog.imports.source import Reject, Source
from services.catalog.store.postgres.opening import open_postgres_catalog
from services.catalog.store.rows import Placement, Row, latest, placements
from services.catalog.store.sqlite.catalog import open_sqlite_catalog
from services.catalog.store.sqlite.file import CATALOGUE
from services.kit.clock import SystemClock
from services.kit.settings import Secret

SEED = 1


def _import_generated(tracks: str) -> None:
    _imported(generated(int(tracks), SEED))


def _import_table(path: str, *urls: str) -> None:
    _imported(open_delimited(Path(path), Reading(MAPPED, naming=Naming(separator=SEPARATOR))), *urls)


def _import_canonical(path: str) -> None:
    _imported(open_musicbrainz_canonical(Path(path)))


def _imported(source: Source, *urls: str) -> None:
    """Import into the database of the URL, else into SQLite; the parent takes the time and the memory."""
    with TemporaryDirectory() as folder:
        asyncio.run(_run(source, Path(folder), *urls))


async def _run(source: Source, folder: Path, *urls: str) -> None:
    async with _opened(folder, *urls) as catalogue:
        summary = await run(source, catalogue.write, folder / "rejects.jsonl")
    sys.stdout.write(str(summary.items.tracks))


@asynccontextmanager
async def _opened(folder: Path, *urls: str) -> AsyncGenerator[CatalogStore, None]:
    if urls:
        async with open_postgres_catalog(Secret(urls[0]), encode, decode, SystemClock()) as catalogue:
            yield catalogue
    else:
        async with open_sqlite_catalog(folder, encode, decode) as catalogue:
            yield catalogue


def _bare(tracks: str) -> None:
    """Print the CPU time of a loop that only writes."""
    batches = list(_batches(int(tracks)))
    with TemporaryDirectory() as folder:
        connection = CATALOGUE.open_writer(Path(folder) / "bare.sqlite3")
        start = time.process_time()
        for rows, placed in batches:
            _write(connection, rows, placed)
        connection.close()
        sys.stdout.write(str(time.process_time() - start))


def _write(connection: sqlite3.Connection, rows: Sequence[Row], placed: Sequence[Placement]) -> None:
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO item (kind, id, wire, changed) VALUES (?, ?, ?, 1)", rows)
    connection.executemany("INSERT INTO placement VALUES (?, ?, ?, ?)", placed)
    connection.execute("COMMIT")


def _batches(tracks: int) -> Iterator[tuple[Sequence[Row], Sequence[Placement]]]:
    items = generated(tracks, SEED).entries()
    while some := latest(entry for entry in islice(items, BATCH_ENTRIES) if not isinstance(entry, Reject)):
        rows = [(*key, encode(item)) for key, item in some.items()]
        yield rows, [placement for item in some.values() for placement in placements(item)]


CHILDREN: Mapping[str, Callable[..., None]] = {
    "generated": _import_generated,
    "bare": _bare,
    "csv": _import_table,
    "musicbrainz": _import_canonical,
    "write-csv": lambda path, rows: write_table(Path(path), int(rows)),
    "write-musicbrainz": lambda path, rows: write_canonical(Path(path), int(rows)),
}

if __name__ == "__main__":
    CHILDREN[sys.argv[1]](*sys.argv[2:])
