"""The index in plain sight: it looks through every document, to compare the real one with."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.search.domain.candidates import SLOTS, Candidate, Found, Index, Reading, Window
from services.search.domain.document import Document
from services.search.domain.normalise import fold, index_tokens
from services.search.domain.query import Filters


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
        self._entries = [_entry(place * SLOTS, document) for place, document in enumerate(by_popularity, start=1)]

    def find(self, reading: Reading, filters: Filters, window: Window) -> Found:
        """Return the most popular documents after the position that have a word of every group."""
        found = [
            entry.candidate
            for entry in self._entries
            if entry.candidate.position > window.after and _answers(entry, reading) and _passes(entry.document, filters)
        ]
        return Found(found[: window.limit])


@dataclass(frozen=True, slots=True)
class Hasty:
    """Another index whose time is always up after so many candidates."""

    index: Index
    most: int
    name: str = "hasty"

    def find(self, reading: Reading, filters: Filters, window: Window) -> Found:
        """Return what the other index finds, cut."""
        found = self.index.find(reading, filters, window).candidates
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
        explicit=int(document.explicit),
        local=int(bool(document.markets)),
    )
    return Entry(document, frozenset(token for text in texts for token in index_tokens(fold(text))), candidate)


def _answers(entry: Entry, reading: Reading) -> bool:
    *whole, last = reading.groups
    return all(any(word.text in entry.tokens for word in group) for group in whole) and any(
        token.startswith(word.text) for word in last for token in entry.tokens
    )


def _passes(document: Document, filters: Filters) -> bool:
    playable = not filters.market or not document.markets or filters.market in document.markets
    return playable and document.kind in filters.kinds and not (filters.hide_explicit and document.explicit)
