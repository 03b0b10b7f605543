"""What to look for when nothing has all the words: what has all that are known, or failing that most of the rarest."""

from collections.abc import Iterator

from services.search.domain.candidates.gathering import Finding, Gathering
from services.search.domain.candidates.index import Window
from services.search.domain.candidates.reading import Reading, Word

NAME = "drop_tokens"

_RAREST = 4
_AT_LEAST = (3, 2, 1)
"""How many of the rarest words must be found; less where that is found nowhere."""


def without_some(gathering: Gathering, window: Window) -> Finding | None:
    """Find what has all known words, or else some of the rarest of them."""
    for reading in _readings(gathering):
        found = gathering.index.find(reading, gathering.query.filters, window)
        if found.candidates or found.cut:
            return Finding(NAME, reading, found)
    return None


def _readings(gathering: Gathering) -> Iterator[Reading]:
    known, lexicon = list(_known(gathering)), gathering.index.lexicon
    text, groups = " ".join(word.text for word in known), tuple((word,) for word in known)
    if 0 < len(known) < len(gathering.query.tokens):
        yield Reading(text, groups)
    by_rarity = sorted(range(len(known)), key=lambda place: lexicon.count(known[place].text))
    for at_least in _AT_LEAST:
        if at_least < len(known):
            yield Reading(text, groups, at_least, tuple(by_rarity[:_RAREST]))


def _known(gathering: Gathering) -> Iterator[Word]:
    """Yield the words that documents have, corrected where that is what they lack."""
    query = gathering.core
    for place, token in enumerate(query.tokens):
        begins = query.begins(place)
        if gathering.spelling.knows(token, unfinished=begins):
            yield Word(token, begins=begins)
        elif near := gathering.spelling.near(token, unfinished=begins):
            yield Word(near[0].text, near[0].edits, begins)
