"""Which parts of a shown text are what was looked for: found in its folded form, told in places of the text itself."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import TypeAlias

from services.search.domain.words.compounds import compounds
from services.search.domain.words.normalise import FOLDED, KANA_VOICING, UNSPACED, unstyled
from services.search.domain.words.romanise import latin
from services.search.domain.words.synonyms import SYNONYMS

Range: TypeAlias = tuple[int, int]
"""Begin and end, in code points."""

_CHANGES_LENGTH = re.compile("['`&]")
_UNSPACED = re.compile(f"[{UNSPACED}]")
_SEPARATOR = re.compile(f"[ {UNSPACED}]")
_WORD = re.compile(r"\S+")


def highlighted(shown: str, words: Sequence[str]) -> tuple[Range, ...]:
    """Return the ranges of the text that are words of a folded query, in order and apart from one another.

    The last word may also be the beginning of one. Synonyms, Latin letters for a word in another script and the other
    form of a compound count as the word.
    """
    flat, places = _flat(shown)
    ranges = [
        (places[start], _after_marks(shown, places[end - 1] + 1))
        for spelling, begins in _spellings(tuple(words))
        if spelling in flat
        for start, end in _occurrences(flat, spelling, begins=begins)
    ]
    if words and (not shown.isascii() or compounds(shown)):
        further = _otherwise_spelt(shown, words)
        ranges += [word for word in further if not any(_overlap(word, found) for found in ranges)]
    return _merged(ranges)


@lru_cache(maxsize=64)
def _spellings(words: tuple[str, ...]) -> tuple[tuple[str, bool], ...]:
    """Return what to look for, each with whether it may be the beginning of a word. An answer asks twenty times."""
    begins = {other: False for word in words for other in SYNONYMS.get(word, ())}
    for word in filter(None, words):
        begins[unicodedata.normalize("NFD", word)] = word == words[-1]
    return tuple(begins.items())


def _flat(shown: str) -> tuple[str, Sequence[int]]:
    """Return the folded text, its spaces as they come, and for each of its characters the place in the shown one."""
    text = unstyled(shown)
    if text.isascii() and not _CHANGES_LENGTH.search(text):
        return text.translate(FOLDED), range(len(text))
    pieces = [FOLDED[ord(char)] for char in text]
    return "".join(pieces), [place for place, piece in enumerate(pieces) for _ in piece]


def _occurrences(flat: str, word: str, *, begins: bool) -> Iterator[Range]:
    start = flat.find(word)
    while start >= 0:
        end = start + len(word)
        if _UNSPACED.match(word):
            found = not _voiced(flat, end)
        else:
            found = _parted(flat, start - 1) and (begins or _parted(flat, end))
        if found:
            yield start, end
        start = flat.find(word, start + 1)


def _voiced(flat: str, place: int) -> bool:
    """Tell whether a mark stands here that makes the kana before it another one."""
    return place < len(flat) and flat[place] in KANA_VOICING


def _parted(flat: str, place: int) -> bool:
    """Tell whether no word goes through this place."""
    return not 0 <= place < len(flat) or _SEPARATOR.match(flat, place) is not None


def _after_marks(shown: str, end: int) -> int:
    """Return where the accents end that are written after a letter."""
    while end < len(shown) and unicodedata.category(shown[end])[0] == "M":
        end += 1
    return end


def _otherwise_spelt(shown: str, words: Sequence[str]) -> Iterator[Range]:
    """Yield the words that the index also holds in Latin letters, joined or apart, where one of these was meant."""
    for word in _WORD.finditer(shown):
        spellings = f"{latin(word[0]) or ''} {compounds(word[0]) or ''}".split()
        if any(spelling in words or spelling.startswith(words[-1]) for spelling in spellings):
            yield word.span()


def _overlap(one: Range, other: Range) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _merged(ranges: Iterable[Range]) -> tuple[Range, ...]:
    merged: list[Range] = []
    for start, end in sorted(ranges):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return tuple(merged)
