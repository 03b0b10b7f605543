"""Follows what changes in the store, whoever changes it, and makes the cache forget exactly that.

It asks for the generation several times a second, which costs next to nothing; only where that has grown it asks what
has changed. So an item that another replica takes down is gone from here too before the next second is over.
"""

import asyncio
from typing import Protocol

from services.catalog.domain.store import Delta
from services.catalog.store.cached import CachedReads
from services.kit.clock import Clock
from services.kit.errors import Failure
from services.kit.logs import Logger


class Changes(Protocol):
    """Tells what changed; a CatalogStore does."""

    async def generation(self) -> int:
        """Return the generation now."""
        ...

    async def delta(self, since: int) -> Delta:
        """Return the next changes after that generation."""
        ...


class Follower:
    """Knows the store's generation, and wakes whoever waits for the next."""

    def __init__(self, store: Changes, cache: CachedReads, clock: Clock, log: Logger) -> None:
        self._store, self._cache, self._clock, self._log = store, cache, clock, log
        self._looking, self._moved = asyncio.Lock(), asyncio.Condition()
        self._silent = False
        self.generation = 0
        self.ended = False

    async def begin(self) -> None:
        """Begin at the store's generation, with nothing in the cache yet. Raises Unavailable where it is silent."""
        self.generation = await self._store.generation()
        self._cache.confirm(self._clock.monotonic())

    async def look(self) -> None:
        """Make the cache forget what has changed up to now. Raises what the store raises."""
        async with self._looking:
            now = self._clock.monotonic()
            generation = await self._store.generation()
            if generation != self.generation:
                await self._catch_up(generation)
            self._cache.confirm(now)

    async def written(self) -> None:
        """Look at once, since this process wrote; where that fails, nothing in the cache can be relied on."""
        try:
            await self.look()
        except Failure:
            self._cache.forget_all()

    async def follow(self, every_s: float) -> None:
        """Look again and again until cancelled, through all failures of the store."""
        while True:
            await asyncio.sleep(every_s)
            try:
                await self.look()
            except Failure as failure:
                self._tell(silent=True, reason=str(failure))
            else:
                self._tell(silent=False)

    async def until_after(self, generation: int) -> None:
        """Wait until the generation is past that one, or this has ended."""
        async with self._moved:
            await self._moved.wait_for(lambda: self.ended or self.generation > generation)

    async def end(self) -> None:
        """Let everyone go who waits."""
        self.ended = True
        await self._wake()

    async def _catch_up(self, generation: int) -> None:
        delta = await self._store.delta(self.generation)
        if delta.reset or delta.generation < generation:
            # Another catalogue, or more changes than one answer holds: to read them all takes longer than to read anew.
            self._cache.forget_all()
            self.generation = generation
        else:
            self._cache.forget(each.reference for each in delta.changed)
            self._cache.forget(delta.removed)
            self.generation = delta.generation
        await self._wake()

    async def _wake(self) -> None:
        async with self._moved:
            self._moved.notify_all()

    def _tell(self, *, silent: bool, reason: str = "") -> None:
        if silent and not self._silent:
            self._log.warning("catalog.store_silent", reason=reason)
        if self._silent and not silent:
            self._log.info("catalog.store_answers", generation=self.generation)
        self._silent = silent
