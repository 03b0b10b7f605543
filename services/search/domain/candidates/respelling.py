"""What a query may be meant to be where its words, as they stand, find nothing or nothing that is well known."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from services.search.domain.candidates.gathering import Gathering
from services.search.domain.candidates.reading import Reading, Word, reworded
from services.search.domain.query import Query

_SHORTEST_PART = 2
"""How many letters each part of a word has at least that is taken for two."""


def respelt(gathering: Gathering, *, farther: bool = False) -> Reading | None:
    """Read words as others that they differ from by a letter or two; None where there are none.

    Those that no document has are corrected, or any where all are known. Where something was found, only what is much
    more popular than that counts. Read farther, a word may also be one that differs by more than what is nearest.
    """
    query, worth = gathering.core, gathering.worth_less_than
    unknown = gathering.unknown
    look_up = gathering.spelling.farther if farther else gathering.spelling.near
    groups = [*gathering.literal_core.groups]
    corrected = False
    for place in unknown or range(len(groups)):
        begins = query.begins(place)
        near = look_up(query.tokens[place], unfinished=begins)
        others = tuple(Word(each.text, each.edits, begins) for each in near if each.position < worth)
        corrected = corrected or bool(others)
        groups[place] = others if unknown and others else groups[place] + others
    return _with_firsts(query, groups) if corrected else None


def compounded(gathering: Gathering) -> Reading | None:
    """Read two words as one, or one as two: the most popular such reading; None where no document has them so."""
    query = gathering.core
    options = [*_joined(gathering), *_split(gathering)]
    best = min(options, default=None)
    if best is None or best.position >= gathering.worth_less_than:
        return None
    texts = [*query.tokens[: best.begin], *best.words, *query.tokens[best.end :]]
    groups = [
        (Word(text, edits=int(text in best.words), begins=query.unfinished and place == len(texts) - 1),)
        for place, text in enumerate(texts)
    ]
    return Reading(" ".join(texts), tuple(groups))


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
    for place in gathering.unknown:
        token = query.tokens[place]
        for cut in range(_SHORTEST_PART, len(token) - _SHORTEST_PART + 1):
            if not lexicon.begins(token[:cut]):
                break
            first = lexicon.position(token[:cut])
            second = first and lexicon.position(token[cut:])
            if second:
                yield _Option(max(first, second), place, place + 1, (token[:cut], token[cut:]))


def _with_firsts(query: Query, groups: Sequence[tuple[Word, ...]]) -> Reading:
    replaced = {token: group[0].text for token, group in zip(query.tokens, groups, strict=True)}
    return Reading(reworded(query.text, replaced), tuple(groups))
