"""The life of the index: build, gate, publish, roll out, keep what a rollback needs, and take the rest away.

One loop looks every now and then, and whenever something came, at what is due. Whole indexes are built beside it, one
at a time. Whatever goes wrong, what is served goes on being served, and the reason is in log, metric and page.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

from services.kit.clock import Clock
from services.kit.errors import Conflict, Failure, Unavailable
from services.kit.logs import Logger
from services.search.domain.rollout import Assignment, Report
from services.search.index.generations import Generation
from services.search.index.pointer import Pointer
from services.search.indexer.due import Patience, Situation, reason_to_build
from services.search.indexer.following import Following
from services.search.indexer.judge import Judge
from services.search.indexer.listener import Listener
from services.search.indexer.rollout import Outcome, Rollout
from services.search.indexer.store import Store

_TICK_S = 0.25
_CATCH_UP_S, _FIRST_CATCH_UP_S = 60.0, 5.0
"""How long a new base may take to hold what has changed since it was built, before it is served without; at the start,
while nothing else is served, it may take less."""
_FETCHING_S = 60.0
"""For which a delta stays after somebody asked for a file of it, and may ask for the next."""
_SETTLE_AGAIN_S = 5.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.25, 30.0
"""Between a build that failed and the next try."""


@dataclass(frozen=True, slots=True)
class LastBuild:
    """How the last whole build ended."""

    number: int = 0
    """Counts builds since the start."""
    outcome: str = ""
    generation: str = ""
    sentences: tuple[str, ...] = ()
    """Why it was refused or failed."""


@dataclass(slots=True)
class Cycle:
    """All of it. `build` returns a whole index that is still aside."""

    store: Store
    build: Callable[[], Awaitable[Generation]]
    follow: Callable[[Generation, Callable[[], None]], Following]
    """Makes what follows a base, and calls the function whenever there is news."""
    rollout: Rollout
    judge: Judge
    patience: Patience
    clock: Clock
    log: Logger
    listener: Listener = field(default_factory=Listener)
    looked: Callable[[], None] = lambda: None
    """Called whenever the loop has looked at everything, several times a second."""
    published: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once there is something to serve."""
    held: str = ""
    """Why nothing new is rolled out until somebody asks; empty where it is."""
    asked: bool = False
    """Whether somebody asked for a whole build."""
    building: str = ""
    """Why one is under way; empty while none is."""
    last: LastBuild = LastBuild()
    bases: dict[str, Following] = field(default_factory=dict)
    """The generations that are followed, by name: all that are served or could be at once."""
    _tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _group: asyncio.TaskGroup = field(default_factory=asyncio.TaskGroup)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _settled: Pointer = field(default_factory=Pointer)
    _settle_at: float = 0.0
    _fetched: dict[str, float] = field(default_factory=dict)
    """When somebody asked last for a file of a generation or delta, by its name."""
    _coming: set[str] = field(default_factory=set)
    """Generations that are among the others already, and not yet rolled out."""
    _disk: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while something is put among the generations, or taken away."""
    _not_before: float = 0.0
    _failures: int = 0

    async def run(self) -> None:
        """Go on until cancelled."""
        async with self._group:
            await self._adopt()
            while True:
                await self._step()
                with suppress(TimeoutError):
                    async with asyncio.timeout(_TICK_S):
                        await self._wake.wait()
                self._wake.clear()

    def wake(self) -> None:
        """Have the loop look at once."""
        self._wake.set()

    def assignment(self, report: Report) -> Assignment:
        """Return what a search process shall serve.

        Raises Unavailable while there is nothing.
        """
        generation = self.rollout.report(report, self.clock.monotonic())
        if not generation:
            raise Unavailable("No index has been published yet.")
        return Assignment(generation, self._delta_over(generation), self.kept, self._delta_over(report.serving))

    def fetched(self, name: str) -> None:
        """Take note that somebody asked for a file of a generation or delta."""
        now = self.clock.monotonic()
        lately = {other: at for other, at in self._fetched.items() if now - at < _FETCHING_S}
        self._fetched = {**lately, name: now}

    def _delta_over(self, generation: str) -> str:
        following = self.bases.get(generation)
        return following.delta.name if following and following.delta else ""

    @property
    def kept(self) -> frozenset[str]:
        """Return the names of what must stay on disk."""
        deltas = [delta for following in self.bases.values() for delta in following.deltas]
        served = [name for seen in self.rollout.seen.values() for name in (seen.report.serving, seen.report.delta)]
        now = self.clock.monotonic()
        fetched = [name for name, at in self._fetched.items() if now - at < _FETCHING_S]
        stopped = sorted(self.rollout.bad)[-1:]  # to be looked at, or published all the same
        return frozenset({*self.bases, *deltas, *served, *fetched, *stopped, *self._coming} - {""})

    @property
    def stable(self) -> Following | None:
        """Return the base that everybody serves; None while there is none."""
        return self.bases.get(self.rollout.stable)

    async def admit(self, candidate: Generation) -> None:
        """Put a generation among the others and roll it out."""
        async with self._disk:
            generation = await asyncio.to_thread(self.store.admit, candidate)
            self._coming.add(generation.name)
        await self.release(generation)

    async def release(self, generation: Generation) -> None:
        """Roll a generation out that is among the others, once its delta has what changed while it was built.

        Raises Conflict where somebody has forbidden it meanwhile, by a rollback.
        """
        self._coming.add(generation.name)
        await self._catch_up(await self._followed(generation))
        self._coming.discard(generation.name)
        if self.held and self.rollout.stable:
            raise Conflict(f"Nothing new is rolled out: {self.held}.")
        self.rollout.begin(generation.name, self.clock.monotonic())
        self.log.info("index.published", generation=generation.name, documents=generation.manifest.document_count)
        self.published.set()
        self.wake()

    async def _adopt(self) -> None:
        """Go on where an earlier process ended."""
        found = await asyncio.to_thread(self.store.found)
        self.held = found.pointer.held
        self.rollout.bad.update(found.pointer.bad)
        if found.current is None:
            return
        await self.release(found.current)
        if found.previous is not None:
            await self._followed(found.previous)
            self.rollout.previous = found.previous.name
        if found.next is not None and not self.held:
            await self.release(found.next)

    async def _followed(self, generation: Generation) -> Following:
        """Follow the catalogue from the generation on, unless that is done already."""
        name = generation.name
        if name not in self.bases:
            following = self.follow(generation, self.wake)
            delta = await asyncio.to_thread(self.store.delta_of, name)
            if delta is not None:
                following.adopt(delta)
            self.bases[name] = following
            self._tasks[name] = self._group.create_task(following.run())
        return self.bases[name]

    async def _catch_up(self, following: Following) -> None:
        try:
            async with asyncio.timeout(_CATCH_UP_S if self.rollout.stable else _FIRST_CATCH_UP_S):
                await following.catch_up()
        except (Failure, TimeoutError) as fault:
            self.log.warning("index.not_caught_up", generation=following.base.name, reason=str(fault))

    async def _step(self) -> None:
        now = self.clock.monotonic()
        end = self.rollout.advance(now)
        if end is not None:
            self.listener.ended(end.outcome)
            self.log.info("index.rollout", outcome=end.outcome, generation=end.generation, reason=end.reason)
            if end.outcome is Outcome.STOPPED:  # the same again would most likely end the same way
                self._not_before = now + self.patience.rebuild_s
        if self._pointer() != self._settled and now >= self._settle_at:
            await self._settle()
        reason = reason_to_build(self._situation(now), self.patience)
        if reason and not self.building and (self.asked or now >= self._not_before):
            self.building, self.asked = reason, False
            self._group.create_task(self._build())
        self.looked()

    def _pointer(self) -> Pointer:
        delta, rollout = self.stable.delta if self.stable else None, self.rollout
        return Pointer(
            current=rollout.stable,
            delta=delta.name if delta else "",
            previous=rollout.previous,
            next=rollout.target,
            bad=tuple(sorted(rollout.bad & self.kept)),
            held=self.held,
        )

    async def _settle(self) -> None:
        """Write down what is served, and take away what is not needed for it."""
        pointer = self._pointer()
        # What a process could not leave yet is followed too, or it would never hear of a takedown again.
        served = {seen.report.serving for seen in self.rollout.seen.values()}
        for name in self.bases.keys() - {pointer.current, pointer.previous, pointer.next} - served - self._coming:
            self._tasks.pop(name).cancel()
            del self.bases[name]
        try:
            async with self._disk:
                await asyncio.to_thread(self.store.point, pointer)
                await asyncio.to_thread(self.store.clear, self.kept)
        except Failure as failure:
            self.log.warning("index.not_written_down", reason=str(failure))
            self._settle_at = self.clock.monotonic() + _SETTLE_AGAIN_S
        else:
            self._settled = pointer

    def _situation(self, now: float) -> Situation:
        newest = self.bases.get(self.rollout.newest)
        if newest is None:
            return Situation(asked=self.asked)
        # Where the clock has gone back, an index is at least as old as it has been followed.
        age_s = max((self.clock.now() - newest.base.manifest.built_at).total_seconds(), now - newest.began)
        return Situation(
            has_base=True,
            asked=self.asked,
            held=bool(self.held),
            rolling_out=bool(self.rollout.target),
            changed=newest.changes.any,
            beyond_delta=newest.beyond_delta,
            base_age_s=age_s,
            silent_s=now - newest.changed_at,
            beyond_s=now - newest.beyond_since,
        )

    async def _build(self) -> None:
        began, number = self.clock.monotonic(), self.last.number + 1
        self.log.info("index.building", reason=self.building)
        try:
            candidate = await self.build()
            refusals = await self.judge.refusals(candidate, self.stable)
            for gate in refusals:
                self.listener.refused(gate)
            if refusals:
                refused = await asyncio.to_thread(self.store.refuse, candidate)
                self._not_before = self.clock.monotonic() + self.patience.rebuild_s
                self.last = LastBuild(number, "refused", refused.name, tuple(refusals.values()))
            else:
                await self.admit(candidate)
                self.last, self._failures = LastBuild(number, "published", self.rollout.newest), 0
        except Failure as failure:
            pause_s = min(_FIRST_PAUSE_S * 2**self._failures, _LONGEST_PAUSE_S)
            self._not_before, self._failures = self.clock.monotonic() + pause_s, self._failures + 1
            self.last = LastBuild(number, "failed", sentences=(str(failure),))
        seconds = self.clock.monotonic() - began
        self._say_built(seconds)
        self.building = ""
        self.wake()

    def _say_built(self, seconds: float) -> None:
        last = self.last
        say = self.log.info if last.outcome == "published" else self.log.error
        say(
            f"index.build_{last.outcome}",
            generation=last.generation,
            reason=" ".join(last.sentences),
            seconds=round(seconds, 1),
        )
        self.listener.built(last.outcome, seconds)
