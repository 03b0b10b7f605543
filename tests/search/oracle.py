"""The index in plain sight: a candidate source that looks through every document, to compare the real one with."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.search.domain.candidates import Candidate, Found
from services.search.domain.document import Document
from services.search.domain.normalise import fold, index_tokens
from services.search.domain.query import Filters, Query


@dataclass(frozen=True, slots=True)
class Entry:
    """A document with what it is found by."""

    document: Document
    tokens: frozenset[str]
    candidate: Candidate


class Oracle:
    """Finds by looking at everything. Its hits are the documents' ids."""

    name = "oracle"

    def __init__(self, documents: Iterable[Document]) -> None:
        by_popularity = sorted(documents, key=lambda document: -document.popularity)
        self._entries = [_entry(place, document) for place, document in enumerate(by_popularity, start=1)]

    def find(self, query: Query, after: int, limit: int) -> Found:
        """Return the most popular documents after the position that have all tokens, the last as a prefix."""
        found = [entry.candidate for entry in self._entries[after:] if _answers(entry, query)]
        return Found(found[:limit])


@dataclass(frozen=True, slots=True)
class Hasty:
    """Another source that never finds more than so many candidates at a time before its time is up."""

    source: Oracle
    most: int
    name: str = "hasty"

    def find(self, query: Query, after: int, limit: int) -> Found:
        """Return what the other source finds, cut."""
        found = self.source.find(query, after, limit).candidates
        return Found(found[: self.most], cut=len(found) > self.most)


def hit(document: Document) -> bytes:
    """Return the bytes that stand for a document in tests: its id."""
    return document.id.encode()


def ids(candidates: Sequence[Candidate]) -> list[str]:
    """Return the ids of candidates whose hits are ids."""
    return [candidate.hit.decode() for candidate in candidates]


def _entry(position: int, document: Document) -> Entry:
    names = [artist.name for artist in document.artists]
    texts = [document.title, document.credit, *document.aliases, *names]
    for artist in document.artists:
        texts += artist.aliases
    candidate = Candidate(
        position=position,
        kind=document.kind,
        title=fold(document.title),
        artists=fold(document.credit or " ".join(names)),
        popularity=document.popularity,
        hit=hit(document),
    )
    return Entry(document, frozenset(token for text in texts for token in index_tokens(fold(text))), candidate)


def _answers(entry: Entry, query: Query) -> bool:
    *whole, beginning = query.tokens
    has_words = entry.tokens.issuperset(whole) and any(token.startswith(beginning) for token in entry.tokens)
    return has_words and _passes(entry.document, query.filters)


def _passes(document: Document, filters: Filters) -> bool:
    playable = not filters.market or not document.markets or filters.market in document.markets
    return playable and document.kind in filters.kinds and not (filters.hide_explicit and document.explicit)
