"""What a query was taken to mean in the end: the words that were looked for, and how a person would type them."""

from collections.abc import Sequence
from typing import NamedTuple

from services.search.domain.candidates import Candidate
from services.search.domain.normalise import fold
from services.search.domain.query import Query
from services.search.domain.reading import Phrase, Reading, Wordings
from services.search.domain.search import Correction


class Meaning(NamedTuple):
    """What was looked for."""

    words: tuple[str, ...]
    """Folded, the last as a beginning."""
    correction: Correction | None = None
    """Where letters were changed."""


def meaning(query: Query, reading: Reading, best: Candidate) -> Meaning:
    """Return what the reading that found the best candidate made of the query."""
    phrase = Wordings(reading).of(best.title, best.artists)
    if phrase.words == query.tokens:
        return Meaning(query.tokens)
    words = dict.fromkeys((*query.tokens, *phrase.words))
    del words[phrase.words[-1]]
    return Meaning((*words, phrase.words[-1]), _correction(query, phrase, best) if phrase.edits else None)


def _correction(query: Query, phrase: Phrase, best: Candidate) -> Correction:
    """Return the query as it was typed with the words that were changed; a last one that was begun is finished."""
    typed = {fold(piece): piece for piece in query.typed.split()}
    *words, last = phrase.words
    wanted = [*words, last if last in typed else _finished(last, best)]
    pieces = [typed.get(word, word) for word in wanted]
    return Correction(" ".join(pieces), tuple(_changed(pieces, set(typed.values()))))


def _changed(pieces: Sequence[str], typed: set[str]) -> Sequence[tuple[int, int]]:
    ranges, begin = [], 0
    for piece in pieces:
        if piece not in typed:
            ranges.append((begin, begin + len(piece)))
        begin += len(piece) + 1
    return ranges


def _finished(beginning: str, best: Candidate) -> str:
    words = f"{best.title} {best.artists}".split()
    return next((word for word in words if word.startswith(beginning)), beginning)
