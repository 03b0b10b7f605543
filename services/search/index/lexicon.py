"""The lexicon of a generation: all words, sorted, and for each near enough spelling the words that it may stand for.

Files of plain arrays, searched by bisection where they lie. A spelling is a word of at least three letters, or the
beginning of longer ones from four letters to nine; it is found by its deletions (see `deletes`).
"""

from bisect import bisect_left
from collections.abc import Iterable
from functools import lru_cache

from services.search.domain.candidates.edits import distance, distance_to_beginning
from services.search.domain.candidates.lexicon import Near
from services.search.index.arrays import Arrays
from services.search.index.deletes import LETTERS, deletions

LENGTH_BITS = 6
"""A spelling is kept as one number: its word's, and in the low bits how many letters of it."""

_OF_ANY_LETTER, _OF_EACH_LETTER_BITS = 1 << 20, 3
"""About how many documents a beginning of no letter has, and by how many doublings each letter makes them fewer."""

_REMEMBERED = 4_096
"""How many words' places are kept: a few words are in most queries, and each is asked for several times."""


class ArrayLexicon:
    """The words of one generation, in mapped arrays. Positions are multiplied by `spread`."""

    def __init__(self, arrays: Arrays, spread: int) -> None:
        self._letters, self._ends = arrays["letters"], arrays["ends"]
        self._positions, self._counts = arrays["positions"], arrays["counts"]
        self._spellings, self._spelling_positions = arrays["spellings"], arrays["spelling_positions"]
        self._hashes, self._hashed = arrays["hashes"], arrays["hashed"]
        self._spread = spread
        self._place = lru_cache(_REMEMBERED)(self._bisected)

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

    def near(self, word: str, edits: int, *, unfinished: bool) -> list[Near]:
        """Return what differs from the word by just so many letters, most popular first."""
        measure = self._from_beginning if unfinished else self._from_word
        near = (measure(word, edits, spelling) for spelling in self._hashed_with(deletions(word, edits)))
        return sorted(each for each in near if each and each.edits == edits)

    def _from_word(self, word: str, at_most: int, spelling: int) -> Near | None:
        place, length = divmod(self._spellings[spelling], 1 << LENGTH_BITS)
        whole = self._word(place).decode()
        if length < len(whole):
            return None
        return Near(distance(word, whole, at_most), self._positions[place] * self._spread, whole)

    def _from_beginning(self, word: str, at_most: int, spelling: int) -> Near:
        place, length = divmod(self._spellings[spelling], 1 << LENGTH_BITS)
        text = self._word(place).decode()[:length]
        measure = distance if length <= LETTERS else distance_to_beginning
        return Near(measure(word, text, at_most), self._spelling_positions[spelling] * self._spread, text)

    def _hashed_with(self, numbers: Iterable[int]) -> set[int]:
        found: set[int] = set()
        for number in numbers:
            place = bisect_left(self._hashes, number)
            while place < len(self._hashes) and self._hashes[place] == number:
                found.add(self._hashed[place])
                place += 1
        return found

    def _bisected(self, sought: bytes) -> int:
        """Return where a word stands, or would."""
        return bisect_left(range(len(self._counts)), sought, key=self._word)

    def _is(self, place: int, word: str) -> bool:
        return place < len(self._counts) and self._word(place) == word.encode()

    def _word(self, place: int) -> bytes:
        return bytes(self._letters[self._ends[place] : self._ends[place + 1]])
