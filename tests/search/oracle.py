"""The index in plain sight: it looks through every document and every word, to compare the real one with."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from services.search.domain.candidates.candidate import Candidate
from services.search.domain.candidates.edits import distance
from services.search.domain.candidates.index import SLOTS, Found, Index, Window
from services.search.domain.candidates.lexicon import Lexicon, Near
from services.search.domain.candidates.reading import Reading, Word
from services.search.domain.document import Document
from services.search.domain.query import Filters
from services.search.domain.search import Match
from services.search.domain.words.normalise import fold
from services.search.index.schema import row


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
        self.entries = [_entry(place * SLOTS, document) for place, document in enumerate(by_popularity, start=1)]
        self.lexicon = OracleLexicon(self.entries)

    def find(self, reading: Reading, filters: Filters, window: Window) -> Found:
        """Return the most popular documents after the position that have a word of every group."""
        return self._found(lambda entry: _answers(entry, reading), filters, window)

    def titled(self, title: str, filters: Filters, window: Window) -> Found:
        """Return the most popular documents after the position that have the title."""
        return self._found(lambda entry: entry.candidate.title == title, filters, window)

    def at(self, positions: Sequence[int]) -> Sequence[Candidate]:
        """Return the candidates at the positions."""
        return [self.entries[position // SLOTS - 1].candidate for position in positions]

    def hits(self, positions: Sequence[int]) -> Sequence[bytes]:
        """Return the ids of the documents at the positions."""
        return [hit(self.entries[position // SLOTS - 1].document) for position in positions]

    def _found(self, answers: Callable[[Entry], bool], filters: Filters, window: Window) -> Found:
        found = [
            entry.candidate
            for entry in self.entries
            if entry.candidate.position > window.after and answers(entry) and _passes(entry.document, filters)
        ]
        return Found(found[: window.limit])


class OracleLexicon:
    """Knows words by looking at every one."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._positions: defaultdict[str, list[int]] = defaultdict(list)
        for entry in entries:
            for token in entry.tokens:
                self._positions[token].append(entry.candidate.position)

    def position(self, word: str) -> int:
        """Return the first position that has the word."""
        return self._positions[word][0] if word in self._positions else 0

    def count(self, word: str) -> int:
        """Return how many documents have the word."""
        return len(self._positions.get(word, ()))

    def begins(self, beginning: str) -> bool:
        """Whether a word begins so."""
        return any(token.startswith(beginning) for token in self._positions)

    def near(self, word: str, edits: int, *, unfinished: bool) -> list[Near]:
        """Return whole words only, whether or not more of the word was to come."""
        del unfinished
        near = [Near(distance(word, token, edits), self.position(token), token) for token in self._positions]
        return sorted(each for each in near if each.edits == edits)


@dataclass(frozen=True, slots=True)
class Hasty:
    """Another index whose time is always up after so many candidates."""

    index: Index
    most: int
    name: str = "hasty"

    @property
    def lexicon(self) -> Lexicon:
        """Return the other's words."""
        return self.index.lexicon

    def find(self, reading: Reading, filters: Filters, window: Window) -> Found:
        """Return what the other index finds, cut."""
        return self._cut(self.index.find(reading, filters, window))

    def titled(self, title: str, filters: Filters, window: Window) -> Found:
        """Return what the other index finds, cut."""
        return self._cut(self.index.titled(title, filters, window))

    def at(self, positions: Sequence[int]) -> Sequence[Candidate]:
        """Return the candidates at the positions."""
        return self.index.at(positions)

    def hits(self, positions: Sequence[int]) -> Sequence[bytes]:
        """Return the hits at the positions."""
        return self.index.hits(positions)

    def _cut(self, found: Found) -> Found:
        return Found(found.candidates[: self.most], cut=len(found.candidates) > self.most)


def hit(document: Document) -> bytes:
    """Return the bytes that stand for a document in tests: its id."""
    return document.id.encode()


def ids(index: Index, found: Found) -> list[str]:
    """Return the ids of what an index has found, whose hits are ids."""
    return [each.decode() for each in index.hits([candidate.position for candidate in found.candidates])]


def shown(hits: Sequence[Match]) -> list[str]:
    """Return the ids of what is shown, whose hits are ids."""
    return [match.hit.decode() for match in hits]


def _entry(position: int, document: Document) -> Entry:
    names = [artist.name for artist in document.artists]
    candidate = Candidate.of(
        position=position,
        kind=document.kind,
        title=fold(document.title),
        artists=fold(document.credit or " ".join(names)),
        popularity=document.popularity,
        explicit=document.explicit,
        local=bool(document.markets),
    )
    return Entry(document, frozenset(row(document, b"").words.split()), candidate)


def _answers(entry: Entry, reading: Reading) -> bool:
    found = [any(_has(entry.tokens, word) for word in group) for group in reading.groups]
    return sum(found[place] for place in reading.rarest) >= reading.at_least if reading.at_least else all(found)


def _has(tokens: frozenset[str], word: Word) -> bool:
    return any(token.startswith(word.text) for token in tokens) if word.begins else word.text in tokens


def _passes(document: Document, filters: Filters) -> bool:
    playable = not filters.market or not document.markets or filters.market in document.markets
    return playable and document.kind in filters.kinds and not (filters.hide_explicit and document.explicit)
