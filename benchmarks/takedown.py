"""How long a takedown takes to be seen everywhere: `python -m benchmarks.takedown`.

Two catalogs, each a process of its own and as its defaults are, share one PostgreSQL. Each is asked for an item again
and again, so that both have it in memory; then it is taken down through one of them. The time counts from just before
the takedown is sent until the last of them has answered that there is no such item. The bound is for the worst of all.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.figures import Figure, report
from benchmarks.subjects import CLOCK
from services.catalog.api.administrator import Administrator
from services.catalog.api.wire import decode, encode
from services.catalog.domain.items import Reference, Track, reference
from services.catalog.imports.generated.source import generated
from services.catalog.settings import CatalogSettings
from services.catalog.store.postgres.opening import open_postgres_catalog
from services.commands.announcement import announced
from services.commands.client import open_command_client
from services.kit.admin import admin_token
from services.kit.settings import Secret
from tests import postgres_server

MOST_S = 1.0
ITEMS = 20
REPLICAS = ("catalog-1", "catalog-2")
READS_BEFORE = 20
LIMIT_S = 10.0


def main() -> int:
    """Measure, print and return the exit status."""
    argparse.ArgumentParser(prog="python -m benchmarks.takedown", description="Measures takedowns.").parse_args()
    with postgres_server.server() as postgres, postgres.database() as database, TemporaryDirectory() as home:
        here, elsewhere = zip(*asyncio.run(_measured(Path(home), database.url)), strict=True)
    worst = max(*here, *elsewhere)
    return report(
        [
            Figure.told("takedown.gone_where_taken_down", here, "s"),
            Figure.told("takedown.gone_elsewhere", elsewhere, "s"),
            Figure.at_most("takedown.worst", [worst], "s", MOST_S, f"the median elsewhere: {median(elsewhere):.2g}"),
        ]
    )


async def _measured(home: Path, url: str) -> Sequence[tuple[float, float]]:
    """Return for each item the seconds until the catalog it is taken down through shows it no more, and the other."""
    tracks = [entry for entry in generated(ITEMS, 1).entries() if isinstance(entry, Track)]
    async with open_postgres_catalog(Secret(url), encode, decode, CLOCK) as store:
        await store.write(tracks)
    with _replicas(home, url) as addresses:
        async with _administrators(home, addresses) as administrators:
            chance = Random(1)  # noqa: S311 - the same in every run
            return [await _taken_down(administrators, reference(track), chance) for track in tracks]


async def _taken_down(
    administrators: Sequence[Administrator], wanted: Reference, chance: Random
) -> tuple[float, float]:
    for administrator in administrators:
        for _ in range(READS_BEFORE):
            assert wanted in await administrator.shown(wanted.id)  # noqa: S101 - or there is nothing to measure
    # At any moment between two looks for changes.
    await asyncio.sleep(chance.random() * CatalogSettings().follow_s)
    first, second = administrators
    async with asyncio.TaskGroup() as tasks:
        began = time.monotonic()
        gone = [tasks.create_task(_until_gone(each, wanted)) for each in (first, second)]
        tasks.create_task(first.take_down(wanted, "a benchmark", "benchmarks.takedown"))
    return gone[0].result() - began, gone[1].result() - began


async def _until_gone(administrator: Administrator, wanted: Reference) -> float:
    """Read without a pause, and return the moment of the first answer without the item."""
    while wanted in await administrator.shown(wanted.id):
        pass
    return time.monotonic()


@contextmanager
def _replicas(home: Path, url: str) -> Iterator[Sequence[str]]:
    """Run the catalogs and give where they listen."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("BACKLINE_")}
    ports = {"BACKLINE_CATALOG_GRPC_PORT": "0", "BACKLINE_CATALOG_OPERATIONS_PORT": "0"}
    environ = {**inherited, **ports, "BACKLINE_HOME": str(home), "BACKLINE_CATALOG_STORE": url}
    with _started(environ):
        yield [_address(home / name) for name in REPLICAS]


@contextmanager
def _started(environ: Mapping[str, str]) -> Iterator[None]:
    """Run the processes; each ends when its standard input does, so that none outlives the benchmark."""
    command = [sys.executable, "-m", "services", "run", "catalog", "--until-eof", "--process"]
    start = partial(subprocess.Popen, env=environ, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    processes = [start([*command, name], stderr=subprocess.DEVNULL) for name in REPLICAS]
    try:
        yield
    finally:
        for process in processes:
            process.communicate()


def _address(folder: Path) -> str:
    """Return where the process of that folder listens, once it does."""
    for _ in range(300):
        found = announced(folder)
        if found is not None:
            return found.addresses["catalog"]["grpc"]
        time.sleep(0.1)
    raise RuntimeError(f"{folder.name} did not start")


@asynccontextmanager
async def _administrators(home: Path, addresses: Sequence[str]) -> AsyncGenerator[Sequence[Administrator], None]:
    async with AsyncExitStack() as stack:
        clients = [
            await stack.enter_async_context(open_command_client("catalog", address, admin_token(home)))
            for address in addresses
        ]
        yield [Administrator(client, LIMIT_S) for client in clients]


if __name__ == "__main__":
    sys.exit(main())
