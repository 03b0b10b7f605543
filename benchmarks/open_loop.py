"""Open-loop load: calls at moments set beforehand, whatever has become of those before.

So do people who do not wait for each other. A call's time counts from the moment it was meant for, so that a server
that stands still for a while is seen to.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import count
from statistics import quantiles
from typing import TypeAlias

Call: TypeAlias = Callable[[int], Awaitable[None]]
"""Makes the call of that number; raises what goes wrong."""


@dataclass(slots=True)
class Observed:
    """What became of the calls."""

    latencies_s: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def p99_s(self) -> float:
        """Return the 99th percentile of the calls that were answered."""
        return quantiles(self.latencies_s, n=100, method="inclusive")[98]


@dataclass(slots=True)
class OpenLoop:
    """Load at a steady rate."""

    call: Call
    per_second: float
    observed: Observed = field(default_factory=Observed)
    """What became of the calls made now; put another in its place, and what becomes of the next ones is noted there."""

    async def run(self) -> None:
        """Make calls for ever."""
        began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for number in count():
                due = began + number / self.per_second
                await asyncio.sleep(due - time.monotonic())
                group.create_task(self._one(number, due, self.observed))

    async def _one(self, number: int, due: float, observed: Observed) -> None:
        try:
            await self.call(number)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is counted
            observed.errors.append(repr(error))
        else:
            observed.latencies_s.append(time.monotonic() - due)
