"""Keeps a search process on what the indexer assigns to it, and on what it has while the indexer is silent."""

import asyncio
from collections.abc import Callable, Sequence

from services.kit.clock import Clock
from services.kit.errors import Failure
from services.kit.lifecycle import background
from services.kit.logs import Logger
from services.search.domain.rollout import Assignment, Indexer, Report
from services.search.index.library import Library, Unusable
from services.search.index.swap import Change, Swap

_AFTER_REFUSAL_S = 60.0
"""Until what was refused is tried again: by then somebody may have made room, or mended it."""
_AFTER_FAILURE_S = 5.0


class Follower:
    """Asks again and again what to serve, and has it served."""

    def __init__(self, process: str, indexer: Indexer, library: Library, swap: Swap, clock: Clock, log: Logger) -> None:
        self._process, self._indexer, self._library, self._swap = process, indexer, library, swap
        self._clock, self._log = clock, log
        self._not_before_s = 0.0
        self.refused = ""
        """The generation or delta that was assigned last and could not be served here; empty for none."""
        self.answers = False
        """Whether the indexer answered when it was asked last."""
        self.on_change: Callable[[Change], None] = lambda _change: None
        """Called after each swap."""
        self.on_refusal: Callable[[Unusable], None] = lambda _refusal: None
        """Called for each generation or delta that cannot be served here."""

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
        """Ask and serve for ever. Who takes long to fetch goes on reporting, since the silent are taken for dead."""
        while True:
            async with background(self._report(poll_s)):
                await self.step()
            await asyncio.sleep(poll_s)

    async def step(self) -> None:
        """Ask once, and serve what is assigned."""
        assigned = await self._ask()
        if assigned is None:
            return
        if _is_same(assigned, self._swap.serving):
            self.refused = ""
        elif assigned.generation and self._is_due(assigned):
            await self._serve(assigned)

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
        return assigned

    async def _report(self, poll_s: float) -> None:
        while True:
            await asyncio.sleep(poll_s)
            await self._ask()

    async def _serve_first(self, assignments: Sequence[Assignment]) -> None:
        for assignment in assignments:
            is_new = not self.refused or self.refused not in (assignment.generation, assignment.delta)
            if self._swap.base is None and assignment.generation and is_new:
                self._log.warning("index.unassigned", **_named(assignment))
                await self._serve(assignment)

    async def _serve(self, assigned: Assignment) -> None:
        """Swap and clear up; what cannot be served now is put off."""
        started_s = self._clock.monotonic()
        try:
            change = await self._swap.to(assigned)
        except Unusable as refusal:
            self._log.error("index.refused", name=refusal.name, cause=refusal.reason, reason=str(refusal))
            self._put_off(_AFTER_REFUSAL_S, refusal.name)
            self.on_refusal(refusal)
        except Failure as failure:
            self._log.warning("index.not_fetched", reason=str(failure), **_named(assigned))
            self._put_off(_AFTER_FAILURE_S)
        else:
            seconds = round(self._clock.monotonic() - started_s, 3)
            self._log.info("index.swapped", change=change, seconds=seconds, **_named(assigned))
            self._put_off(0.0)
            self.on_change(change)
            needed = self._swap.needed()
            await self._library.clear(needed | assigned.keep, [name for name in _named(assigned).values() if name])

    def _put_off(self, pause_s: float, refused: str = "") -> None:
        self.refused, self._not_before_s = refused, self._clock.monotonic() + pause_s

    def _is_due(self, assigned: Assignment) -> bool:
        """Whether to try it now: at once if it has not failed, later if it has."""
        is_another = self.refused and self.refused not in (assigned.generation, assigned.delta)
        return bool(is_another) or self._clock.monotonic() >= self._not_before_s

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
