"""The lexicon of a generation: all words, sorted, and for each near enough spelling the words that it may stand for.

Files of plain arrays, searched by bisection where they lie. A spelling is a word of at least three letters, or the
beginning of longer ones from four letters to nine; it is found by its deletions (see `deletes`).
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator

from services.search.domain.edits import distance, distance_to_beginning
from services.search.domain.lexicon import Near
from services.search.index.arrays import Arrays
from services.search.index.deletes import LETTERS, deletions

LENGTH_BITS = 6
"""A spelling is kept as one number: its word's, and in the low bits how many letters of it."""

_OF_ANY_LETTER, _OF_EACH_LETTER_BITS = 1 << 20, 3
"""About how many documents a beginning of no letter has, and by how many doublings each letter makes them fewer."""


class ArrayLexicon:
    """The words of one generation, in mapped arrays. Positions are multiplied by `spread`."""

    def __init__(self, arrays: Arrays, spread: int) -> None:
        self._letters, self._ends = arrays["letters"], arrays["ends"]
        self._positions, self._counts = arrays["positions"], arrays["counts"]
        self._spellings, self._spelling_positions = arrays["spellings"], arrays["spelling_positions"]
        self._hashes, self._hashed = arrays["hashes"], arrays["hashed"]
        self._spread = spread

    def position(self, word: str) -> int:
        """Return the least position of the documents that have the word; 0 where none has it."""
        place = self._place(word.encode())
        return self._positions[place] * self._spread if self._is(place, word) else 0

    def count(self, word: str) -> int:
        """Return how many documents have the word."""
        place = self._place(word.encode())
        return self._counts[place] if self._is(place, word) else 0

    def count_about(self, beginning: str) -> int:
        """Return about how many documents have a word that begins so: the first word's, more where it is short."""
        place = self._place(beginning.encode())
        first = self._counts[place] if place < len(self._counts) else 0
        return first + (_OF_ANY_LETTER >> _OF_EACH_LETTER_BITS * len(beginning))

    def begins(self, beginning: str) -> bool:
        """Whether a word begins so."""
        sought = beginning.encode()
        place = self._place(sought)
        return place < len(self._counts) and self._word(place).startswith(sought)

    def near(self, word: str, at_most: int, *, unfinished: bool) -> list[Near]:
        """Return what differs from the word by the fewest letters, at most so many; most popular first."""
        numbers = deletions(word, at_most)
        once = len(word[:LETTERS]) + 1
        for edits, some in ((1, numbers[:once]), (at_most, numbers)):
            near = sorted(self._nearest(word, edits, some, unfinished=unfinished))
            if near:
                return [each for each in near if each.edits == near[0].edits]
        return []

    def _nearest(self, word: str, at_most: int, numbers: Iterable[int], *, unfinished: bool) -> Iterator[Near]:
        for spelling in self._hashed_with(numbers):
            place, length = divmod(self._spellings[spelling], 1 << LENGTH_BITS)
            whole = self._word(place).decode()
            text = whole[:length]
            if unfinished:
                edits = (
                    distance_to_beginning(word, text, at_most) if length > LETTERS else distance(word, text, at_most)
                )
                position = self._spelling_positions[spelling]
            elif length == len(whole):
                edits, position = distance(word, text, at_most), self._positions[place]
            else:
                continue
            if 0 < edits <= at_most:
                yield Near(edits, position * self._spread, text)

    def _hashed_with(self, numbers: Iterable[int]) -> set[int]:
        found: set[int] = set()
        for number in numbers:
            place = bisect_left(self._hashes, number)
            while place < len(self._hashes) and self._hashes[place] == number:
                found.add(self._hashed[place])
                place += 1
        return found

    def _place(self, sought: bytes) -> int:
        return bisect_left(range(len(self._counts)), sought, key=self._word)

    def _is(self, place: int, word: str) -> bool:
        return place < len(self._counts) and self._word(place) == word.encode()

    def _word(self, place: int) -> bytes:
        return bytes(self._letters[self._ends[place] : self._ends[place + 1]])
