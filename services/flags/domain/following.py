"""Keeps head and roster true to the store, whoever writes there, and lets its other servers know of this one."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass

from services.flags.domain.head import Head
from services.flags.domain.pulse import stirred_within
from services.flags.domain.roster import Roster
from services.flags.domain.rosters import Shared, elsewhere
from services.flags.domain.store import FlagStore
from services.kit.errors import Failure

SHARE_EVERY_S = 5.0
"""At the latest, since what is older than 15 s counts no more."""
_SHARE_PAUSE_S = 0.02
"""Between two of them: a hundred acknowledgements come within a moment."""


@dataclass(slots=True)
class Following:
    """Follows one store. Each of its loops runs until cancelled, through all failures of the store."""

    store: FlagStore
    head: Head
    roster: Roster
    server: str
    """This server's name, unlike that of any other of the store's."""
    tell: Callable[[str], None]
    """Told when the store falls silent, with the reason, and with nothing when it answers again."""
    silent: str = ""
    """Why the store could not be read when it was last asked; empty where it could."""

    async def follow(self) -> None:
        """Take up what is written."""
        async with aclosing(self.store.changes()) as changes:
            async for _ in changes:
                try:
                    await self.head.look()
                except Failure as failure:
                    self._note(str(failure))
                else:
                    self._note("")

    async def hear(self) -> None:
        """Take up what the other servers share."""
        async with aclosing(self.store.roster_changes()) as changes:
            async for _ in changes:
                with suppress(Failure):
                    shared = elsewhere(await self.store.rosters(), self.server)
                    self.roster.learn({server: each.listing for server, each in shared.items()})
                    for each in shared.values():
                        self.head.show(each.shown)

    async def share(self) -> None:
        """Let the other servers know, at once after each change."""
        stirred = asyncio.Event()
        with self.roster.changed.stirring(stirred), self.head.news.stirring(stirred):
            while True:
                stirred.clear()
                with suppress(Failure):
                    said = Shared(self.roster.here(), self.head.shown)
                    await self.store.share_roster(self.server, said.encoded())
                await asyncio.sleep(_SHARE_PAUSE_S)
                await stirred_within(stirred, SHARE_EVERY_S)

    def _note(self, silent: str) -> None:
        if bool(silent) != bool(self.silent):
            self.tell(silent)
        self.silent = silent
