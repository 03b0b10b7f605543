"""Readings in FTS5's query language, put so that rare words are looked for first.

FTS5 flattens what is joined by AND and moves on in the lists of all words for every document of any. Nested, a common
word is only looked up for what has the rarer ones; an OR with a word that nothing has keeps the nesting from being
flattened. For a title with its artist, in a million tracks, that is a third of the time.
"""

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import TypeAlias

from services.search.domain.candidates.reading import Reading, Word
from services.search.domain.document import Kind
from services.search.index.schema import NO_TOKEN, kind_token

Count: TypeAlias = Callable[[Word], int]
"""Tells how many documents have a word, or have about so many."""

_WORTH_SORTING = 3
"""How many groups there are at least for their order to matter."""


def expression(reading: Reading, kinds: frozenset[Kind], count: Count) -> str:
    """Return what to look for; nothing where a group has words that no document has.

    Words hold only letters and digits; quoted, none can be an operator.
    """
    if reading.at_least:
        some = combinations([_any_of(reading.groups[place]) for place in reading.rarest], reading.at_least)
        words = " OR ".join(f"({_nested(groups)})" for groups in some)
    else:
        words = _nested([_any_of(group) for group in _rarest_first(reading.groups, count)])
    if not words:
        return words
    if len(kinds) == len(Kind):
        return words
    of_kinds = " OR ".join(_quoted(kind_token(kind)) for kind in sorted(kinds))
    return _nested([f"({words})", f"({of_kinds})"])


def _rarest_first(groups: Sequence[tuple[Word, ...]], count: Count) -> Sequence[tuple[Word, ...]]:
    """Return each group once, rare ones first; none where one has no documents."""
    if len(groups) < _WORTH_SORTING:
        return groups
    counts = {group: sum(map(count, group)) for group in groups}
    return sorted(counts, key=counts.__getitem__) if all(counts.values()) else ()


def _nested(groups: Sequence[str]) -> str:
    nested = "".join(groups[:1])
    for place, group in enumerate(groups[1:], start=2):
        nested = f"{nested} AND {group}"
        if place < len(groups):
            nested = f"(({nested}) OR {_quoted(NO_TOKEN)})"
    return nested


def _any_of(group: Sequence[Word]) -> str:
    words = [_quoted(word.text) + "*" if word.begins else _quoted(word.text) for word in group]
    return words[0] if len(words) == 1 else "(" + " OR ".join(words) + ")"


def _quoted(token: str) -> str:
    return f'"{token}"'
