"""A process that imports a generated catalogue into a folder: one line for each batch, then what it did.

Run as `python -m tests.catalog.importing FOLDER TRACKS` by the tests that kill it.
"""

import asyncio
import json
import sys
from dataclasses import asdict
from pathlib import Path

from services.catalog.api.wire import decode, encode
from services.catalog.imports.generated.source import generated
from services.catalog.imports.run import run
from services.catalog.store.sqlite.catalog import open_sqlite_catalog


async def main(folder: Path, tracks: int) -> None:
    """Import and print."""
    async with open_sqlite_catalog(folder, encode, decode) as store:
        summary = await run(generated(tracks, 1), store.write, folder / "rejects.jsonl", progress=_print)
        _print(json.dumps({**asdict(summary.outcome), "generation": await store.generation()}))


def _print(line: object) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
