"""What the page says of the past: the latest changes, and who made each flag's last one, read from the journal once."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from services.flags.domain.store import Action, FlagStore
from services.kit.journal import Entry

LATEST = 30


@dataclass(frozen=True, slots=True)
class Told:
    """An entry of the journal, and whether it made its flag, for the first time or after a removal."""

    entry: Entry
    made: bool


def told(entry: Entry, before: Entry | None) -> Told:
    """Return the entry with what the one before it of the same flag, if any, says of it."""
    gone = before is None or before.record.action == Action.REMOVE
    return Told(entry, made=gone and entry.record.action == Action.PUT)


class Changes:
    """Follows the journal as far as it is asked to."""

    def __init__(self, store: FlagStore) -> None:
        self._store = store
        self._reading = asyncio.Lock()
        self._read = 0
        self._latest: deque[Told] = deque(maxlen=LATEST)
        self.last: dict[str, Told] = {}
        """What was written last of each flag, as far as the journal has been read."""

    @property
    def latest(self) -> Sequence[Told]:
        """What was written last, the newest first."""
        return tuple(reversed(self._latest))

    async def read(self) -> None:
        """Read what was written since. Raises Unavailable where the store cannot be read."""
        async with self._reading:
            while entries := await self._store.journal(self._read):
                for entry in entries:
                    self._take(entry)
                self._read = entries[-1].sequence

    def _take(self, entry: Entry) -> None:
        before = self.last.get(entry.record.subject)
        done = told(entry, before.entry if before else None)
        self.last[entry.record.subject] = done
        self._latest.append(done)
