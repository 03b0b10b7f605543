"""The fairest peer: our own engine with tantivy in place of our index of words. What differs is retrieval alone.

Folding, words, speller, readings of a query, sources, ranker and what a hit shows are ours, in the same process.
tantivy holds the same words of each document as our index, and the first 1 to 12 letters of each. Documents lie in the
order of popularity, in one segment, so a document's number is its place. Every term scores the same, and among equals
the first documents are returned: that is cheaper than to order by a field, which is read for every match.
"""

import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count, tee
from pathlib import Path

import tantivy
from tantivy import Occur, Order, Query

from benchmarks.ours import Backline, OpenBackline
from benchmarks.peers.tantivy_index import SPLIT, has, open_index
from benchmarks.peers.tantivy_two_phase import LONGEST_START, starts
from services.search.domain import engine as search_engine
from services.search.domain.candidates import SLOTS, Candidate, Found, Window
from services.search.domain.document import Document
from services.search.domain.lexicon import Lexicon
from services.search.domain.query import Filters
from services.search.domain.reading import Reading, Word
from services.search.index import reader
from services.search.index.generations import survey
from services.search.index.schema import row
from services.search.index.sqlite_index import SqliteIndex

OUR_INDEX = "ours"
"""The folder within the peer's where our index is, unless it is a link to one that stands already."""
_UNHURRIED = search_engine.Options(budget_s=60.0)
_EVERYTHING = Filters()
_MOST_PLAYS, _MOST_DOCUMENTS = 1 << 40, 1 << 22


@dataclass(frozen=True, slots=True)
class TantivyRetrieval:
    """Our engine over tantivy."""

    name: str = "tantivy_retrieval"

    @contextmanager
    def open(self, documents: Iterable[Document], folder: Path) -> Generator[OpenBackline, None, None]:
        """Build our index and tantivy's where the folder has none, and open both."""
        with open_over_tantivy(documents, folder) as index:
            yield OpenBackline(search_engine.Engine(index, None, frozenset(), time.monotonic, _UNHURRIED))


class TantivyIndex:
    """Our index, in which tantivy looks for the words. It finds first pages of everything, as benchmarks ask."""

    def __init__(self, ours: SqliteIndex, terms: tantivy.Index) -> None:
        self.ours = ours
        self._schema, self._searcher = terms.schema, terms.searcher()

    @property
    def name(self) -> str:
        """Return the name of our generation."""
        return self.ours.name

    @property
    def lexicon(self) -> Lexicon:
        """Return our words."""
        return self.ours.lexicon

    def find(self, reading: Reading, filters: Filters, window: Window) -> Found:
        """Return the first candidates that answer the reading."""
        if filters != _EVERYTHING or window.after:
            raise NotImplementedError
        found = self._searcher.search(wanted(self._schema, reading), window.limit, count=False).hits
        return Found(self.at([(address.doc + 1) * SLOTS for _, address in found]))

    def titled(self, title: str, filters: Filters, window: Window) -> Found:
        """Return the first candidates whose folded title is this."""
        return self.ours.titled(title, filters, window)

    def at(self, positions: Sequence[int]) -> list[Candidate]:
        """Return the candidates at these positions, in their order."""
        return self.ours.at(positions)


@contextmanager
def open_over_tantivy(documents: Iterable[Document], folder: Path) -> Generator[TantivyIndex, None, None]:
    """Build both indexes where the folder has none, and open them."""
    for_ours, for_tantivy = tee(documents)  # neither is gone through where its index is there already
    with ExitStack() as opened:
        opened.enter_context(Backline().open(for_ours, folder / OUR_INDEX))
        generation = survey(folder / OUR_INDEX).newest
        assert generation is not None  # noqa: S101 - it was opened just now
        ours = opened.enter_context(reader.open_index(generation, time.monotonic))
        terms = open_index(_schema(), folder / "tantivy", ("place", Order.Asc), _entries(for_tantivy))
        yield TantivyIndex(ours, terms)


def wanted(schema: tantivy.Schema, reading: Reading) -> Query:
    """Return the query for a word of each group, or of as many as are enough."""
    groups = [_any_of(schema, group) for group in reading.groups]
    if reading.at_least:
        some = [(Occur.Should, group) for group in groups[: reading.of_first]]
        return Query.const_score_query(Query.boolean_query(some, reading.at_least), 1.0)
    return groups[0] if len(groups) == 1 else Query.boolean_query([(Occur.Must, group) for group in groups])


def _any_of(schema: tantivy.Schema, words: Sequence[Word]) -> Query:
    terms = [
        has(schema, "starts", word.text[:LONGEST_START]) if word.begins else has(schema, "words", word.text)
        for word in words
    ]
    return terms[0] if len(terms) == 1 else Query.disjunction_max_query(terms)


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for field in ("words", "starts"):
        builder.add_text_field(field, tokenizer_name=SPLIT, index_option="basic")
    builder.add_unsigned_field("place", fast=True)
    return builder.build()


def _entries(documents: Iterable[Document]) -> Iterator[tantivy.Document]:
    """Yield an entry for each; the most popular have the first places, and equals stand as they come."""
    for number, document in zip(count(), documents, strict=False):
        words, *_ = row(document, b"")
        entry = tantivy.Document()
        entry.add_text("words", words)
        entry.add_text("starts", " ".join(starts(words.split())))
        entry.add_unsigned("place", (_MOST_PLAYS - document.popularity) * _MOST_DOCUMENTS + number)
        yield entry
