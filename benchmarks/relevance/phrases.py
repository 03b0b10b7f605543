"""What people type of an item, and what becomes of it under their fingers: one function for each class of queries."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeAlias

from benchmarks.relevance.cases import Clean
from benchmarks.relevance.edits import misspelt
from benchmarks.relevance.entries import Entry
from benchmarks.relevance.scripts import ascii_typed, is_foreign, is_latin, latin_typed

_WORD = re.compile(r"[^\W_](?:[^\W_]|[\u0300-\u036f\u0900-\u0e7f'\u2019])*")
"""With its apostrophes, and the vowels of Devanagari and Thai, which are no letters of their own."""
_MISSPELLABLE_CHARS, _TWICE_CHARS = 5, 9
"""How long a word is at least that is misspelt, and that may be so twice."""
_PASTED = (
    "{artist} - {title} (Official Music Video)",
    "{artist} - {title} (Official Video) [HD]",
    "{artist} \N{EN DASH} {title} (Lyrics)",
    "{title} by {artist} [Official Lyric Video]",
    "{artist} \N{EM DASH} {title} | Official Audio",
    "{artist}: {title} (Official Video) | 4K Remaster | Subscribe for more official music videos",
    "{artist} - {title} (Full HD 1080p, High Quality Audio, with Lyrics) - Official Channel {year}",
)
_CONSONANTS = "bcdfghjkmpqvwxz"


@dataclass(frozen=True, slots=True)
class Phrase:
    """Something typed, and what it would have been."""

    typed: str
    clean: Clean


Make: TypeAlias = Callable[[Entry, Random], Phrase | None]
"""Makes a phrase for an item; None where nobody would type that of this one."""


def words(text: str) -> list[str]:
    """Return the words as they are typed: in small letters, without what stands between them."""
    return _WORD.findall(text.lower())


def _whole(spoken: Sequence[str]) -> Phrase | None:
    return Phrase(" ".join(spoken), Clean(tuple(spoken))) if spoken else None


def _begun(text: str) -> Phrase | None:
    text = text.rstrip()
    return Phrase(text, Clean(tuple(text.split()), cut=True)) if text else None


def _last_cut(spoken: Sequence[str], chance: Random) -> Phrase | None:
    """Leave out at least one letter of the last word, and at most all but two."""
    if len(spoken) < 2 or len(spoken[-1]) < 3:
        return None
    kept = chance.randrange(2, len(spoken[-1]))
    return _begun(" ".join([*spoken[:-1], spoken[-1][:kept]]))


def _slipped(phrase: Phrase | None, end: int | None, chance: Random) -> Phrase | None:
    """Misspell one of the words before the end, a long one sometimes twice."""
    if phrase is None:
        return None
    spoken = list(phrase.clean.words)
    places = [place for place, word in enumerate(spoken[:end]) if len(word) >= _MISSPELLABLE_CHARS and is_latin(word)]
    if not places:
        return None
    place = chance.choice(places)
    for _ in range(2 if len(spoken[place]) >= _TWICE_CHARS and chance.random() < 0.2 else 1):
        spoken[place] = misspelt(spoken[place], chance)
    return Phrase(" ".join(spoken), phrase.clean)


def _named(entry: Entry, chance: Random) -> list[str]:
    """Return the words of the title, every other time with the artist's."""
    return words(entry.title) + (words(entry.artist) if chance.random() < 0.5 else [])


def one_letter(entry: Entry, _: Random) -> Phrase | None:
    """Begin to type."""
    return _begun(" ".join(words(entry.title))[:1])


def three_letters(entry: Entry, _: Random) -> Phrase | None:
    """Go on typing."""
    return _begun(" ".join(words(entry.title))[:3])


def two_words(entry: Entry, _: Random) -> Phrase | None:
    """Type the first two words of a title."""
    spoken = words(entry.title)[:2]
    return _whole(spoken) if len(spoken) == 2 else None


def two_words_cut(entry: Entry, chance: Random) -> Phrase | None:
    """Type the first two words of a title, but not to the end."""
    return _last_cut(words(entry.title)[:2], chance)


def typo(entry: Entry, chance: Random) -> Phrase | None:
    """Misspell a word."""
    return _slipped(_whole(_named(entry, chance)), None, chance)


def typo_cut(entry: Entry, chance: Random) -> Phrase | None:
    """Misspell a word, and do not type the last one to the end."""
    return _slipped(_last_cut(_named(entry, chance), chance), -1, chance)


def title_artist(entry: Entry, chance: Random) -> Phrase | None:
    """Type title and artist, or artist and title."""
    both = [words(entry.title), words(entry.artist)]
    chance.shuffle(both)
    return _whole([*both[0], *both[1]]) if all(both) else None


def artist_title_cut(entry: Entry, chance: Random) -> Phrase | None:
    """Type the artist, and the title not to the end."""
    artist = words(entry.artist)
    return _last_cut([*artist, *words(entry.title)], chance) if artist else None


def non_latin(entry: Entry, chance: Random) -> Phrase | None:
    """Type a title in its own script, every other time not to the end."""
    if not is_foreign(entry.title):
        return None
    spoken = words(entry.title)
    if chance.random() < 0.5 and len(spoken[-1]) > 1:
        return _begun(" ".join(spoken)[: -chance.randrange(1, len(spoken[-1]))])
    return _whole(spoken)


def diacritics(entry: Entry, chance: Random) -> Phrase | None:
    """Type a Latin title with letters beyond a to z as if it had none."""
    clean = _whole(_named(entry, chance))
    if clean is None or not is_latin(clean.typed) or ascii_typed(clean.typed) == clean.typed:
        return None
    return Phrase(ascii_typed(clean.typed), clean.clean)


def no_hit(entry: Entry, chance: Random) -> Phrase | None:
    """Type title and artist, and among them a word that nothing has: the item is what is meant all the same."""
    clean = title_artist(entry, chance)
    if clean is None:
        return None
    spoken = list(clean.clean.words)
    stranger = "".join(chance.choices(_CONSONANTS, k=chance.randint(6, 9)))
    spoken.insert(chance.randint(0, len(spoken)), stranger)
    return Phrase(" ".join(spoken), clean.clean)


def pasted(entry: Entry, chance: Random) -> Phrase | None:
    """Paste the name of a video."""
    if not entry.artist:
        return None
    pattern, year = chance.choice(_PASTED), chance.randint(2006, 2025)
    typed = pattern.format(artist=entry.artist, title=entry.title, year=year)
    return Phrase(typed, Clean((*words(entry.artist), *words(entry.title))))


def in_latin_letters(entry: Entry, _: Random) -> Phrase | None:
    """Type a Cyrillic, Greek or kana title with the letters a to z."""
    spoken = words(entry.title)
    typed = latin_typed(" ".join(spoken))
    return Phrase(typed, Clean(tuple(spoken))) if typed and typed.strip() else None


CLASSES: dict[str, Make] = {
    make.__name__: make
    for make in (
        *(one_letter, three_letters, two_words, two_words_cut, typo, typo_cut),
        *(title_artist, artist_title_cut, non_latin, diacritics, no_hit, pasted),
    )
}
"""The twelve that count, each as much as the others."""
FURTHER_CLASSES: dict[str, Make] = {"in_latin_letters": in_latin_letters}
"""Reported beside them."""
