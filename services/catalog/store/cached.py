"""Items in memory: read once for all who ask, answered at once, and never older than what is known of their changes.

A read finds its items on a shelf. What it lacks is asked of the store, all of it in one call, and whoever lacks the
same meanwhile waits for that call. An item is known to be so at the later of two moments: when it was read, and when
store/follower.py last knew of every change before. Longer ago than `FRESH_S`, it is answered with its age; longer ago
than the policy's limit, not at all.

What changed is forgotten, and with it every call under way that might have read it before: such a call answers those
who waited for it before the change was known, and is neither kept nor joined afterwards.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import islice
from random import Random
from typing import Protocol, TypeAlias

from services.catalog.domain.items import Key, Reference
from services.catalog.domain.reads import Pack, Reading
from services.catalog.domain.store import Kept
from services.catalog.store.policy import CachePolicy
from services.catalog.store.shelf import Entry, Shelf
from services.kit.clock import Clock
from services.kit.errors import Failure, TooLate
from services.kit.instruments import BoundCounter
from services.kit.lifecycle import background

FRESH_S = 1.0
"""As long as a change may take to be seen by every reader."""
JITTER = 0.2
NEGATIVE_SHARE = 10
_FETCH_LIMIT_S = 1.0
"""A call that hangs longer is given up, so that the next reader tries anew instead of joining it."""
_REFRESHED_AT_ONCE = 100
_RETRY_S = 1.0

Flight: TypeAlias = "asyncio.Future[Mapping[Reference, Entry]]"
"""One call of the store under way."""


class Source(Protocol):
    """What the items are read from; a CatalogStore is one."""

    async def get_many(self, wanted: Sequence[Reference]) -> list[Kept | None]:
        """Return the item of each reference in the given order, None where there is no such item."""
        ...


@dataclass(frozen=True, slots=True)
class Tally:
    """How references asked for were answered."""

    hit: BoundCounter = field(default_factory=BoundCounter)
    """From memory."""
    stale: BoundCounter = field(default_factory=BoundCounter)
    """From memory, with their age."""
    negative: BoundCounter = field(default_factory=BoundCounter)
    """From memory: there is no such item."""
    miss: BoundCounter = field(default_factory=BoundCounter)
    """By the store."""


class CachedReads:
    """A `Reads` over a store, with what was read kept as the policy says. Made by `open_cache`."""

    def __init__(self, source: Source, pack: Pack, policy: CachePolicy, clock: Clock, chance: Random) -> None:
        self._source, self._pack, self._policy = source, pack, policy
        self._clock, self._chance = clock, chance
        self._items = Shelf(policy.entries, policy.size_bytes)
        # Of their own, so that whoever asks for invented ids displaces no item.
        self._absences = Shelf(policy.entries // NEGATIVE_SHARE, policy.size_bytes // NEGATIVE_SHARE)
        self._flights: dict[Reference, Flight] = {}
        self._due: dict[Reference, None] = {}
        self._some_due = asyncio.Event()
        self._departures: asyncio.Queue[tuple[Flight, Sequence[Reference]]] = asyncio.Queue()
        self._confirmed_at = clock.monotonic()
        self.tally = Tally()

    async def read(self, wanted: Sequence[Key]) -> Reading:
        """Return what the references name. Raises what the store raises where it has to be asked and fails."""
        now = self._clock.monotonic()
        known = self._known(wanted, now)
        due = [Reference(*each) for each, entry in known.items() if entry.due_at <= now]
        if due:
            self._refresh_soon(due)
        stale_s = self._stale_s(known.values(), now)
        (self.tally.stale if stale_s else self.tally.hit).value += len(known)
        if len(known) == len(wanted):
            return Reading(known, round(stale_s * 1e3))
        # Some are unknown, or one is named twice, which costs no more than another look.
        answers = await self._completed(known, wanted, now)
        absent = [Reference(*each) for each, answer in answers.items() if answer.kept is None]
        return Reading(answers, round(stale_s * 1e3), absent)

    def forget(self, changed: Iterable[Reference]) -> None:
        """Let go of what changed."""
        for each in changed:
            self._items.drop(each)
            self._absences.drop(each)
            self._flights.pop(each, None)

    def forget_all(self) -> None:
        """Let go of everything."""
        self._items.clear()
        self._absences.clear()
        self._flights.clear()

    def confirm(self, at: float) -> None:
        """Take all that is here to have been so at that moment: every change before it has been forgotten."""
        self._confirmed_at = at

    def lag_s(self) -> float:
        """Return for how many seconds changes may have gone unnoticed."""
        return self._clock.monotonic() - self._confirmed_at

    def entries(self) -> int:
        """Return how many references are kept, those that name nothing among them."""
        return len(self._items) + len(self._absences)

    def size_bytes(self) -> int:
        """Return what they take."""
        return self._items.size_bytes + self._absences.size_bytes

    def fetching(self) -> int:
        """Return how many references the store is being asked for."""
        return len(self._flights)

    def _known(self, wanted: Iterable[Key], now: float) -> Mapping[Key, Entry]:
        """Return the items that may be answered from memory."""
        known, oldest = self._items.find(wanted), now - self._policy.stale_limit_s
        if self._confirmed_at >= oldest:
            return known
        return {each: entry for each, entry in known.items() if entry.read_at >= oldest}

    def _stale_s(self, entries: Iterable[Entry], now: float) -> float:
        if now - self._confirmed_at <= FRESH_S:
            return 0.0
        age_s = now - max(self._confirmed_at, min((entry.read_at for entry in entries), default=now))
        return age_s if age_s > FRESH_S else 0.0

    async def _completed(self, known: Mapping[Key, Entry], wanted: Iterable[Key], now: float) -> Mapping[Key, Entry]:
        """Return an answer to everything wanted, from what is known to be absent, and from the store."""
        unknown = [Reference(*each) for each in dict.fromkeys(wanted) if each not in known]
        absent = {each: entry for each, entry in self._absences.find(unknown).items() if now < entry.due_at}
        missed = [each for each in unknown if each not in absent]
        self.tally.negative.value += len(absent)
        self.tally.miss.value += len(missed)
        fetched = await self._fetched(missed) if missed else {}
        found: dict[Key, Entry] = {**known, **absent, **fetched}
        return {each: found[each] for each in wanted}

    async def _fetched(self, wanted: Sequence[Reference]) -> Mapping[Key, Entry]:
        """Return what the store has, asked only for what nobody asks it for already."""
        new = [each for each in wanted if each not in self._flights]
        if new:
            self._depart(new)
        flights = {each: self._flights[each] for each in wanted}
        # Shielded, since others wait for them too.
        landed = {flight: await asyncio.shield(flight) for flight in dict.fromkeys(flights.values())}
        return {each: landed[flight][each] for each, flight in flights.items()}

    def _depart(self, wanted: Sequence[Reference]) -> None:
        flight: Flight = asyncio.get_running_loop().create_future()
        self._flights.update(dict.fromkeys(wanted, flight))
        self._departures.put_nowait((flight, wanted))

    async def work(self) -> None:
        """Call the store for whoever reads, until cancelled.

        In tasks of its own, so that no call has the deadline of the request that was first, nor ends with it.
        """
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._refresh())
            while True:
                flight, wanted = await self._departures.get()
                tasks.create_task(self._fly(flight, wanted))

    async def _fly(self, flight: Flight, wanted: Sequence[Reference]) -> None:
        landed: Mapping[Reference, Entry] = {}
        try:
            landed = await self._asked(wanted)
            flight.set_result(landed)
        except Exception as error:  # noqa: BLE001 - raised in whoever waits
            flight.set_exception(error)
            flight.exception()  # or asyncio complains where nobody waits any more
        finally:
            flight.cancel()  # does nothing to one that landed
            self._land(flight, wanted, landed)

    def _land(self, flight: Flight, wanted: Sequence[Reference], landed: Mapping[Reference, Entry]) -> None:
        for each in wanted:
            if self._flights.get(each) is flight:
                del self._flights[each]
                if each in landed:
                    self._keep(each, landed[each])

    async def _asked(self, wanted: Sequence[Reference]) -> Mapping[Reference, Entry]:
        """Return what the store has. Read in one call, items are due together, and then again are one call."""
        now = self._clock.monotonic()
        try:
            async with asyncio.timeout(_FETCH_LIMIT_S):
                found = await self._source.get_many(wanted)
        except TimeoutError:
            raise TooLate("The catalogue's store did not answer in time.") from None
        due_at = now + self._policy.soft_ttl_s * (1 - JITTER * self._chance.random())
        forgotten_at = now + self._policy.negative_ttl_s
        return {
            each: Entry(kept, self._pack(each, kept), now, due_at) if kept else Entry(None, b"", now, forgotten_at)
            for each, kept in zip(wanted, found, strict=True)
        }

    def _keep(self, wanted: Reference, entry: Entry) -> None:
        here, elsewhere = (self._items, self._absences) if entry.kept else (self._absences, self._items)
        elsewhere.drop(wanted)
        here.put(wanted, entry)

    def _refresh_soon(self, due: Iterable[Reference]) -> None:
        for each in due:
            if each not in self._flights:
                self._due[each] = None
                self._some_due.set()

    async def _refresh(self) -> None:
        """Read again what is due, one call after the other."""
        while True:
            await self._some_due.wait()
            batch = list(islice(self._due, _REFRESHED_AT_ONCE))
            try:
                await self._fetched(batch)
            except Failure:
                # All of it stays due: whoever asks next puts it back. A store in trouble gets a pause.
                await asyncio.sleep(_RETRY_S)
                self._due.clear()
            for each in batch:
                self._due.pop(each, None)
            if not self._due:
                self._some_due.clear()


@asynccontextmanager
async def open_cache(
    source: Source, pack: Pack, policy: CachePolicy, clock: Clock, chance: Random
) -> AsyncGenerator[CachedReads, None]:
    """Give a cache over the store, empty, until the block ends."""
    cache = CachedReads(source, pack, policy, clock, chance)
    async with background(cache.work()):
        yield cache
