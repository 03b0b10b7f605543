"""What the page says of the past: the latest changes, and who made each flag's last one, read from the journal once."""

import asyncio
from collections import deque
from collections.abc import Sequence

from services.flags.domain.store import FlagStore
from services.kit.journal import Entry

LATEST = 30


class Changes:
    """Follows the journal as far as it is asked to."""

    def __init__(self, store: FlagStore) -> None:
        self._store = store
        self._reading = asyncio.Lock()
        self._read = 0
        self._latest: deque[Entry] = deque(maxlen=LATEST)
        self.last: dict[str, Entry] = {}
        """What was written last of each flag, as far as the journal has been read."""

    @property
    def latest(self) -> Sequence[Entry]:
        """What was written last, the newest first."""
        return tuple(reversed(self._latest))

    async def read(self) -> None:
        """Read what was written since. Raises Unavailable where the store cannot be read."""
        async with self._reading:
            while entries := await self._store.journal(self._read):
                self._latest.extend(entries)
                self.last.update((entry.record.subject, entry) for entry in entries)
                self._read = entries[-1].sequence
