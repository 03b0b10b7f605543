"""`backline flags kill`: switches a flag off and stays until every process of ours has said that it has."""

import argparse
import asyncio
from contextlib import AbstractAsyncContextManager, aclosing, nullcontext
from dataclasses import dataclass, field

from services.commands.flags_client import author_of, open_administrator
from services.commands.flags_reading import second_of, standing_of
from services.commands.person import say
from services.flags.api.administrator import FlagAdministrator
from services.flags.domain.administration import Killed, Progress
from services.flags.domain.roster import SILENT_FOR_GOOD_S, Listing, Name
from services.flags.settings import FlagsSettings
from services.kit.clock import SystemClock
from services.kit.errors import Failure, TooLate, Unavailable

_WITHIN_S = 3_600.0
"""How long one stream of news about a kill may take; then it is asked for again."""
_EVERY_S = 1.0
_MOST_NAMED = 10
"""Processes that one line names."""


async def kill(administrator: FlagAdministrator, arguments: argparse.Namespace) -> int:
    """Kill a flag; 0 once all processes of ours have applied it, 1 if whoever asks leaves before that."""
    watch = _Watch(arguments.flag)
    try:
        await _killed(administrator, arguments, watch)
    except asyncio.CancelledError:
        if watch.killed is None:
            raise
        say(f"You leave before all have confirmed; {arguments.flag} stays killed. See: backline flags who")
        return 1
    watch.end()
    return 0


async def _killed(administrator: FlagAdministrator, arguments: argparse.Namespace, watch: "_Watch") -> None:
    """Go through the news about the kill until all have applied it, however often the service falls silent."""
    opening: AbstractAsyncContextManager[FlagAdministrator] = nullcontext(administrator)
    while not await _confirmed(opening, arguments, watch):
        await asyncio.sleep(_EVERY_S)
        # Opened anew, since it may listen elsewhere when it is back.
        opening = open_administrator(arguments.address)


async def _confirmed(
    opening: AbstractAsyncContextManager[FlagAdministrator], arguments: argparse.Namespace, watch: "_Watch"
) -> bool:
    """Go through the news of one service, and return whether all have applied the kill when there is no more."""
    # Asked again it finds the flag killed; had somebody restored it meanwhile, that is not undone.
    expected = watch.killed.generation if watch.killed else None
    try:
        async with opening as administrator:
            async with aclosing(administrator.kill(arguments.flag, author_of(arguments), _WITHIN_S, expected)) as news:
                async for killed, progress in news:
                    watch.hear(killed, progress)
            return not watch.lost or watch.found((await administrator.subscribers()).listing)
    except (Unavailable, TooLate) as failure:
        if watch.killed is None:
            raise
        watch.lose(failure)
        return False


@dataclass(slots=True)
class _Watch:
    """Prints how far a kill has come: at once what is new about it, who is missing once a second."""

    flag: str
    killed: Killed | None = None
    progress: Progress | None = None
    lost: dict[Name, float] = field(default_factory=dict)
    """Whom the service waited for when it fell silent, and when that was: it does not know of them when it is back."""
    _told_at: float = 0.0
    _comeback: str = ""
    """What was said of a wait for nobody in particular: nothing in it changes, so it is said once."""

    def hear(self, killed: Killed, progress: Progress) -> None:
        """Take note of news."""
        now = SystemClock().monotonic()
        if self.killed is None:
            self._say_killed(killed)
            self._told_at = now
        self.killed, self.progress = killed, progress
        if now - self._told_at >= _EVERY_S:
            self._told_at = now
            self._say_so_far(killed, progress)

    def lose(self, failure: Failure) -> None:
        """Take note that the service has fallen silent, and whom it still waited for."""
        waiting = self.progress.waiting if self.progress else ()
        now = SystemClock().monotonic()
        self.lost = {**{each.name: now for each in waiting}, **self.lost}
        say(f"{failure} {self.flag} is killed all the same; asking again who has applied it.")

    def found(self, listing: Listing) -> bool:
        """Whether all who were lost have applied the kill since, or are too long silent; if not, name the others."""
        applied = {each.name for each in listing.processes if self.killed and each.applied >= self.killed.generation}
        since = SystemClock().monotonic() - SILENT_FOR_GOOD_S
        self.lost = {name: lost_at for name, lost_at in self.lost.items() if name not in applied and lost_at > since}
        if self.lost:
            named = ", ".join(f"{name.service} {name.process}" for name in self.lost)
            say(f"Not yet, and nobody has heard of them since the service was away: {named}")
        return not self.lost

    def end(self) -> None:
        """Say that all have applied it, and what nobody can know."""
        progress = self.progress
        if progress is None:
            return
        say(f"All {progress.applied} processes of ours have applied it.")
        for stream in progress.unconfirmable:
            say(f"Not to be confirmed, since it never says what it has applied: {stream.process}")
        say(f"To undo: backline flags restore {self.flag} --reason TEXT")

    def _say_so_far(self, killed: Killed, progress: Progress) -> None:
        said = _so_far(killed, progress)
        if said != self._comeback:
            say(said)
        self._comeback = "" if progress.waiting else said

    def _say_killed(self, killed: Killed) -> None:
        at = f"generation {killed.generation} of {second_of(killed.committed_at)}"
        if killed.unchanged:
            say(f"{self.flag} is killed already, since {at}.")
        else:
            say(f"{self.flag} is killed by {at}: every caller's own default holds where that is applied.")


def _so_far(killed: Killed, progress: Progress) -> str:
    """Return who has applied it, and by name who has not."""
    if not progress.waiting:
        known = f"Applied by all {progress.applied} that are known"
        wait = f"waits up to {FlagsSettings().settle_s:.0f} s for others to come back"
        return f"{known}; the service has just started, and {wait}."
    named = [
        f"{each.service} {each.process} ({standing_of(each, killed.generation)})"
        for each in progress.waiting[:_MOST_NAMED]
    ]
    more = len(progress.waiting) - len(named)
    missing = ", ".join([*named, *([f"and {more} more"] if more else [])])
    return f"Applied by {progress.applied} of {progress.applied + len(progress.waiting)}. Not yet: {missing}"
