"""Rounds: all sides in turn, again and again, so that what else the machine does falls on each of them alike."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import uvloop

from benchmarks.load import Load
from benchmarks.servers import LOAD_CORE, Server

WARM_UP_CALLS = 800

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Side:
    """A server, and the load that is put on it."""

    server: Server
    load: Load


async def cpu_us_per_call(sides: Mapping[str, Side], rounds: int, calls: int) -> dict[str, list[float]]:
    """Return the CPU time in µs that each side's process spends on a call, one value for each round.

    Every other round goes through the sides backwards: none is always the one after the same other.
    """
    spent: dict[str, list[float]] = {name: [] for name in sides}
    for side in sides.values():
        await side.load(WARM_UP_CALLS)
    names = list(sides)
    for number in range(rounds):
        for name in names if number % 2 else reversed(names):
            spent[name].append(await _round(sides[name], calls))
    return spent


async def _round(side: Side, calls: int) -> float:
    before_s = side.server.cpu_s()
    await side.load(calls)
    return (side.server.cpu_s() - before_s) / calls * 1e6


def ratios(values: Sequence[float], by: Sequence[float]) -> list[float]:
    """Return the ratio of each round."""
    return [one / other for one, other in zip(values, by, strict=True)]


def run_on_load_core(measure: Callable[[], Awaitable[T]]) -> T:
    """Run the measurement where the load is made, on uvloop."""
    os.sched_setaffinity(0, {LOAD_CORE})

    async def run() -> T:
        return await measure()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(run())
