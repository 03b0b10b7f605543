"""A process that writes flags until it is killed: one line for each write that is acknowledged.

Run as `python -m tests.flags.store.killed FOLDER` by the test that kills it.
"""

import asyncio
import sys
from pathlib import Path

from services.flags.store.sqlite.flags import open_sqlite_flags
from services.kit.clock import SystemClock
from tests.contract.flag_stores import change


async def main(folder: Path) -> None:
    """Write and print."""
    async with open_sqlite_flags(folder, SystemClock()) as store:
        while True:
            entry = await store.write(change(definition='"a rather long definition"' * 50))
            sys.stdout.write(f"{entry.sequence} {entry.hash}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
