"""tantivy as a team would set it up for search as you type: exact and prefix matches first, then fuzzy ones.

Settings, and why:

- Index. `words` holds whole words, `starts` the first 1 to 12 letters of each, so that a prefix is one term and no walk
  through the dictionary; `title_words` and `title` lift what is in the title and what is the title. None of them needs
  positions or frequencies (`basic`): in texts of a few words every word counts once, and constant scores told better
  than BM25. Documents lie in the order of popularity (`sort_by_field`), in one segment, from one commit.
- Score. The sum of the matches' constant scores times the logarithm of popularity (`weight_by_field`), as its manual
  has it for popularity. Ordering by popularity alone is a quarter cheaper and finds less. Nothing is counted
  (`count=False`).
- First phase: every word, the last as a prefix. Second phase, where that finds nothing: words within one edit from four
  letters and two from eight, transpositions counted as one, the last also as a prefix; half of the words may be absent
  (`minimum_number_should_match`), which finds what has words too many, at twice the cost of demanding them all.

Measured on the way to these, at a hundred thousand tracks, as Success@1: BM25 -.02; without the title's fields -.02;
three times the weight for words of the title -.01; twice that for words as typed -.02; the second phase below five hits
instead of none, no gain at 1.4 times the cost; all words demanded -.11.
"""

from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import tantivy
from tantivy import Occur, Order, Query

from benchmarks.peers.feed import Asked, Words, weight
from benchmarks.peers.tantivy_index import SPLIT, has, open_index
from services.search.api.wire import encode_hit
from services.search.domain.document import Document

LONGEST_START = 12
_ONE_EDIT_FROM, _TWO_EDITS_FROM = 4, 8
_WHOLE_TITLE, _TITLE_WORD, _EXACT_WORD = 1.0, 0.1, 1.25
"""Scores beside the 1.0 of a word that matches."""


@dataclass(frozen=True, slots=True)
class TantivyTwoPhase:
    """tantivy on its own."""

    name: str = "tantivy"

    @contextmanager
    def open(self, documents: Iterable[Document], folder: Path) -> Generator["OpenTantivy", None, None]:
        """Build the index where the folder has none, and open it."""
        yield OpenTantivy(open_index(_schema(), folder, ("weight", Order.Desc), map(_entry, documents)))


class OpenTantivy:
    """An open index."""

    def __init__(self, index: tantivy.Index) -> None:
        self._schema, self._searcher = index.schema, index.searcher()

    def search(self, typed: str, limit: int) -> Sequence[bytes]:
        """Return the hits of the first phase that finds any."""
        asked = Asked.of(typed)
        if not asked.words:
            return []
        found = self._found(exactly(self._schema, asked), limit) or self._found(roughly(self._schema, asked), limit)
        return [self._searcher.doc(address)["hit"][0] for address in found]

    def _found(self, query: Query, limit: int) -> Sequence[tantivy.DocAddress]:
        found = self._searcher.search(query, limit, count=False, weight_by_field="weight")
        return [address for _, address in found.hits]


def starts(words: Iterable[str]) -> Iterable[str]:
    """Return what each word may begin with, each once."""
    return dict.fromkeys(word[:length] for word in words for length in range(1, min(len(word), LONGEST_START) + 1))


def edits(word: str) -> int:
    """Return how many edits a word may be away from what was typed."""
    return (len(word) >= _ONE_EDIT_FROM) + (len(word) >= _TWO_EDITS_FROM)


def exactly(schema: tantivy.Schema, asked: Asked) -> Query:
    """Return the first phase: every word, the last as a prefix."""
    *whole, last = asked.words
    wanted = [(Occur.Must, has(schema, "words", word)) for word in whole]
    wanted.append((Occur.Must, has(schema, "starts", last[:LONGEST_START])))
    liked = [has(schema, "title", asked.text, _WHOLE_TITLE), *_in_title(schema, asked)]
    return Query.boolean_query([*wanted, *((Occur.Should, query) for query in liked)])


def roughly(schema: tantivy.Schema, asked: Asked) -> Query:
    """Return the second phase: at least half of the words, or words a few edits away."""
    count = len(asked.words)
    words = [_like(schema, word, last=number == count) for number, word in enumerate(asked.words, 1)]
    wanted = Query.boolean_query([(Occur.Should, word) for word in words], count - count // 2)
    liked = [(Occur.Should, query) for query in _in_title(schema, asked)]
    return Query.boolean_query([(Occur.Must, wanted), *liked])


def _like(schema: tantivy.Schema, word: str, *, last: bool) -> Query:
    if not edits(word):
        return has(schema, "starts" if last else "words", word, _EXACT_WORD)
    fuzzy = Query.fuzzy_term_query(schema, "words", word, edits(word), transposition_cost_one=True, prefix=last)
    return Query.disjunction_max_query([fuzzy, has(schema, "words", word, _EXACT_WORD)])


def _in_title(schema: tantivy.Schema, asked: Asked) -> list[Query]:
    return [has(schema, "title_words", word, _TITLE_WORD) for word in asked.words]


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for field in ("words", "starts", "title_words"):
        builder.add_text_field(field, tokenizer_name=SPLIT, index_option="basic")
    builder.add_text_field("title", tokenizer_name="raw", index_option="basic")
    builder.add_unsigned_field("weight", fast=True)
    builder.add_bytes_field("hit", stored=True)
    return builder.build()


def _entry(document: Document) -> tantivy.Document:
    words, entry = Words.of(document), tantivy.Document()
    entry.add_text("words", " ".join(words.all))
    entry.add_text("starts", " ".join(starts(words.all)))
    entry.add_text("title_words", " ".join(words.title))
    for title in words.titles:
        entry.add_text("title", title)
    entry.add_unsigned("weight", weight(document))
    entry.add_bytes("hit", encode_hit(document))
    return entry
