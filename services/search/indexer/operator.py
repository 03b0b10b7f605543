"""What people may order of the indexer: a build, a publication against a gate's advice, a rollback. All is recorded."""

import asyncio

from services.kit.clock import Clock
from services.kit.errors import Conflict, Invalid, NotFound
from services.kit.journal import Record
from services.search.indexer.cycle import Cycle
from services.search.indexer.journal import JournalFile
from services.search.indexer.orders import Order


class Operator:
    """Records each order, then follows it. Every method raises Unavailable or Internal where it cannot be recorded."""

    def __init__(self, cycle: Cycle, journal: JournalFile, clock: Clock) -> None:
        self._cycle, self._journal, self._clock = cycle, journal, clock
        self._alone = asyncio.Lock()

    async def build(self, order: Order) -> int:
        """Have a whole index built now, and return which of the builds since the start it is."""
        async with self._alone:
            await self._record("build", "index", order)
            self._cycle.held, self._cycle.asked = "", True
            self._cycle.wake()
            return self._cycle.last.number + (2 if self._cycle.building else 1)

    async def publish(self, order: Order) -> str:
        """Roll out a generation that is here already, or, with an override, the one that was refused; return its name.

        Raises NotFound where there is none, Conflict where it is not sound.
        """
        async with self._alone:
            if order.override:
                return await self._publish_refused(order)
            if not order.generation:
                raise Invalid("Which generation? `backline index list` names them.", field="generation")
            generation = await asyncio.to_thread(self._cycle.store.get, order.generation)
            if generation.manifest.base:
                raise Invalid(f"{generation.name} is a delta; those follow their base.", field="generation")
            fault = await asyncio.to_thread(self._cycle.store.check, generation)
            if fault:
                raise Conflict(fault)
            await self._record("publish", generation.name, order)
            self._cycle.held = ""
            await self._cycle.release(generation)
            return generation.name

    async def roll_back(self, order: Order) -> str:
        """Give everybody the generation before, at once, and hold back what is new until somebody asks for it.

        Return what is served now. Raises Conflict where there is nothing to go back to.
        """
        async with self._alone:
            rollout = self._cycle.rollout
            fallback = rollout.fallback
            await self._record("rollback", f"{rollout.newest} {fallback}", order)
            rollout.roll_back()
            self._cycle.held = f"rolled back by {order.actor}: {order.reason}"
            self._cycle.listener.ended("rolled_back")
            self._cycle.wake()
            return fallback

    async def _publish_refused(self, order: Order) -> str:
        refused = await asyncio.to_thread(self._cycle.store.refused)
        if refused is None or order.generation not in ("", refused.name):
            raise NotFound("No generation that a gate refused is here any more.")
        fault = await asyncio.to_thread(self._cycle.store.check, refused)
        if fault:  # an override is for judgement, never for damage
            raise Conflict(fault)
        await self._record("override", refused.name, order)
        self._cycle.held = ""
        await self._cycle.admit(refused)
        return self._cycle.rollout.newest

    async def _record(self, action: str, subject: str, order: Order) -> None:
        record = Record(self._clock.now(), order.actor, action, subject, order.reason)
        await asyncio.to_thread(self._journal.append, record)
