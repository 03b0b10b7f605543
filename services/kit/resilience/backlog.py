"""How long work waits on the event loop, told from how late the loop comes to a timer."""

import asyncio
from collections import deque
from collections.abc import Callable

_TICK_S, _LOOKS = 0.02, 5


class Backlog:
    """Looks at the loop again and again; `delay_s` is by how much it was late at the least of the last looks.

    The least, as in CoDel (RFC 8289): a pause makes one look late, and only lasting load makes all of them so.
    """

    def __init__(self) -> None:
        self._late_s = deque([0.0] * _LOOKS, _LOOKS)
        self.delay_s = 0.0
        """How long work waits, in the last tenth of a second."""

    def note(self, late_s: float) -> None:
        """Take one look into account."""
        self._late_s.append(max(0.0, late_s))
        self.delay_s = min(self._late_s)

    async def watch(self, monotonic: Callable[[], float]) -> None:
        """Look for ever."""
        while True:
            due_s = monotonic() + _TICK_S
            await asyncio.sleep(_TICK_S)
            self.note(monotonic() - due_s)
