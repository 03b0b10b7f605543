"""What to look for when nothing has all the words: what has most of them, rare words counting for more."""

from collections import defaultdict
from collections.abc import Sequence
from heapq import nsmallest
from math import log2

from services.search.domain.candidates import Found, Window
from services.search.domain.gathering import Finding, Gathering
from services.search.domain.paging import WINDOW
from services.search.domain.reading import Reading, Word

NAME = "drop_tokens"

_MOST_WORDS = 7
_MOST_DOCUMENTS = 1_500
"""How many of the most popular documents of each word are looked at."""
_RAREST = 24.0
"""What a word counts for that one document has; each doubling of documents takes one away."""


def without_some(gathering: Gathering, window: Window) -> Finding | None:
    """Find what has all known words, or failing that what has the most of them."""
    kept = _known(gathering)
    if not kept:
        return None
    reading = _without(gathering, kept)
    if len(kept) < len(gathering.query.tokens):
        found = gathering.index.find(reading, gathering.query.filters, window)
        if found.candidates or found.cut:
            return Finding(NAME, reading, found)
    return Finding(NAME, reading, _having_most(gathering, kept, window)) if len(kept) > 1 else None


def _known(gathering: Gathering) -> list[Word]:
    """Return the words that documents have, corrected where that is what they lack."""
    kept, query = [], gathering.core
    for place, token in enumerate(query.tokens):
        unfinished = query.unfinished and place == len(query.tokens) - 1
        if gathering.spelling.knows(token, unfinished=unfinished):
            kept.append(Word(token))
        elif near := gathering.spelling.near(token, unfinished=unfinished):
            kept.append(Word(near[0].text, near[0].edits))
    return kept


def _without(gathering: Gathering, kept: Sequence[Word]) -> Reading:
    query = gathering.query
    left_out = sum(map(len, gathering.core.tokens)) - sum([len(word.text) for word in kept])
    unfinished = query.unfinished and kept[-1].text == query.tokens[-1]
    return Reading(" ".join(word.text for word in kept), tuple((word,) for word in kept), unfinished, max(0, left_out))


def _having_most(gathering: Gathering, kept: Sequence[Word], window: Window) -> Found:
    """Find what has the rarest of the words, ordered by what they count for together."""
    index = gathering.index
    counts = {word.text: index.lexicon.count(word.text) for word in kept}
    worth: defaultdict[int, float] = defaultdict(float)
    for word in nsmallest(_MOST_WORDS, [word for word in counts if counts[word]], key=counts.__getitem__):
        count_for = max(1.0, _RAREST - log2(counts[word]))
        for position in index.holding(word, window._replace(limit=_MOST_DOCUMENTS)):
            worth[position] += count_for
    best = nsmallest(WINDOW, worth, key=lambda position: (-worth[position], position))
    return Found([each for each in index.at(sorted(best)) if gathering.query.filters.kinds >= {each.kind}])
