"""Seeded chance whose draws are the same on every platform and with every version of Python."""

from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Chance:
    """A stream of draws, named by numbers: the same numbers, the same draws.

    Everything is made from Random.random(), the one sequence that Python promises to keep, and from multiplication,
    which IEEE 754 rounds alike everywhere; logarithms and powers it does not.
    """

    __slots__ = ("_random",)

    def __init__(self, *name: int) -> None:
        seed = 0
        for number in name:
            seed = seed << 64 | number
        self._random = Random(seed).random  # noqa: S311 - must repeat, not surprise

    def below(self, end: int) -> int:
        """Return a number from 0 up to, but not including, `end`; each as likely as the others."""
        return int(self._random() * end)

    def early(self, end: int) -> int:
        """Return a number from 0 up to, but not including, `end`; small ones far likelier, as in Zipf's law."""
        return int(self._random() * int(self._random() * end + 1))

    def pick(self, options: Sequence[T]) -> T:
        """Return one of the options."""
        return options[int(self._random() * len(options))]

    def text(self, parts: Sequence[Sequence[str]]) -> str:
        """Return one option of each part, joined."""
        random = self._random
        return "".join([options[int(random() * len(options))] for options in parts])

    def percent(self, share: float) -> bool:
        """Return True in that share of a hundred cases."""
        return self._random() * 100 < share
