"""How typing goes wrong: one slip of the finger in a word."""

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import TypeAlias

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_PLACES = {key: (row, column) for row, keys in enumerate(_ROWS) for column, key in enumerate(keys)}
NEIGHBOURS: Mapping[str, str] = {
    key: "".join(
        other
        for other, (other_row, other_column) in _PLACES.items()
        if other != key and abs(other_row - row) <= 1 and abs(other_column - column) <= 1
    )
    for key, (row, column) in _PLACES.items()
}
"""The keys around each key of a keyboard."""

Slip: TypeAlias = Callable[[str, int, Random], str]


def _inserted(word: str, place: int, chance: Random) -> str:
    return word[:place] + _neighbour(word[place], chance) + word[place:]


def _left_out(word: str, place: int, chance: Random) -> str:  # noqa: ARG001 - as the others
    return word[:place] + word[place + 1 :]


def _substituted(word: str, place: int, chance: Random) -> str:
    return word[:place] + _neighbour(word[place], chance) + word[place + 1 :]


def _transposed(word: str, place: int, chance: Random) -> str:  # noqa: ARG001 - as the others
    return word[:place] + word[place + 1 : place + 2] + word[place] + word[place + 2 :]


SLIPS: Sequence[Slip] = (_inserted, _left_out, _substituted, _transposed)


def misspelt(word: str, chance: Random) -> str:
    """Return the word with one slip in it, each kind as likely as the others; it needs two different letters."""
    while (typed := chance.choice(SLIPS)(word, chance.randrange(len(word)), chance)) == word:
        pass
    return typed


def _neighbour(letter: str, chance: Random) -> str:
    """Return a key beside the letter's; the letter itself where the keyboard does not have it."""
    return chance.choice(NEIGHBOURS.get(letter, letter))
