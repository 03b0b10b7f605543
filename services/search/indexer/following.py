"""Follows the catalogue from one base index on, and keeps the delta over that base up to date.

A delta always holds everything since its base, so each one replaces the one before. It has the changed items as they
are now, with the present names of their artists and albums; and it hides what the base says of them and of items that
are gone. What it does not do: an artist who was renamed keeps the old name on tracks that did not change themselves,
and one who was taken down stays on the credits of tracks, until the next full rebuild.

The previous generation is followed as well as the present one, so that nothing comes back by a rollback that was taken
down since.
"""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field

from services.kit.clock import Clock
from services.kit.errors import Failure
from services.kit.lifecycle import background
from services.kit.logs import Logger
from services.search.domain.export import News
from services.search.index.generations import Generation
from services.search.indexer.changes import Changes
from services.search.indexer.workshop import Workshop

_AGAIN_S = 0.5
"""Before a feed that broke off is asked for again, or a delta that could not be built is tried again."""
_NEVER = -1
_SHARE = 0.25
"""Of the time that building deltas may take: one that takes a second is not built again for three."""


@dataclass(frozen=True, slots=True)
class DeltaPolicy:
    """When deltas are built."""

    settle_s: float
    """For which changes gather before a delta is built."""
    pause_s: float
    """Between one delta and the next, at least."""


@dataclass(slots=True)
class Following:
    """One base, what has changed since, and its newest delta."""

    base: Generation
    changes: Changes
    workshop: Workshop
    policy: DeltaPolicy
    clock: Clock
    log: Logger
    told: Callable[[], None]
    """Called when there is something new: changes, a delta, a feed that broke off."""
    counted: Callable[[str], None] = lambda _outcome: None
    """Called for each delta that was `published` or `failed`."""
    delta: Generation | None = None
    deltas: list[str] = field(default_factory=list)
    """The names of the last two, since the one before may still be on its way to somebody."""
    connected: bool = False
    changed_at: float = 0.0
    """When the last change came."""
    beyond_since: float = 0.0
    """When it was more than a delta can hold; 0 while it is not."""
    began: float = field(init=False)
    """Since when it is followed."""
    _found: int = 0
    """The generation of the catalogue that a delta found at the start goes to, until the feed has told as much or has
    no more to tell."""
    _built_edits: int = 0
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    def __post_init__(self) -> None:
        """Look at the clock."""
        self.began = self.clock.monotonic()

    @property
    def beyond_delta(self) -> bool:
        """Whether more has changed than a delta can hold."""
        return self.changes.overflowed or self.changes.reset

    async def run(self) -> None:
        """Follow until cancelled."""
        async with background(self._listen()):
            while True:
                await self._until(self._is_behind)
                await asyncio.sleep(self.policy.settle_s)
                await asyncio.sleep(await self._build_delta())

    async def catch_up(self) -> None:
        """Wait until the delta has everything that is in the catalogue now, as far as one can hold it.

        What comes while this waits may have to wait for the next, or a catalogue that never rests is never caught up.
        Raises the catalogue's failures.
        """
        manifest = self.base.manifest
        async with self.workshop.catalogue.export(manifest.source_generation) as export:
            generation = export.generation
        if generation == manifest.source_generation and export.item_count != manifest.document_count:
            # The number is the same and the content is not: it is another catalogue.
            self._take(News(generation, reset=True))
        await self.heard(generation)
        edits = self.changes.edits
        await self._until(lambda: self.changes.reset or self._built_edits >= edits)

    async def heard(self, generation: int) -> None:
        """Wait until all that happened up to that generation of the catalogue was told, or is void."""
        await self._until(lambda: self.changes.reset or self.changes.generation >= generation)

    def adopt(self, delta: Generation) -> None:
        """Serve a delta that an earlier process built, at least until the feed has told what it holds."""
        self._found = delta.manifest.source_generation
        self._serve(delta)

    def _serve(self, delta: Generation) -> None:
        self.delta = delta
        self.deltas = [*self.deltas[-1:], delta.name]

    def _is_behind(self) -> bool:
        """Whether a delta is to be built: not while the one found at the start has more than has been told."""
        return self.changes.edits != self._built_edits and (self.changes.reset or not self._found)

    async def _listen(self) -> None:
        while True:
            since = self.changes.generation or self.base.manifest.source_generation
            try:
                async with aclosing(self.workshop.catalogue.watch(since)) as feed:
                    async for news in feed:
                        self.connected = True
                        self._take(news)
                        await self._tell()
            except Failure as failure:
                if self.connected:
                    self.log.info("index.feed_lost", base=self.base.name, reason=str(failure))
            self.connected = False
            self.told()
            await asyncio.sleep(_AGAIN_S)

    def _take(self, news: News) -> None:
        before = self.changes.recorded
        self.changes.take(news)
        now = self.clock.monotonic()
        if self.changes.recorded != before:
            self.changed_at = now
        if self.beyond_delta and not self.beyond_since:
            self.beyond_since = now
        is_silent = not news.changed and not news.removed
        if self._found and (is_silent or self.changes.generation >= self._found):
            self._compare_with_found()

    def _compare_with_found(self) -> None:
        """Go on with the delta that was found if it is what would be built now, else have one built."""
        found = self.delta.manifest if self.delta else self.base.manifest
        has_all = found.source_generation == self.changes.generation and not self.beyond_delta
        is_same = has_all and found.document_count == len(self.changes.rows)
        self._built_edits, self._found = self.changes.edits if is_same else _NEVER, 0

    async def _build_delta(self) -> float:
        """Build a delta of what is known now, and return for how long not to build the next, in seconds."""
        edits, began = self.changes.edits, self.clock.monotonic()
        if not self.changes.reset:
            try:
                await self._publish_delta()
            except Failure as failure:
                self.counted("failed")
                self.log.warning("index.delta_failed", base=self.base.name, reason=str(failure))
                return _AGAIN_S
        self._built_edits = edits
        await self._tell()
        return max(self.policy.pause_s, (self.clock.monotonic() - began) * (1 / _SHARE - 1))

    async def _publish_delta(self) -> None:
        rows, removed = list(self.changes.rows.values()), set(self.changes.removed)
        delta = await self.workshop.delta(self.base, rows, removed, self.changes.generation)
        self._serve(delta)
        self.counted("published")
        self.log.info("index.delta", name=delta.name, base=self.base.name, changed=len(rows), removed=len(removed))

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()
        self.told()

    async def _until(self, happened: Callable[[], bool]) -> None:
        async with self._news:
            await self._news.wait_for(happened)
