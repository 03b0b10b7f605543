"""The lexicon of a generation: all words, sorted, and for each near enough spelling the words that it may stand for.

A word is found by its first eight bytes, as a number; among the few that share these, by the rest.

Files of plain arrays, searched by bisection where they lie. A spelling is a word of at least three letters, or the
beginning of longer ones from four letters to nine; it is found by its deletions (see `deletes`).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from services.search.domain.candidates.edits import distance, distance_to_beginning
from services.search.domain.candidates.lexicon import Near
from services.search.domain.candidates.reading import Word
from services.search.index.arrays import Arrays
from services.search.index.deletes import LETTERS, deletions
from services.search.index.lexicon_build import HEAD_BYTES, LENGTH_BITS, head_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

_AFTER_ANY_LETTER = b"\xff"

_REMEMBERED = 4_096
"""How many words' places are kept: a few words are in most queries, and each is asked for several times."""


class ArrayLexicon:
    """The words of one generation, in mapped arrays. Positions are multiplied by `spread`."""

    def __init__(self, arrays: Arrays, spread: int) -> None:
        self._letters, self._ends = arrays["letters"], arrays["ends"]
        self._heads, self._starts, self._rows = arrays["heads"], arrays["starts"], arrays["rows"]
        self._spellings, self._spelling_positions = arrays["spellings"], arrays["spelling_positions"]
        self._hashes, self._hashed = arrays["hashes"], arrays["hashed"]
        self._spread = spread
        self.places = lru_cache(_REMEMBERED)(self._places)
        """Tells the places of a word, or of all that begin so; there is none for a word that is not known."""

    def position(self, word: str) -> int:
        """Return the least position of the documents that have the word; 0 where none has it."""
        return next((self._rows[self._starts[place]] * self._spread for place in self.places(Word(word))), 0)

    def count(self, word: str) -> int:
        """Return how many documents have the word."""
        places = self.places(Word(word))
        return self._starts[places.stop] - self._starts[places.start]

    def begins(self, beginning: str) -> bool:
        """Whether a word begins so."""
        return bool(self.places(Word(beginning, begins=True)))

    def near(self, word: str, edits: int, *, unfinished: bool) -> list[Near]:
        """Return what differs from the word by just so many letters, most popular first."""
        measure = self._from_beginning if unfinished else self._from_word
        near = (measure(word, edits, spelling) for spelling in self._hashed_with(deletions(word, edits)))
        return sorted(each for each in near if each and each.edits == edits)

    def _from_word(self, word: str, at_most: int, spelling: int) -> Near | None:
        place, length = divmod(self._spellings[spelling], 1 << LENGTH_BITS)
        whole = self.word(place)
        if length < len(whole):
            return None
        return Near(distance(word, whole, at_most), self._rows[self._starts[place]] * self._spread, whole)

    def _from_beginning(self, word: str, at_most: int, spelling: int) -> Near:
        place, length = divmod(self._spellings[spelling], 1 << LENGTH_BITS)
        text = self.word(place)[:length]
        measure = distance if length <= LETTERS else distance_to_beginning
        return Near(measure(word, text, at_most), self._spelling_positions[spelling] * self._spread, text)

    def _hashed_with(self, numbers: Sequence[int]) -> set[int]:
        hashes, found = self._hashes, set[int]()
        begins = np.frombuffer(hashes, np.uint32).searchsorted(np.array(numbers, np.uint32)).tolist()
        for number, begin in zip(numbers, begins, strict=True):
            for place in range(begin, len(hashes)):
                if hashes[place] != number:
                    break
                found.add(self._hashed[place])
        return found

    def beginnings(self) -> "Iterator[NDArray[np.intp]]":
        """Yield for each length, in bytes, where the words that begin alike end and others begin."""
        heads = np.asarray(self._heads)
        for bits in range(0, 8 * HEAD_BYTES, 8):
            changes = np.flatnonzero(np.diff(heads >> np.uint64(bits)))
            yield np.concatenate(([0], changes + 1, [len(heads)]))

    def _places(self, word: Word) -> range:
        sought = word.text.encode()
        place = self._place(sought)
        if word.begins:
            return range(place, self._place(sought + _AFTER_ANY_LETTER))
        return range(place, place + (place < len(self._heads) and self._word(place) == sought))

    def _place(self, sought: bytes) -> int:
        """Return where a word stands, or would."""
        head = head_of(sought)
        place = bisect_left(self._heads, head)
        if len(sought) <= HEAD_BYTES:
            return place
        others = range(place, bisect_right(self._heads, head, place))
        return place + bisect_left(others, sought, key=self._word)

    def word(self, place: int) -> str:
        """Return the word at a place."""
        return self._word(place).decode()

    def _word(self, place: int) -> bytes:
        return bytes(self._letters[self._ends[place] : self._ends[place + 1]])
