"""What a query may be meant to be where its words, as they stand, find nothing or nothing that is well known."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from services.search.domain.gathering import Gathering
from services.search.domain.query import Query
from services.search.domain.reading import Reading, Word, reworded
from services.search.domain.synonyms import SYNONYMS

_SHORTEST_PART = 2
"""How many letters each part of a word has at least that is taken for two."""


def literal(query: Query) -> Reading:
    """Read the words as they stand, or as the other way to write a number or an abbreviation."""
    groups = [(Word(token), *_synonyms(query, place)) for place, token in enumerate(query.tokens)]
    return Reading(query.text, tuple(groups), query.unfinished)


def respelt(gathering: Gathering) -> Reading | None:
    """Read words as others that they differ from by a letter or two; None where there are none.

    Those that no document has are corrected, or any where all are known. Where something was found, only what is much
    more popular than that counts.
    """
    query, worth = gathering.core, gathering.worth_less_than
    places = _unknown(gathering) or range(len(query.tokens))
    groups = [*literal(query).groups]
    corrected = False
    for place in places:
        near = gathering.spelling.near(query.tokens[place], unfinished=_unfinished(query, place))
        others = tuple(Word(each.text, each.edits) for each in near if each.position < worth)
        corrected = corrected or bool(others)
        groups[place] = others if len(places) < len(groups) and others else groups[place] + others
    return _with_firsts(query, groups) if corrected else None


def compounded(gathering: Gathering) -> Reading | None:
    """Read two words as one, or one as two: the most popular such reading; None where no document has them so."""
    query = gathering.core
    options = [*_joined(gathering), *_split(gathering)]
    best = min(options, default=None)
    if best is None or best.position >= gathering.worth_less_than:
        return None
    before, after = query.tokens[: best.begin], query.tokens[best.end :]
    changed = tuple(Word(text, edits=1) for text in best.words)
    groups = [*map(Word, before), *changed, *map(Word, after)]
    text = " ".join(word.text for word in groups)
    return Reading(text, tuple((word,) for word in groups), query.unfinished)


class _Option(NamedTuple):
    position: int
    begin: int
    end: int
    words: tuple[str, ...]


def _joined(gathering: Gathering) -> Iterator[_Option]:
    lexicon, query = gathering.index.lexicon, gathering.core
    for place, (one, other) in enumerate(pairwise(query.tokens)):
        word = one + other
        if position := lexicon.position(word):
            yield _Option(position, place, place + 2, (word,))


def _split(gathering: Gathering) -> Iterator[_Option]:
    lexicon, query = gathering.index.lexicon, gathering.core
    for place in _unknown(gathering):
        token = query.tokens[place]
        for cut in range(_SHORTEST_PART, len(token) - _SHORTEST_PART + 1):
            first = lexicon.position(token[:cut])
            second = first and lexicon.position(token[cut:])
            if second:
                yield _Option(max(first, second), place, place + 1, (token[:cut], token[cut:]))


def _unknown(gathering: Gathering) -> Sequence[int]:
    query, spelling = gathering.core, gathering.spelling
    return [
        place
        for place, token in enumerate(query.tokens)
        if not spelling.knows(token, unfinished=_unfinished(query, place))
    ]


def _unfinished(query: Query, place: int) -> bool:
    return query.unfinished and place == len(query.tokens) - 1


def _synonyms(query: Query, place: int) -> tuple[Word, ...]:
    """Return the other ways to write a word. What has just been begun with one letter is a word like any other."""
    token = query.tokens[place]
    if len(token) == 1 and _unfinished(query, place) and (token.isalpha() or place == 0):
        return ()
    return tuple(Word(other, whole=True) for other in SYNONYMS.get(token, ()))


def _with_firsts(query: Query, groups: Sequence[tuple[Word, ...]]) -> Reading:
    replaced = {token: group[0].text for token, group in zip(query.tokens, groups, strict=True)}
    return Reading(reworded(query.text, replaced), tuple(groups), query.unfinished)
