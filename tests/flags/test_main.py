"""The flags service as it is opened: over real gRPC, with its stores, its three servers and its metrics."""

import json

from services.kit.process import Surroundings
from tests.flags.serving import OPS, flags, lasting, watching
from tests.flags.writing import switch


async def test_a_kill_reaches_whoever_watches_and_waits_for_them(surroundings: Surroundings) -> None:
    """Its reports end once both have acknowledged."""
    async with flags(surroundings) as the:
        generation, _ = await the.administrator.put("grid", lasting(switch(on=True)), 0, OPS)
        async with watching(the.client, "search-1") as one, watching(the.client, "search-2") as other:
            assert (await one.apply()).held.generation == generation
            await other.apply()
            reports = the.administrator.kill("grid", OPS, 30)
            killed, first = await anext(reports)
            assert [each.process for each in first.waiting] == ["search-1", "search-2"]
            snapshot = await one.apply()
            assert json.loads(snapshot.definitions)["flags"]["grid"]["state"] == "DISABLED"
            await other.apply()
            rest = [progress async for _, progress in reports]
            assert (rest[-1].applied, rest[-1].waiting) == (2, ())
            assert killed.generation == snapshot.held.generation == generation + 1
