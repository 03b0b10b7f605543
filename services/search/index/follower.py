"""Keeps a search process on what the indexer assigns to it, and on what it has while the indexer is silent."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from services.kit.clock import Clock
from services.kit.errors import Failure
from services.kit.logs import Logger
from services.search.domain.rollout import Assignment, Indexer, Report
from services.search.index.library import Library, Unusable
from services.search.index.swap import Change, Swap

_AFTER_REFUSAL_S = 60.0
"""Until what was refused is tried again: by then somebody may have made room, or mended it."""
_AFTER_FAILURE_S = 5.0


@dataclass(slots=True)
class Patience:
    """When to try again what failed."""

    refused: str = ""
    """The generation or delta that could not be served; empty for none."""
    _not_before_s: float = 0.0

    def put_off(self, until_s: float, refused: str = "") -> None:
        """Take note of a failure."""
        self.refused, self._not_before_s = refused, until_s

    def allows(self, wanted: Assignment, now_s: float) -> bool:
        """Whether to try it now: at once if it has not failed, later if it has."""
        is_another = self.refused and self.refused not in (wanted.generation, wanted.delta)
        return bool(is_another) or now_s >= self._not_before_s


class Follower:
    """Asks again and again what to serve, and has it served."""

    def __init__(self, process: str, indexer: Indexer, library: Library, swap: Swap, clock: Clock, log: Logger) -> None:
        self._process, self._indexer, self._library, self._swap = process, indexer, library, swap
        self._clock, self._log = clock, log
        self._patience, self._patience_meanwhile = Patience(), Patience()
        self._keep: frozenset[str] | None = None
        """What the indexer said last that is to stay on disk; None before it has said anything."""
        self.answers = False
        """Whether the indexer answered when it was asked last."""
        self.on_change: Callable[[Change], None] = lambda _change: None
        """Called after each swap."""
        self.on_refusal: Callable[[Unusable], None] = lambda _refusal: None
        """Called for each generation or delta that cannot be served here."""

    @property
    def refused(self) -> str:
        """Return what was assigned last and could not be served here; empty for none."""
        return self._patience.refused

    async def begin(self, remembered: Sequence[Assignment], poll_s: float) -> None:
        """Return once something is served: what the indexer assigns.

        While it assigns nothing, the first of what is remembered that can be served has to do, or else the newest that
        is on this machine.
        """
        await self.step()
        if self._swap.base is None:
            await self._serve_first(remembered)
        if self._swap.base is None:
            newest = await self._library.newest()
            await self._serve_first([newest] if newest else [])
        while self._swap.base is None:
            await asyncio.sleep(poll_s)
            await self.step()

    async def follow(self, poll_s: float) -> None:
        """Ask and serve for ever.

        Who takes long to fetch a generation goes on reporting, since the silent are taken for dead, and goes on taking
        deltas, since what they take down cannot wait.
        """
        while True:
            async with asyncio.TaskGroup() as group:
                step = group.create_task(self.step())
                while (await asyncio.wait([step], timeout=poll_s))[1]:
                    await self._keep_up(await self._ask())
            await asyncio.sleep(poll_s)

    async def step(self) -> None:
        """Ask once, and serve what is assigned, or the newest delta where that is to be tried later."""
        assigned = await self._ask()
        if assigned is None:
            return
        if _is_same(assigned, self._swap.serving):
            self._patience.put_off(0.0)
        elif assigned.generation and self._patience.allows(assigned, self._clock.monotonic()):
            await self._serve(assigned, self._to_newest, self._patience)
        else:
            await self._keep_up(assigned)

    async def _keep_up(self, assigned: Assignment | None) -> None:
        """Serve the newest delta over what is served, while what is assigned cannot be served yet."""
        if assigned is None or not assigned.meanwhile:
            return
        wanted = Assignment(self._swap.serving.generation, assigned.meanwhile)
        patience = self._patience_meanwhile
        if not _is_same(wanted, self._swap.serving) and patience.allows(wanted, self._clock.monotonic()):
            await self._serve(wanted, self._swap.renew, patience)

    async def _ask(self) -> Assignment | None:
        """Report, and return what the indexer says; None where it is silent."""
        serving = self._swap.serving
        try:
            assigned = await self._indexer.assignment(
                Report(self._process, serving.generation, serving.delta, self.refused)
            )
        except Failure as failure:
            self._note_answer(answers=False, reason=str(failure))
            return None
        self._note_answer(answers=True)
        self._keep = assigned.keep
        return assigned

    async def _to_newest(self, assigned: Assignment) -> Change:
        """Serve what is assigned by the time that it is here: with it must not come back what was taken down since."""
        if assigned.generation != self._swap.serving.generation:
            await self._swap.bring(assigned)
            assigned = await self._ask() or assigned
        return await self._swap.to(assigned)

    async def _serve_first(self, assignments: Sequence[Assignment]) -> None:
        for assignment in assignments:
            is_new = not self.refused or self.refused not in (assignment.generation, assignment.delta)
            if self._swap.base is None and assignment.generation and is_new:
                self._log.warning("index.unassigned", **_named(assignment))
                await self._serve(assignment, self._swap.to, self._patience)

    async def _serve(
        self, assigned: Assignment, swap: Callable[[Assignment], Awaitable[Change | None]], patience: Patience
    ) -> None:
        """Swap and clear up; what cannot be served now is put off."""
        started_s = self._clock.monotonic()
        try:
            change = await swap(assigned)
        except Unusable as refusal:
            self._log.error("index.refused", name=refusal.name, cause=refusal.reason, reason=str(refusal))
            patience.put_off(self._clock.monotonic() + _AFTER_REFUSAL_S, refusal.name)
            self.on_refusal(refusal)
        except Failure as failure:
            self._log.warning("index.not_fetched", reason=str(failure), **_named(assigned))
            patience.put_off(self._clock.monotonic() + _AFTER_FAILURE_S)
        else:
            patience.put_off(0.0)
            if change is not None:
                seconds = round(self._clock.monotonic() - started_s, 3)
                self._log.info("index.swapped", change=change, seconds=seconds, **_named(self._swap.serving))
                self.on_change(change)
                await self._clear()

    async def _clear(self) -> None:
        """Clear up, once the indexer has said what is to stay."""
        if self._keep is not None:
            served = [name for name in _named(self._swap.serving).values() if name]
            await self._library.clear(self._swap.needed() | self._keep, served)

    def _note_answer(self, *, answers: bool, reason: str = "") -> None:
        if self.answers and not answers:
            self._log.warning("index.indexer_silent", reason=reason)
        elif answers and not self.answers:
            self._log.info("index.indexer_answers")
        self.answers = answers


def _named(assignment: Assignment) -> dict[str, str]:
    return {"generation": assignment.generation, "delta": assignment.delta}


def _is_same(one: Assignment, other: Assignment) -> bool:
    return (one.generation, one.delta) == (other.generation, other.delta)
