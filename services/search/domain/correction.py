"""The query that was searched for in the end, as a person would type it."""

from collections.abc import Sequence

from services.search.domain.candidates import Candidate
from services.search.domain.normalise import fold
from services.search.domain.query import Query
from services.search.domain.reading import Phrase
from services.search.domain.search import Correction


def correction(query: Query, phrase: Phrase, best: Candidate) -> Correction | None:
    """Return what was searched for where letters were changed, each piece that was not as it was typed.

    An unfinished last word that was corrected is finished as the best hit has it.
    """
    if not phrase.edits:
        return None
    wanted = (
        [*phrase.words[:-1], _finished(phrase.words[-1], best)]
        if phrase.words[-1] not in query.tokens
        else phrase.words
    )
    pieces = _pieces(query, wanted)
    changed, begin, typed = [], 0, set(query.typed.split())
    for piece in pieces:
        if piece not in typed:
            changed.append((begin, begin + len(piece)))
        begin += len(piece) + 1
    return Correction(" ".join(pieces), tuple(changed))


def _pieces(query: Query, wanted: Sequence[str]) -> Sequence[str]:
    """Return the words that are wanted, as they were typed where they are the same."""
    typed = {fold(piece): piece for piece in query.typed.split()}
    return [typed.get(word, word) for word in wanted]


def _finished(beginning: str, best: Candidate) -> str:
    words = f"{best.title} {best.artists}".split()
    return next((word for word in words if word.startswith(beginning)), beginning)
