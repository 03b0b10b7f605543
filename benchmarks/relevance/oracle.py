"""The most that can be reached: an oracle that knows what was meant to be typed, but no better order than popularity.

It sees the clean words, takes all items that have them, the last one as a beginning where it was cut, and puts the most
popular first. A ranker that knows titles from artists may do better where words are whole.
"""

from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import groupby, islice

from benchmarks.engines import Hit
from benchmarks.relevance.cases import Clean
from benchmarks.relevance.entries import Entry
from benchmarks.relevance.phrases import words
from benchmarks.relevance.scripts import ascii_typed

_UNSPACED = (("\u0e00", "\u0e7f"), ("\u3040", "\u30ff"), ("\u3400", "\u9fff"))
"""The first and last letter of Thai, kana and Han, in which a word may begin anywhere."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A word that is looked for."""

    word: str
    begun: bool
    """Whether other words may begin with it."""

    @property
    def needle(self) -> str:
        """Return what a text holds that has the word."""
        if _is_unspaced(self.word):
            return self.word
        return f" {self.word}" if self.begun else f" {self.word} "


class Oracle:
    """All items by popularity, and where each word is. A text's words stand between single spaces."""

    def __init__(self, catalogue: Iterable[Entry]) -> None:
        by_popularity = sorted(catalogue, key=lambda entry: -entry.popularity)
        places: defaultdict[str, array[int]] = defaultdict(lambda: array("I"))
        self._hits, self._texts, self._places = [entry.hit for entry in by_popularity], list[str](), places
        for place, entry in enumerate(by_popularity):
            folded = dict.fromkeys(_fold(word) for name in entry.names for word in words(name))
            for key in {key for word in folded for key in _keys(word)}:
                places[key].append(place)
            self._texts.append(f" {' '.join(folded)} ")
        self._vocabulary = sorted(places)

    def search(self, clean: Clean, limit: int) -> Sequence[Hit]:
        """Return the most popular items that have all the words."""
        last = len(clean.words) - 1
        wanted = [_Wanted(_fold(word), clean.cut and place == last) for place, word in enumerate(clean.words)]
        needles = [one.needle for one in wanted]
        places = (place for place in self._candidates(wanted, limit) if self._has(place, needles))
        return [self._hits[place] for place in islice(places, limit)]

    def _has(self, place: int, needles: Iterable[str]) -> bool:
        text = self._texts[place]
        return all(needle in text for needle in needles)

    def _candidates(self, wanted: Sequence[_Wanted], limit: int) -> Iterator[int]:
        """Yield places in the order of popularity, those that have all words among them."""
        whole = [key for one in wanted if not one.begun or _is_unspaced(one.word) for key in _keys(one.word)]
        if whole:
            fewest = min((self._places.get(key, array("I")) for key in whole), key=len)
            return iter(fewest)
        return self._beginning(wanted[0].word, limit)

    def _beginning(self, beginning: str, limit: int) -> Iterator[int]:
        """Yield the first places of all words that begin so."""
        first = bisect_left(self._vocabulary, beginning)
        end = bisect_left(self._vocabulary, beginning + chr(0x10FFFF))
        places = merge(*(self._places[word][:limit] for word in self._vocabulary[first:end]))
        return (place for place, _ in groupby(places))


def _fold(word: str) -> str:
    return ascii_typed(word).replace("'", "").replace("\N{RIGHT SINGLE QUOTATION MARK}", "")


def _is_unspaced(word: str) -> bool:
    return any(first <= letter <= last for letter in word for first, last in _UNSPACED)


def _keys(word: str) -> Iterable[str]:
    return word if _is_unspaced(word) else (word,)
