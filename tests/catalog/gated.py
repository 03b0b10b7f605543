"""A store in memory behind a gate: what is asked of it can be held back, refused, and looked at."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random

from services.catalog.api.wire import batch_part, decode, encode
from services.catalog.domain.items import Item, Kind, Reference
from services.catalog.domain.store import Delta, Kept
from services.catalog.store.cached import CachedReads, open_cache
from services.catalog.store.memory import MemoryCatalog
from services.catalog.store.policy import CachePolicy
from services.kit.clock import ManualClock
from services.kit.errors import Failure
from services.kit.logs import LogFormat, Logger, LogLevel, open_log


@dataclass
class GatedStore:
    """Asks the store behind it once the gate is open, unless it has been told to fail."""

    store: MemoryCatalog = field(default_factory=lambda: MemoryCatalog(encode, decode))
    failing: Failure | None = None
    asked: list[Sequence[Reference]] = field(default_factory=list)
    """The references of each call."""
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    async def get_many(self, wanted: Sequence[Reference]) -> list[Kept | None]:
        """Answer with what is there when the call comes, when the gate opens."""
        self._may_fail()
        self.asked.append(wanted)
        found = await self.store.get_many(wanted)
        await self.gate.wait()
        return found

    async def generation(self) -> int:
        """Return the generation."""
        self._may_fail()
        return await self.store.generation()

    async def delta(self, since: int) -> Delta:
        """Return the next changes."""
        self._may_fail()
        return await self.store.delta(since)

    def _may_fail(self) -> None:
        if self.failing:
            raise self.failing


@dataclass
class Cached:
    """A cache over a gated store, by a clock set by hand."""

    gated: GatedStore
    cache: CachedReads
    clock: ManualClock

    async def names(self, *wanted: Reference) -> list[bytes | None]:
        """Return the wire bytes of each."""
        reading = await self.cache.read(wanted)
        return [answer.kept.wire if answer.kept else None for answer in reading.answers.values()]

    async def stale_ms(self, *wanted: Reference) -> int:
        """Return the age that an answer says it has."""
        return (await self.cache.read(wanted)).stale_ms


@asynccontextmanager
async def cached(*items: Item, policy: CachePolicy | None = None) -> AsyncGenerator[Cached, None]:
    """Open a cache over a store that holds the items."""
    gated, clock = GatedStore(), ManualClock()
    await gated.store.write(items)
    async with open_cache(gated, batch_part, policy or CachePolicy(), clock, Random(1)) as cache:  # noqa: S311 - no secret
        yield Cached(gated, cache, clock)


async def settled() -> None:
    """Let everything run that can run now."""
    for _ in range(20):
        await asyncio.sleep(0)


def tracks(*numbers: int) -> list[Reference]:
    """Return references to tracks."""
    return [Reference(Kind.TRACK, f"test:{number}") for number in numbers]


def quiet_log() -> Logger:
    """Return a log that says nothing short of an error."""
    return open_log("catalog", ManualClock(), LogFormat.TEXT, LogLevel.ERROR)
