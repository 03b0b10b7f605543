"""What the kit's gRPC server costs above a bare one: `python -m benchmarks.rpc`.

Both answer the same stored 4 kB from the same trivial handler to the same calls: deadline, context in the metadata,
one in a hundred traced. The kit does what it always does with them, and its spans are encoded as for a collector.
"""

import argparse
import sys
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

from benchmarks.figures import Figure, report
from benchmarks.load import grpc_load
from benchmarks.rounds import Side, Sides, cpu_us_per_call, ratios
from benchmarks.servers import serving

LEAST_OF_BARE = 0.85


def main() -> int:
    """Measure, print and return the exit status."""
    argparse.ArgumentParser(prog="python -m benchmarks.rpc", description="Measures the kit's gRPC server.").parse_args()
    spent = cpu_us_per_call(_sides)
    bare, kit = spent["bare-grpc"], spent["kit-grpc"]
    return report(
        [
            Figure.told("rpc.bare", bare, "CPU µs"),
            Figure.told("rpc.kit", kit, "CPU µs"),
            Figure.at_least("rpc.of_bare", ratios(bare, by=kit), "ratio", LEAST_OF_BARE, "grpc.aio on uvloop"),
        ]
    )


@asynccontextmanager
async def _sides() -> AsyncGenerator[Sides, None]:
    async with AsyncExitStack() as stack:
        sides = {}
        for name in ("bare-grpc", "kit-grpc"):
            server = stack.enter_context(serving(name))
            sides[name] = Side(server, await stack.enter_async_context(grpc_load(server.address)))
        yield sides


if __name__ == "__main__":
    sys.exit(main())
