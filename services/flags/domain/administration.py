"""All that people do to flags, whatever wire they do it over."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias, TypeVar

from services.flags.domain.definition import (
    DISABLED,
    ENABLED,
    STATE,
    canonical,
    check_key,
    is_disabled,
    read_context,
    read_definition,
)
from services.flags.domain.document import SHARED_PREFIX
from services.flags.domain.dry_run import DryRun, dry_run
from services.flags.domain.head import Head
from services.flags.domain.pulse import stirred_within
from services.flags.domain.removal import check_unused, second_looks
from services.flags.domain.review import Review, review
from services.flags.domain.roster import Listing, Roster, Subscriber
from services.flags.domain.store import Action, Change, FlagStore, Kept, Moved
from services.flags.domain.words import rule_in_words
from services.kit.author import Author
from services.kit.errors import Conflict, Failure, Invalid, NotFound, Unavailable
from services.kit.flags.explain import Explanation, explain
from services.kit.journal import Entry, Record

T = TypeVar("T")
Contexts: TypeAlias = Sequence[Mapping[str, Any]]

_TELL_EVERY_S = 1.0
_TELL_PAUSE_S = 0.02
"""Between two reports of one kill: a hundred acknowledgements come within a moment."""
_ATTEMPTS = 5
"""At a write while others write too: a kill then takes the version that there is, other writes are reviewed anew."""


@dataclass(frozen=True, slots=True)
class Killed:
    """A kill that is committed."""

    generation: int
    """The one that disables the flag."""
    committed_at: datetime
    unchanged: bool
    """Whether it was disabled already, so that nothing was written."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a kill has come."""

    applied: int
    """Processes of ours that have applied it."""
    waiting: tuple[Subscriber, ...]
    """Those that have not, or that nobody has heard of lately."""
    unconfirmable: tuple[Subscriber, ...]
    """Streams of others, which never say what they have applied."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What a definition would do."""

    run: DryRun
    warnings: tuple[str, ...]
    """What is allowed and still worth a second look, in sentences."""
    rule: str
    """In words."""


