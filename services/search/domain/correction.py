"""What a query was taken to mean in the end: the words that were looked for, and how a person would type them."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from services.search.domain.candidates.candidate import Candidate
from services.search.domain.candidates.reading import Phrase, Reading, Wordings
from services.search.domain.query import Query
from services.search.domain.search import Correction
from services.search.domain.words.normalise import composed, fold, query_tokens
from services.search.domain.words.synonyms import SYNONYMS

_WORD = re.compile(r"(?<!\S)[\W\d_]*([^\W\d_])\S*")
"""What is typed between spaces, and its first letter."""


class Meaning(NamedTuple):
    """What was looked for, folded."""

    words: tuple[str, ...]
    """The last is a beginning."""
    wanted: tuple[str, ...] = ()
    """The same as a person would type it, a word that was begun finished; empty where that is what was typed, or where
    words had to be left out to find anything."""
    alternatives: tuple[str, ...] = ()
    """What else would have done in place of a word that differs from what was typed."""


class _Piece(NamedTuple):
    text: str
    changed: bool = False


def meaning(query: Query, reading: Reading, best: Candidate) -> Meaning:
    """Return what the reading that found the best candidate made of the query."""
    phrase = Wordings(reading, _itself).of(best.text)
    corrected = {word.text for group in reading.groups for word in group if word.edits}
    if not corrected:
        return Meaning(phrase.words)
    alternatives = tuple(sorted(corrected.difference(phrase.words)))
    core = query.without_noise()
    if not phrase.edits or _lacks_some(reading, core):
        return Meaning(phrase.words, alternatives=alternatives)
    *words, last = _as_typed(core, phrase.words)
    return Meaning(phrase.words, (*words, last if last in query.tokens else _finished(last, best)), alternatives)


def _itself(phrase: Phrase) -> Phrase:
    return phrase


def correction(query: Query, meant: Meaning) -> Correction | None:
    """Return the query as it was typed with the words that were changed; None where none was, or some were left out."""
    if not meant.wanted:
        return None
    pieces = list(_pieces(query, meant.wanted))
    return Correction(" ".join(piece.text for piece in pieces), tuple(_changed(pieces)))


def _lacks_some(reading: Reading, core: Query) -> bool:
    """Whether the reading does without words: it has as many as were typed, or their letters parted otherwise."""
    if reading.at_least:
        return True
    words = [group[0].text for group in reading.groups]
    return len(words) != len(core.tokens) and "".join(words) != "".join(core.tokens)


def _as_typed(core: Query, words: Sequence[str]) -> Sequence[str]:
    """Return the words with those that are only another way to write what was typed as they were typed."""
    if len(words) != len(core.tokens):
        return words
    return [token if word in SYNONYMS.get(token, ()) else word for token, word in zip(core.tokens, words, strict=True)]


def _finished(beginning: str, best: Candidate) -> str:
    words = f"{best.title} {best.artists}".split()
    return next((word for word in words if word.startswith(beginning)), beginning)


def _pieces(query: Query, wanted: Sequence[str]) -> Iterator[_Piece]:
    """Yield what was typed for as many words as it stands for, and between these the words that were changed."""
    fold_piece = str if query.typed == query.text else fold
    typed = {query_tokens(fold_piece(piece)): piece for piece in query.typed.split()}
    longest_first = sorted(filter(None, typed), key=len, reverse=True)
    in_case = _case(query.typed)
    place = 0
    while place < len(wanted):
        word = wanted[place]
        begin_so = (tokens for tokens in longest_first if tokens[0] == word)
        tokens = next((tokens for tokens in begin_so if tokens == wanted[place : place + len(tokens)]), ())
        yield _Piece(typed[tokens]) if tokens else _Piece(in_case(composed(word)), word not in query.tokens)
        place += max(1, len(tokens))


def _case(typed: str) -> Callable[[str], str]:
    """Return what writes a word as all of these are: in capitals, with a capital, or as it is."""
    if typed.isupper():
        return str.upper
    return str.capitalize if "".join(_WORD.findall(typed)).isupper() else str


def _changed(pieces: Iterable[_Piece]) -> Iterator[tuple[int, int]]:
    begin = 0
    for text, changed in pieces:
        if changed:
            yield begin, begin + len(text)
        begin += len(text) + 1
