"""A query's words as they stand."""

from services.search.domain.candidates.reading import Reading, Word
from services.search.domain.query import Query
from services.search.domain.words.synonyms import SYNONYMS


def literal(query: Query) -> Reading:
    """Read the words as they stand, or as the other way to write a number or an abbreviation."""
    last = len(query.tokens) - 1 if query.unfinished else None
    groups = [(Word(token, 0, place == last), *_synonyms(query, place)) for place, token in enumerate(query.tokens)]
    return Reading(query.text, tuple(groups))


def _synonyms(query: Query, place: int) -> tuple[Word, ...]:
    """Return the other ways to write a word. What has just been begun with one letter is a word like any other."""
    token = query.tokens[place]
    others = SYNONYMS.get(token)
    if not others or (len(token) == 1 and query.begins(place) and (token.isalpha() or place == 0)):
        return ()
    return tuple([Word(other) for other in others])
