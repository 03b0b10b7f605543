"""A fair sample of a stream of unknown length, in bounded memory."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any


class Reservoir:
    """Keeps so many of the contexts that came since it was emptied, all with the same chance (Vitter's algorithm R)."""

    def __init__(self, most: int, chance: Random) -> None:
        self._most, self._chance = most, chance
        self._kept: list[Mapping[str, Any]] = []
        self._came = 0

    def add(self, context: Mapping[str, Any]) -> None:
        """Take a context into account."""
        self._came += 1
        if len(self._kept) < self._most:
            self._kept.append(context)
        elif (place := self._chance.randrange(self._came)) < self._most:
            self._kept[place] = context

    def take(self) -> Sequence[Mapping[str, Any]]:
        """Return those kept, and begin anew."""
        kept, self._kept, self._came = self._kept, [], 0
        return kept
