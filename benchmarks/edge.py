"""What the edge costs above what it stands on: `python -m benchmarks.edge`.

`/v1/search` with twenty results and all middleware on, over a search that costs nothing, against a Starlette route that
answers the same bytes; and the CPU time that a hop to a search service adds to it, against that of a bare call. Beside
them, what it costs to compress the answer, and to render hits that nobody has asked for yet.
"""

import argparse
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from benchmarks.answers import QUERY, RESULTS
from benchmarks.figures import Figure, report
from benchmarks.load import COMPRESSED, http_load, told_load
from benchmarks.rounds import Side, Sides, cpu_us_per_call, ratios
from benchmarks.servers import CALLS_PATH, LOAD_CORE, SEARCH_PATH, serving

MOST_OF_BARE, HOP_MOST_OF_BARE = 1.6, 1.25
TARGET = f"{SEARCH_PATH}?q={QUERY.replace(' ', '+')}&limit={RESULTS}"


def main() -> int:
    """Measure, print and return the exit status."""
    argparse.ArgumentParser(prog="python -m benchmarks.edge", description="Measures the edge's search.").parse_args()
    spent = cpu_us_per_call(_sides)
    bare, edge, call = spent["bare-http"], spent["edge"], spent["bare-caller"]
    hop = [with_hop - without for with_hop, without in zip(spent["edge-with-hop"], edge, strict=True)]
    return report(
        [
            Figure.told("edge.bare", bare, "CPU µs"),
            Figure.told("edge.search", edge, "CPU µs"),
            Figure.at_most("edge.of_bare", ratios(edge, by=bare), "ratio", MOST_OF_BARE, "Starlette on uvicorn"),
            Figure.told("edge.search_compressed", spent["edge-compressed"], "CPU µs"),
            Figure.told("edge.search_cold", spent["edge-cold"], "CPU µs"),
            Figure.told("edge.bare_call", call, "CPU µs"),
            Figure.told("edge.hop", hop, "CPU µs"),
            Figure.at_most("edge.hop_of_bare", ratios(hop, by=call), "ratio", HOP_MOST_OF_BARE, "grpc.aio on uvloop"),
        ]
    )


@asynccontextmanager
async def _sides() -> AsyncGenerator[Sides, None]:
    async with AsyncExitStack() as stack:
        search = stack.enter_context(serving("search", core=LOAD_CORE))
        addresses: dict[str, Sequence[str]] = {
            "bare-http": (),
            "edge": (),
            "edge-cold": (),
            "edge-with-hop": [search.address],
        }
        sides = {}
        for name, asks in addresses.items():
            server = stack.enter_context(serving(name, *asks))
            sides[name] = Side(server, await stack.enter_async_context(http_load(server.address, TARGET)))
        small = await stack.enter_async_context(http_load(sides["edge"].server.address, TARGET, COMPRESSED))
        sides["edge-compressed"] = Side(sides["edge"].server, small)
        caller = stack.enter_context(serving("bare-caller", search.address))
        sides["bare-caller"] = Side(caller, await stack.enter_async_context(told_load(caller.address, CALLS_PATH)))
        yield sides


if __name__ == "__main__":
    sys.exit(main())
