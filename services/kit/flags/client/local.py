"""The flags that decide in this process: what the rest of a service asks, and the only part of the client it sees."""

from collections.abc import Callable, Mapping
from math import inf
from typing import Any

from services.kit.flags.client.uses import Uses
from services.kit.flags.compile import NOTHING
from services.kit.flags.decision import Decision
from services.kit.flags.flag import Choice, Flag, T, chosen
from services.kit.flags.snapshot import Snapshot


class Flags:
    """Evaluates whatever snapshot is in force; one assignment replaces it, so nobody ever waits."""

    def __init__(self, uses: Uses, monotonic: Callable[[], float]) -> None:
        self._uses, self._monotonic = uses, monotonic
        self._known_at = -inf
        self.snapshot: Snapshot = NOTHING.snapshot
        """What decides now: take it once where several decisions belong together, and keep nothing over another one."""
        self.generation = 0
        """Its generation; 0 for none."""

    @property
    def age_s(self) -> float:
        """Return the seconds since the snapshot was last known to be in force; infinite where nothing is known."""
        return self._monotonic() - self._known_at

    def evaluate(self, key: str, context: Mapping[str, Any]) -> Decision:
        """Return the decision as it is, for those who hand it on. Never raises, blocks or logs."""
        return self.snapshot.evaluate(key, context)

    def choose(self, flag: Flag[T], context: Mapping[str, Any], otherwise: T | None = None) -> Choice[T]:
        """Return what the flag says, or the code's default where it says nothing of use. Never raises, blocks or logs.

        `otherwise` is a default that is better for this one call than the flag's own.
        """
        return chosen(flag, self.snapshot.evaluate(flag.key, context), otherwise)

    def used(self, choice: Choice[Any], unit: str, generation: int | None = None) -> None:
        """Tell that the choice took effect for a unit, hashed: counted each time, logged once.

        The generation is that of a decision that travelled here; that in force where nobody else decided.
        """
        self._uses.add(choice, unit, self.generation if generation is None else generation)

    def replace(self, snapshot: Snapshot, generation: int, age_s: float = 0.0) -> None:
        """Have another snapshot decide from now on."""
        self.snapshot, self.generation = snapshot, generation
        self.known(age_s)

    def known(self, age_s: float = 0.0) -> None:
        """Take note that the snapshot was in force so many seconds ago."""
        self._known_at = self._monotonic() - age_s
