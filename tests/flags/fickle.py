"""A store of flags that can fall silent, and be restored from a backup, as a database does."""

from collections.abc import Mapping

from services.flags.store.memory import MemoryFlags
from services.kit.clock import ManualClock
from services.kit.errors import Unavailable


class Fickle(MemoryFlags):
    """A store in memory that can fall silent, and go back to where it was."""

    def __init__(self) -> None:
        super().__init__(ManualClock())
        self.silent = False
        self._backup = self._state, [*self._journal]

    def back_up(self) -> None:
        """Remember all that it has."""
        self._backup = self._state, [*self._journal]

    def restore_backup(self) -> None:
        """Forget all that came since."""
        self._state, self._journal = self._backup

    async def generation(self) -> int:
        """Return the generation in force."""
        self._ask()
        return await super().generation()

    async def hash_of(self, generation: int) -> str | None:
        """Return the hash of the entry that made the generation."""
        self._ask()
        return await super().hash_of(generation)

    async def share_roster(self, server: str, roster: str) -> None:
        """Let the other servers know."""
        self._ask()
        await super().share_roster(server, roster)

    async def rosters(self) -> Mapping[str, str]:
        """Return what the servers share."""
        self._ask()
        return await super().rosters()

    def _ask(self) -> None:
        if self.silent:
            raise Unavailable("The database does not answer.")
