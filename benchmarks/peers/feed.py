"""What every peer is fed: documents and queries as words of the same spelling, and the same bytes to answer with.

Peers get search's own folding and cutting into tokens, for documents and for queries. That is more than their analysers
offer (no tokenizer of either knows that "A$AP" is "asap", or cuts Japanese into pairs), and in their favour. What a
list of results shows of a hit is kept by each of them as it is by ours: the bytes of a Hit, which a page has to fetch.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from services.search.domain.document import Document, Kind
from services.search.domain.words.normalise import MAX_QUERY_CHARS, fold, index_tokens, query_tokens

KIND_WEIGHTS: Mapping[Kind, int] = MappingProxyType({Kind.ARTIST: 4, Kind.ALBUM: 2, Kind.TRACK: 1})
"""An artist goes before the album named after it: a weighted popularity is what any team would index."""


@dataclass(frozen=True, slots=True)
class Words:
    """A document's words, each once."""

    titles: tuple[str, ...]
    """Its title and its aliases, whole."""
    title: tuple[str, ...]
    """The words of these."""
    others: tuple[str, ...]
    """Of the credit and the artists' names, without those of the title."""

    @classmethod
    def of(cls, document: Document) -> "Words":
        """Return the words that a document is found by."""
        credited = [document.credit]
        for artist in document.artists:
            credited += (artist.name, *artist.aliases)
        titles = dict.fromkeys(map(fold, (document.title, *document.aliases)))
        title = dict.fromkeys(index_tokens(" ".join(titles)))
        others = dict.fromkeys(index_tokens(fold(" ".join(credited))))
        return cls(tuple(titles), tuple(title), tuple(word for word in others if word not in title))

    @property
    def all(self) -> tuple[str, ...]:
        """Return all of them, the title's first."""
        return self.title + self.others


@dataclass(frozen=True, slots=True)
class Asked:
    """A query as words."""

    text: str
    words: tuple[str, ...]
    """The last may be the beginning of one."""

    @classmethod
    def of(cls, typed: str) -> "Asked":
        """Return the words of what was typed."""
        text = fold(typed[:MAX_QUERY_CHARS])
        return cls(text, query_tokens(text))


def weight(document: Document) -> int:
    """Return the popularity that peers rank by."""
    return document.popularity * KIND_WEIGHTS[document.kind]
