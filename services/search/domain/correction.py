"""What a query was taken to mean in the end: the words that were looked for, and how a person would type them."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from services.search.domain.candidates.index import Candidate
from services.search.domain.candidates.reading import Reading, Wordings
from services.search.domain.query import Query
from services.search.domain.search import Correction
from services.search.domain.words.normalise import fold


class Meaning(NamedTuple):
    """What was looked for, folded."""

    words: tuple[str, ...]
    """The last is a beginning."""
    wanted: tuple[str, ...] = ()
    """The same as a person would type it, a word that was begun finished; empty where no letter was changed."""


def meaning(query: Query, reading: Reading, best: Candidate) -> Meaning:
    """Return what the reading that found the best candidate made of the query."""
    phrase = Wordings(reading).of(best.title, best.artists)
    if not phrase.edits:
        return Meaning(phrase.words)
    *words, last = phrase.words
    return Meaning(phrase.words, (*words, last if last in query.tokens else _finished(last, best)))


def correction(query: Query, meant: Meaning) -> Correction | None:
    """Return the query as it was typed with the words that were changed; None where no letter was."""
    if not meant.wanted:
        return None
    typed = {fold(piece): piece for piece in query.typed.split()}
    pieces = [typed.get(word, word) for word in meant.wanted]
    return Correction(" ".join(pieces), tuple(_changed(pieces, set(typed.values()))))


def _changed(pieces: Sequence[str], typed: set[str]) -> Iterator[tuple[int, int]]:
    begin = 0
    for piece in pieces:
        if piece not in typed:
            yield begin, begin + len(piece)
        begin += len(piece) + 1


def _finished(beginning: str, best: Candidate) -> str:
    words = f"{best.title} {best.artists}".split()
    return next((word for word in words if word.startswith(beginning)), beginning)
