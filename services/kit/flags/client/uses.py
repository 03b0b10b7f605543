"""The one door through which it is told that a variant took effect: each time as a count, once as a line in the log."""

from collections.abc import Callable, Mapping
from typing import Any

from services.kit.flags.flag import Choice
from services.kit.instruments import BoundCounter

CODE = "(code)"
"""The variant that a use of the code's default counts under."""
OTHER = "other"
MOST_COUNTED = 100
"""Pairs of flag and variant with a counter of their own. They come from code and definitions, which somebody reviewed;
the bound is for those that nobody did."""
MOST_REMEMBERED = 8_192
"""Uses that are known to be in the log; beyond twice as many, the oldest are written again, never too few."""


class Uses:
    """Counts every use and writes each (flag, variant, unit, generation) once within a bounded memory.

    The code's default is counted only: it is no variant, and nobody was chosen for it.
    """

    def __init__(
        self, counter: Callable[[str, str], BoundCounter], note: Callable[[str, Mapping[str, object]], None]
    ) -> None:
        self._counter, self._note = counter, note
        self._counters: dict[tuple[str, str], BoundCounter] = {}
        self._written: set[tuple[str, str, str, int]] = set()
        self._written_before: set[tuple[str, str, str, int]] = set()

    def add(self, choice: Choice[Any], unit: str, generation: int) -> None:
        """Tell that the choice took effect for a unit, which its caller has hashed."""
        flag, variant = choice.flag, choice.variant
        counter = self._counters.get((flag, variant)) or self._bound(flag, variant)
        counter.value += 1
        use = (flag, variant, unit, generation)
        if variant and use not in self._written and use not in self._written_before:
            self._remember(use)
            self._note("flags.used", {"flag": flag, "variant": variant, "unit": unit, "generation": generation})

    def _bound(self, flag: str, variant: str) -> BoundCounter:
        if len(self._counters) >= MOST_COUNTED:
            return self._counter(OTHER, OTHER)
        bound = self._counters[flag, variant] = self._counter(flag, variant or CODE)
        return bound

    def _remember(self, use: tuple[str, str, str, int]) -> None:
        if len(self._written) >= MOST_REMEMBERED:
            self._written_before, self._written = self._written, set()
        self._written.add(use)