@dataclass(slots=True)
class Administration:
    """Writes flags, and says who did. Raises Conflict for every write while the head refuses."""

    store: FlagStore
    head: Head
    roster: Roster
    recent: Callable[[], Contexts]
    """Returns contexts that requests were evaluated for lately."""
    now: Callable[[], datetime]
    _writing: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held from the review of a change until it is written: what else writes here waits; what writes elsewhere, for
    another server of the store, is met by reviewing again."""

    def get(self, key: str) -> Kept:
        """Return one flag or shared rule. Raises NotFound where there is none."""
        kept = self.head.document.state.flags.get(key)
        if kept is None:
            raise NotFound(f"There is no flag {check_key(key)}.")
        return kept

    def explain(self, key: str, context: str) -> Explanation:
        """Return how a flag is evaluated for a context, given as JSON. Raises NotFound where there is no such flag."""
        snapshot = self.head.document.snapshot
        if key not in snapshot.flags:
            raise NotFound(f"There is no flag {check_key(key)}.")
        return explain(snapshot, key, read_context(context))

    async def try_out(self, key: str, definition: str = "") -> Trial:
        """Return what a definition would do with recent contexts, without writing it; with none what is in force does.

        Raises Invalid as `put` does, NotFound where there is neither a definition nor a flag.
        """
        proposed = read_definition(definition or self.get(key).definition)
        found = await self._reviewed(key, proposed) if definition else Review()
        state, now = self.head.document.state, self.now().timestamp
        run = await asyncio.to_thread(dry_run, key, proposed, state, self.recent(), now)
        return Trial(run, found.warnings, rule_in_words(proposed))

    async def history(self, key: str = "", after: int = 0) -> AsyncGenerator[Entry, None]:
        """Yield what was written behind that generation, oldest first; with a key only what concerns that flag."""
        while entries := await self.store.journal(after, key):
            for entry in entries:
                yield entry
            after = entries[-1].sequence

    async def put(self, key: str, definition: str, expected_version: int, author: Author) -> tuple[int, Review]:
        """Write a flag, and return its generation and what was found at its review.

        Raises Invalid with every fault's JSON path where it cannot be used, Conflict where the flag has changed.
        """
        proposed = read_definition(definition)
        text = canonical(proposed)

        async def attempt(reviewed_at: int) -> tuple[int, Review]:
            found = await self._reviewed(key, proposed)
            entry = await self._write(Action.PUT, key, text, author, expected_version, reviewed_at)
            return entry.sequence, found

        return await self._over_all(attempt)

    async def kill(self, key: str, author: Author, expected_version: int | None = None) -> Killed:
        """Disable a flag, whatever its version where none is expected; done already, it is not done again."""
        for _ in range(_ATTEMPTS):
            try:
                return await self._kill(key, author, expected_version)
            except Conflict:
                if expected_version is not None or self.head.refuses:
                    raise
        raise Conflict(f"{key} is written by others all the time; try again.")

    async def _reviewed(self, key: str, proposed: Mapping[str, Any]) -> Review:
        """Return what was found at a review. Raises Invalid with every fault where the definition cannot be used."""
        state, today = self.head.document.state, self.now().date()
        found = await asyncio.to_thread(review, check_key(key), proposed, state, today)
        if found.faults:
            raise Invalid("\n".join(map(str, found.faults)), field=found.faults[0].path)
        return found

    async def _kill(self, key: str, author: Author, expected_version: int | None) -> Killed:
        async with self._writing:
            kept, definition = await self._flag(key)
            if is_disabled(definition):
                return Killed(kept.version, kept.changed_at, unchanged=True)
            text = canonical({**definition, STATE: DISABLED})
            expected = kept.version if expected_version is None else expected_version
            entry = await self._write(Action.KILL, key, text, author, expected)
        return Killed(entry.sequence, entry.record.at, unchanged=False)

    async def restore(self, key: str, author: Author, expected_version: int) -> int:
        """End a kill, and return the generation that does. Raises Conflict where the flag is enabled."""
        async with self._writing:
            _, definition = await self._flag(key)
            if not is_disabled(definition):
                raise Conflict(f"{key} is not killed.")
            text = canonical({**definition, STATE: ENABLED})
            return (await self._write(Action.RESTORE, key, text, author, expected_version)).sequence

    async def remove(self, key: str, author: Author, expected_version: int) -> tuple[int, Sequence[str]]:
        """Take a flag or a shared rule away; return the generation without it, and what is worth a second look.

        Raises Conflict where it has changed, or is a shared rule that flags use.
        """

        async def attempt(reviewed_at: int) -> tuple[int, Sequence[str]]:
            in_force = await self.try_out(key)
            check_unused(key, self.head.document.state)
            entry = await self._write(Action.REMOVE, key, "", author, expected_version, reviewed_at)
            return entry.sequence, [*second_looks(in_force.run)]

        return await self._over_all(attempt)

    async def adopt(self, author: Author) -> int:
        """Go on above all that callers have applied, and return the generation. Raises Conflict without a need."""
        async with self._writing:
            await self.head.look()
            if not self.head.refuses:
                raise Conflict("No caller has applied what this store never wrote: there is nothing to adopt.")
            record = Record(self.now(), author.actor, Action.ADOPT, "", author.reason)
            change = Change(record, None, self.head.shown.generation + 1)
            return (await self._written(self.store.write(change))).sequence

    async def confirmed(self, generation: int) -> AsyncGenerator[Progress, None]:
        """Yield how far a generation has come, after each change and every second, until all have applied it.

        Raises Unavailable where the server stops before that, Conflict where a process turns out to have generations
        from elsewhere: then nobody knows what its number means.
        """
        stirred = asyncio.Event()
        with self.roster.news.stirring(stirred), self.head.news.stirring(stirred):
            while not self.head.ended:
                stirred.clear()
                if self.head.refuses:
                    raise Conflict(self.head.refuses)
                progress, settled = progress_of(self.roster.everywhere(), generation), self.roster.settled
                yield progress
                if settled and not progress.waiting:
                    return
                await asyncio.sleep(_TELL_PAUSE_S)
                await stirred_within(stirred, _TELL_EVERY_S)
        raise Unavailable("The server stops before all have applied it; what is written stands.")

    async def _look(self) -> None:
        """Have what the store has now, to write over it. Raises Conflict while the head refuses."""
        await self.head.look()
        if self.head.refuses:
            raise Conflict(self.head.refuses)

    async def _flag(self, key: str) -> tuple[Kept, dict[str, Any]]:
        """Return a flag as the store has it now. Raises Invalid for a shared rule, which has no state."""
        if key.startswith(SHARED_PREFIX):
            raise Invalid("A shared rule cannot be killed; the flags that use it can.", field="key")
        await self._look()
        kept = self.get(key)
        return kept, read_definition(kept.definition)

    async def _over_all(self, attempt: Callable[[int], Awaitable[T]]) -> T:
        """Attempt a write that is reviewed with all flags, anew where another server's came between.

        Raises Moved where that happens all the time.
        """
        async with self._writing:
            for _ in range(_ATTEMPTS - 1):
                with suppress(Moved):
                    return await self._over_present(attempt)
            return await self._over_present(attempt)

    async def _over_present(self, attempt: Callable[[int], Awaitable[T]]) -> T:
        await self._look()
        return await attempt(self.head.document.held.generation)

    async def _write(
        self, action: Action, key: str, text: str, author: Author, expected: int, reviewed_at: int | None = None
    ) -> Entry:
        record = Record(self.now(), author.actor, action, key, author.reason, text)
        return await self._written(self.store.write(Change(record, expected, reviewed_at=reviewed_at)))

    async def _written(self, writing: Awaitable[Entry]) -> Entry:
        """Have what is written in force here before it is answered."""
        entry = await writing
        with suppress(Failure):  # it is written all the same, and will be taken up
            await self.head.look()
        return entry


def progress_of(listing: Listing, generation: int) -> Progress:
    """Return how far a generation has come with these subscribers."""
    waiting = listing.waiting(generation)
    return Progress(len(listing.processes) - len(waiting), waiting, listing.foreign)
