"""Rounds: all sides in turn, again and again, so that what else the machine does falls on each of them alike.

Every few rounds all sides start anew: where a process happens to lie in memory makes it some per cent faster or slower
for as long as it lives.
"""

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import TypeAlias

import uvloop

from benchmarks.load import Load
from benchmarks.servers import LOAD_CORE, Server

SITTINGS, ROUNDS = 5, 4
WARM_UP_CALLS, CALLS = 2_000, 3_200


@dataclass(frozen=True, slots=True)
class Side:
    """A server, and the load that is put on it."""

    server: Server
    load: Load


Sides: TypeAlias = Mapping[str, Side]


def cpu_us_per_call(opened: Callable[[], AbstractAsyncContextManager[Sides]]) -> dict[str, list[float]]:
    """Return the CPU time in µs that each side's process spends on a call, one value for each round."""
    os.sched_setaffinity(0, {LOAD_CORE})
    spent: dict[str, list[float]] = {}
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        for _ in range(SITTINGS):
            for name, values in runner.run(_sitting(opened())).items():
                spent.setdefault(name, []).extend(values)
    return spent


async def _sitting(opened: AbstractAsyncContextManager[Sides]) -> dict[str, list[float]]:
    """Return what a few rounds cost; every other one goes through the sides backwards, so that none has its place."""
    async with opened as sides:
        for side in sides.values():
            await side.load(WARM_UP_CALLS)
        spent: dict[str, list[float]] = {name: [] for name in sides}
        for number in range(ROUNDS):
            for name in sides if number % 2 else reversed(list(sides)):
                spent[name].append(await _round(sides[name]))
        return spent


async def _round(side: Side) -> float:
    before_s = side.server.cpu_s()
    await side.load(CALLS)
    return (side.server.cpu_s() - before_s) / CALLS * 1e6


def ratios(values: Sequence[float], by: Sequence[float]) -> list[float]:
    """Return the ratio of each round."""
    return [one / other for one, other in zip(values, by, strict=True)]
