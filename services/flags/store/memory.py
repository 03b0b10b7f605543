"""Flags in memory: for tests, and for a look around that leaves nothing behind."""

from collections.abc import AsyncGenerator, Mapping, Sequence

from services.flags.domain.pulse import Pulse
from services.flags.domain.store import Change, State, applied
from services.flags.store.rosters import Rosters
from services.flags.store.rows import JOURNAL_ENTRIES
from services.flags.store.wakes import EVERY_S, wakes
from services.kit.clock import Clock
from services.kit.journal import Entry


class MemoryFlags:
    """A FlagStore that ends with its process; several servers in it may share one."""

    def __init__(self, clock: Clock, every_s: float = EVERY_S) -> None:
        self._every_s = every_s
        self._state = State()
        self._journal: list[Entry] = []
        self._written, self._shared = Pulse(), Pulse()
        self._rosters = Rosters(clock)

    async def state(self) -> State:
        """Return all that is in force."""
        return self._state

    async def generation(self) -> int:
        """Return the generation in force."""
        return self._state.held.generation

    async def write(self, change: Change) -> Entry:
        """Write the change and its entry."""
        kept = self._state.flags.get(change.record.subject)
        entry = change.entry(self._journal[-1] if self._journal else None, kept.version if kept else 0)
        self._journal.append(entry)
        self._state = applied(self._state, entry)
        self._written.beat()
        return entry

    async def journal(self, after: int, key: str = "") -> Sequence[Entry]:
        """Return the next entries behind that generation; with a key only those of that flag."""
        following = [each for each in self._journal if each.sequence > after and key in {"", each.record.subject}]
        return following[:JOURNAL_ENTRIES]

    async def hash_of(self, generation: int) -> str | None:
        """Return the hash of the entry that made the generation; None where there is none."""
        return next((each.hash for each in self._journal if each.sequence == generation), None)

    def changes(self) -> AsyncGenerator[None, None]:
        """Yield at once, after each write, and at least every second."""
        return wakes(self._written, self._every_s)

    async def share_roster(self, server: str, roster: str) -> None:
        """Let the other servers of this store know who is served here."""
        self._rosters.share(server, roster)
        self._shared.beat()

    async def rosters(self) -> Mapping[str, str]:
        """Return what the servers of this store shared within the last seconds, by server."""
        return self._rosters.shown()

    def roster_changes(self) -> AsyncGenerator[None, None]:
        """Yield at once, whenever a roster is shared, and at least every second."""
        return wakes(self._shared, self._every_s)
