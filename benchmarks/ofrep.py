"""What one evaluation by OFREP costs at the edge, beside FastAPI with pydantic: `python -m benchmarks.ofrep`.

One flag with a rule, the same evaluator on both sides; the edge with everything on that it has in earnest.
"""

import argparse
import sys
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from statistics import median

import orjson

from benchmarks.figures import Figure, report
from benchmarks.load import Posted, http_load
from benchmarks.rounds import Side, Sides, cpu_us_per_call, ratios
from benchmarks.servers import serving

MOST_OF_FASTAPI = 0.4
TARGET = "/ofrep/v1/evaluate/flags/view-layout"
CONTEXT = {"targetingKey": "3f1c9a0e5b7d4c21", "client_type": "tv", "app_version": "3.1.0", "country": "SE"}
ASKED = Posted(orjson.dumps({"context": CONTEXT}))


def main() -> int:
    """Measure, print and return the exit status."""
    argparse.ArgumentParser(prog="python -m benchmarks.ofrep", description="Measures OFREP at the edge.").parse_args()
    return report(remote())


def remote() -> list[Figure]:
    """Return the CPU time of one evaluation at the edge, and how much that is of FastAPI's."""
    spent = cpu_us_per_call(_sides)
    edge, peer = spent["edge"], spent["fastapi-ofrep"]
    told = f"FastAPI with pydantic on uvicorn: {median(peer):.0f} CPU µs"
    return [
        Figure.told("flags.ofrep", edge, "CPU µs"),
        Figure.at_most("flags.ofrep_of_fastapi", ratios(edge, by=peer), "ratio", MOST_OF_FASTAPI, told),
    ]


@asynccontextmanager
async def _sides() -> AsyncGenerator[Sides, None]:
    async with AsyncExitStack() as stack:
        sides = {}
        for name in ("fastapi-ofrep", "edge"):
            server = stack.enter_context(serving(name))
            sides[name] = Side(server, await stack.enter_async_context(http_load(server.address, TARGET, asked=ASKED)))
        yield sides


if __name__ == "__main__":
    sys.exit(main())
