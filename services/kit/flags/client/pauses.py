"""When to try again, so that the many who lost a service at the same moment do not come back at the same moment.

Time since the loss is cut into windows, each twice as long as the one before up to a longest, and one attempt is made
in each, anywhere in it (exponential backoff with full jitter). Where windows grow no more the place is kept. So
whenever the service is back, everyone is there within one longest window, spread over it evenly. Had every pause been
drawn anew from nought to the longest, the first second would see twice as many: who draws short ones tries more often.
"""

from random import Random


class Pauses:
    """The pauses between attempts."""

    def __init__(self, first_s: float, most_s: float, chance: Random) -> None:
        self._first_s, self._most_s, self._chance = first_s, most_s, chance
        self.begin()

    def begin(self) -> None:
        """Begin anew: what was lost now was held for long."""
        self._window_s, self._place = 0.0, 1.0

    def next_s(self) -> float:
        """Return the seconds from the last attempt to the next one."""
        rest_s = self._window_s * (1 - self._place)
        if self._window_s < self._most_s:
            self._window_s = min(self._most_s, 2 * self._window_s or self._first_s)
            self._place = self._chance.random()
        return rest_s + self._window_s * self._place
