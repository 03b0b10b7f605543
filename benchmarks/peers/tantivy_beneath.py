"""The fairest peer: our own engine, with tantivy in place of our index.

Folding, words, speller, readings of a query, sources and ranker are ours, in the same process. tantivy finds documents
by the same words as our index, by the first 1 to 12 letters of each, and keeps what ranker and answers need of them:
numbers as fast fields, texts as stored ones. Documents lie in the order of popularity, in one segment, so a document's
number is its place. Every term scores the same, and among equals the first documents are returned: that is cheaper than
to order by a field, which is read for every match.

Fairer than fair, and told beside it: only the words are looked for with tantivy, and our files give the documents.
"""

import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import tee
from pathlib import Path

import tantivy
from tantivy import Occur, Order, Query

from benchmarks.ours import Backline, OpenBackline
from benchmarks.peers.tantivy_index import SPLIT, has, open_index
from benchmarks.peers.tantivy_two_phase import LONGEST_START, starts
from services.kit.errors import Invalid
from services.search.api.wire import encode_hit
from services.search.domain import engine as search_engine
from services.search.domain.candidates.candidate import Candidate
from services.search.domain.candidates.index import SLOTS, Found, Window
from services.search.domain.candidates.lexicon import Lexicon
from services.search.domain.candidates.reading import Reading, Word
from services.search.domain.document import Document
from services.search.domain.query import Filters
from services.search.index import reader
from services.search.index.generations import survey
from services.search.index.schema import row
from services.search.index.sqlite_index import SqliteIndex

OUR_INDEX = "ours"
"""The folder within the peer's where our index is, unless it is a link to one that stands already."""
_UNHURRIED = search_engine.Options(budget_s=60.0)
_EVERYTHING = Filters()
_MOST_PLAYS, _MOST_DOCUMENTS = 1 << 40, 1 << 22
_NUMBERS = ("kind", "popularity", "explicit", "local")


@dataclass(frozen=True, slots=True)
class TantivyBeneath:
    """Our engine over tantivy."""

    name: str = "tantivy_beneath"
    keeps_documents: bool = True
    """Whether documents come from tantivy, too."""

    @contextmanager
    def open(self, documents: Iterable[Document], folder: Path) -> Generator[OpenBackline, None, None]:
        """Build our index and tantivy's where the folder has none, and open both."""
        with open_over_tantivy(documents, folder, keeps_documents=self.keeps_documents) as index:
            yield OpenBackline(search_engine.Engine(index, None, frozenset(), time.monotonic, _UNHURRIED))


class TantivyIndex:
    """Our index, but for what tantivy does. It finds first pages of everything, as benchmarks ask."""

    def __init__(self, ours: SqliteIndex, terms: tantivy.Index, *, keeps_documents: bool) -> None:
        self.ours = ours
        self._schema, self._searcher = terms.schema, terms.searcher()
        self._keeps_documents = keeps_documents

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
            raise Invalid("This peer finds the first page of everything, as benchmarks ask, and no other.")
        found = self._searcher.search(wanted(self._schema, reading), window.limit, count=False).hits
        return Found(self.at([(address.doc + 1) * SLOTS for _, address in found]))

    def titled(self, title: str, filters: Filters, window: Window) -> Found:
        """Return the first candidates whose folded title is this."""
        return self.ours.titled(title, filters, window)

    def at(self, positions: Sequence[int]) -> list[Candidate]:
        """Return the candidates at these positions, in their order."""
        return self._kept(positions) if self._keeps_documents else self.ours.at(positions)

    def hits(self, positions: Sequence[int]) -> list[bytes]:
        """Return what to send of those at these positions, in their order."""
        if not self._keeps_documents:
            return self.ours.hits(positions)
        return [self._searcher.doc(_address(position))["hit"][0] for position in positions]

    def _kept(self, positions: Sequence[int]) -> list[Candidate]:
        addresses = [*map(_address, positions)]
        numbers = [self._searcher.fast_field_values(name, addresses) for name in _NUMBERS]
        texts = [self._texts(address) for address in addresses]
        return [
            Candidate.of(position, kind, title, artists, popularity, explicit=bool(explicit), local=bool(local))
            for position, (title, artists), kind, popularity, explicit, local in zip(
                positions, texts, *numbers, strict=True
            )
        ]

    def _texts(self, address: tantivy.DocAddress) -> tuple[str, str]:
        document = self._searcher.doc(address)
        return document["title"][0], document["artists"][0]


def _address(position: int) -> tantivy.DocAddress:
    return tantivy.DocAddress(0, position // SLOTS - 1)


@contextmanager
def open_over_tantivy(
    documents: Iterable[Document], folder: Path, *, keeps_documents: bool
) -> Generator[TantivyIndex, None, None]:
    """Build both indexes where the folder has none, and open them."""
    for_ours, for_tantivy = tee(documents)  # neither is gone through where its index is there already
    with ExitStack() as opened:
        opened.enter_context(Backline().open(for_ours, folder / OUR_INDEX))
        generation = survey(folder / OUR_INDEX).newest
        assert generation is not None  # noqa: S101 - it was opened just now
        ours = opened.enter_context(reader.open_index(generation, time.monotonic))
        terms = open_index(_schema(), folder / "tantivy", ("place", Order.Asc), _entries(for_tantivy))
        yield TantivyIndex(ours, terms, keeps_documents=keeps_documents)


def wanted(schema: tantivy.Schema, reading: Reading) -> Query:
    """Return the query for a word of each group, or of as many as are enough."""
    groups = [_any_of(schema, group) for group in reading.groups]
    if reading.at_least:
        some = [(Occur.Should, groups[place]) for place in reading.rarest]
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
    for field in ("place", *_NUMBERS):
        builder.add_unsigned_field(field, fast=True)
    for field in ("title", "artists"):
        builder.add_text_field(field, stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_bytes_field("hit", stored=True)
    return builder.build()


def _entries(documents: Iterable[Document]) -> Iterator[tantivy.Document]:
    """Yield an entry for each; the most popular have the first places, and equals stand as they come."""
    for number, document in enumerate(documents):
        entry, fields = tantivy.Document(), row(document, encode_hit(document))
        entry.add_text("words", fields.words)
        entry.add_text("starts", " ".join(starts(fields.words.split())))
        entry.add_unsigned("place", (_MOST_PLAYS - fields.popularity) * _MOST_DOCUMENTS + number)
        entry.add_unsigned("kind", fields.kind)
        entry.add_unsigned("popularity", fields.popularity)
        entry.add_unsigned("explicit", fields.explicit)
        entry.add_unsigned("local", bool(fields.markets))
        entry.add_text("title", fields.title)
        entry.add_text("artists", fields.artists)
        entry.add_bytes("hit", fields.hit)
        yield entry
