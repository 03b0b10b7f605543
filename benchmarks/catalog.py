"""What a read of twenty items costs in the catalog: `python -m benchmarks.catalog`.

The peer is the kit's own server, whose handler takes the same request and returns the same bytes, made beforehand.
Beside the bound stand the same reads without the cache, over SQLite and, where a server is installed, over PostgreSQL:
what the cache is kept for.
"""

import argparse
import sys
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from functools import partial

from benchmarks.batches import BATCH_GET, requests
from benchmarks.figures import Figure, report
from benchmarks.load import grpc_load
from benchmarks.rounds import Side, Sides, cpu_us_per_call
from benchmarks.servers import serving
from tests import postgres_server

MOST_ABOVE_KIT_US = 40
PEER, CACHED = "kit-batch", "catalog-cached"


def main() -> int:
    """Measure, print and return the exit status."""
    argparse.ArgumentParser(prog="python -m benchmarks.catalog", description="Measures reads by id.").parse_args()
    with _servers() as servers:
        spent = cpu_us_per_call(partial(_sides, servers))
    above = [cached - kit for cached, kit in zip(spent[CACHED], spent[PEER], strict=True)]
    return report(
        [
            *(Figure.told(f"catalog.{name}", values, "CPU µs") for name, values in spent.items()),
            Figure.at_most("catalog.cached_above_kit", above, "CPU µs", MOST_ABOVE_KIT_US, "the kit's server"),
        ]
    )


@contextmanager
def _servers() -> Iterator[Sequence[Sequence[str]]]:
    """Give the servers to compare, each as its name and what it is told."""
    here = [(PEER,), (CACHED,), ("catalog-sqlite",)]
    if postgres_server.programs() is None:
        sys.stderr.write("No PostgreSQL server is installed here, so none is measured.\n")
        yield here
        return
    with postgres_server.server() as postgres, postgres.database() as database:
        yield [*here, ("catalog-postgres", database.url)]


@asynccontextmanager
async def _sides(servers: Sequence[Sequence[str]]) -> AsyncGenerator[Sides, None]:
    async with AsyncExitStack() as stack:
        sides, asked = {}, requests()
        for name, *arguments in servers:
            server = stack.enter_context(serving(name, *arguments))
            load = await stack.enter_async_context(grpc_load(server.address, BATCH_GET.path, asked))
            sides[name] = Side(server, load)
        yield sides


if __name__ == "__main__":
    sys.exit(main())
