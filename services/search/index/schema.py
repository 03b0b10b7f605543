"""The index's files: what is in them, and how a document becomes a row. Change anything and count FORMAT_VERSION up.

`terms` is an FTS5 index without content: from a token, or the beginning of one, to the documents that have it. The
lexicon has the same for whole words as plain lists, and the features what filters, rankers and answers need. The
row number of all is the document's place by popularity, 1 for the most popular, all kinds in one order, since the
catalogue promises that popularity compares across kinds; equals stand in the order of the export, artists first. So the
most popular fifty of a million matches are the first fifty, and a search stops there.

The tokens come normalised from the domain; FTS5's `ascii` tokenizer only splits them at spaces. Beginnings of up to
five characters have lists of their own, so that one letter is as quick as a word; so few documents have what many words
with more letters in common begin with that they are put in order when they are asked for. Position lists (`detail`) and
lengths (`columnsize`) would serve phrase queries and BM25 scores, which nothing here asks for, at twice the size.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from services.search.domain.document import ArtistName, Document, Kind
from services.search.domain.words.compounds import compounds
from services.search.domain.words.normalise import fold, index_tokens
from services.search.domain.words.romanise import latin

FORMAT_VERSION = 6

TERMS, FEATURES, HITS = "index.db", "features.bin", "hits.bin"
LEXICON, TITLES, IDENTITIES = "lexicon.bin", "titles.bin", "identities.bin"
HIDDEN = "hidden.bin"
"""Of a delta: the rows of its base that are superseded or gone, sorted, as 32-bit numbers, the low byte first."""

LONGEST_BEGINNING = 5
"""How many characters of a word FTS5 has lists for."""

TABLES = f"""
    CREATE VIRTUAL TABLE terms USING fts5(
        words, content='', columnsize=0, detail=none,
        prefix='{" ".join(map(str, range(1, LONGEST_BEGINNING + 1)))}', tokenize='ascii');
"""


class Row(NamedTuple):
    """What the index has of a document."""

    words: str
    """Each once, between spaces."""
    explicit: int
    markets: str
    kind: int
    title: str
    artists: str
    popularity: int
    hit: bytes


_PRIVATE_USE = 0xE000
_MAX_INTEGER = 2**63 - 1
"""What SQLite can hold; the catalogue counts a bit further."""


NO_TOKEN = chr(_PRIVATE_USE)
"""A token that no document has, and no text folds to."""


def kind_token(kind: Kind) -> str:
    """Return the token that every document of the kind has; no text folds to it."""
    return chr(_PRIVATE_USE + kind)


def row(document: Document, hit: bytes) -> Row:
    """Return the document as a row of the index."""
    artists = document.credit or ", ".join([artist.name for artist in document.artists])
    others = [*document.aliases, *_other_names(document.artists, artists)]
    title, credit = fold(document.title), fold(artists)
    forms = [title, credit]
    if others:
        forms.append(fold(" ".join(others)))
    text = " ".join([document.title, artists, *others])
    forms += filter(None, (latin(text), compounds(text)))
    tokens = dict.fromkeys(index_tokens(" ".join(forms)))
    return Row(
        " ".join([kind_token(document.kind), *tokens]),
        int(document.explicit),
        " ".join(document.markets),
        int(document.kind),
        title,
        credit,
        min(document.popularity, _MAX_INTEGER),
        hit,
    )


def _other_names(artists: Iterable[ArtistName], credit: str) -> Iterator[str]:
    """Yield what else a document is found by than its credit, though it is not shown.

    A track is not found by its album's title: the album itself is, and its tracks would crowd the answer.
    """
    for artist in artists:
        if artist.name not in credit:
            yield artist.name
        yield from artist.aliases
