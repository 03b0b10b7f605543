"""Words with letters left out, as numbers: words that differ by two edits are equal after at most two deletions each.

So a table of the deletions of all known words finds those near another word by looking up its own deletions (symmetric
deletion; Bocek, Hunt and Stiller 2007, Garbe 2012). Only the first nine letters count, which bounds a word to 46.

The number of a text is the sum of its letters, each times a power of its place, in 32 bits. What a deletion leaves is
then the part before, and the part after divided by one power: no text needs to be put together.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numpy import uint32
    from numpy.typing import NDArray

LETTERS = 9
"""How many of a word's first letters count."""

_BITS = 32
_MASK = (1 << _BITS) - 1
_POWER = 0x9E3779B1
_ONE_BACK = pow(_POWER, -1, 1 << _BITS)
_TWO_BACK = _ONE_BACK * _ONE_BACK & _MASK


def deletions(word: str, most: int) -> list[int]:
    """Return the numbers of a word's first letters without up to `most` (0 to 2) of them, fewest deletions first."""
    before, power = [0], 1
    for letter in word[:LETTERS]:
        before.append((before[-1] + ord(letter) * power) & _MASK)
        power = power * _POWER & _MASK
    whole, places = before[-1], range(len(before) - 1)
    numbers = [whole]
    if most > 0:
        numbers += [(before[one] + (whole - before[one + 1]) * _ONE_BACK) & _MASK for one in places]
    if most > 1:
        numbers += [
            (before[one] + (before[other] - before[one + 1]) * _ONE_BACK + (whole - before[other + 1]) * _TWO_BACK)
            & _MASK
            for one, other in combinations(places, 2)
        ]
    return numbers


def deletions_of_all(words: Sequence[str], most: int) -> "Iterator[tuple[NDArray[uint32], NDArray[uint32]]]":
    """Yield the same numbers for many words at once, each time with the places of the words that have them."""
    import numpy as np  # noqa: PLC0415 - an indexer at rest does without

    letters = np.array([word[:LETTERS] for word in words], f"U{LETTERS}").view(np.uint32).reshape(-1, LETTERS)
    powers = np.array([pow(_POWER, place, 1 << _BITS) for place in range(LETTERS)], np.uint32)
    before = np.zeros((len(words), LETTERS + 1), np.uint32)
    np.cumsum(letters * powers, axis=1, dtype=np.uint32, out=before[:, 1:])
    whole, lengths, all_words = before[:, -1], np.count_nonzero(letters, axis=1), np.arange(len(words), dtype=np.uint32)
    yield whole, all_words
    for one in range(LETTERS if most > 0 else 0):
        has = lengths > one
        yield (before[:, one] + (whole - before[:, one + 1]) * np.uint32(_ONE_BACK))[has], all_words[has]
    for one, other in combinations(range(LETTERS), 2) if most > 1 else ():
        has = lengths > other
        middle = (before[:, other] - before[:, one + 1]) * np.uint32(_ONE_BACK)
        end = (whole - before[:, other + 1]) * np.uint32(_TWO_BACK)
        yield (before[:, one] + middle + end)[has], all_words[has]
