"""What both ways to use tantivy share: one segment, its documents in one order, and terms of equal score."""

from collections.abc import Iterable
from pathlib import Path

import tantivy
from tantivy import Order, Query

_HEAP_BYTES = 2_000_000_000
"""Room for all documents, so that one commit writes one segment."""
SPLIT = "split"
"""The tokenizer of texts that are words with spaces between."""


def open_index(
    schema: tantivy.Schema, folder: Path, sort: tuple[str, Order], entries: Iterable[tantivy.Document]
) -> tantivy.Index:
    """Return the index in the folder, built first where it is not there; one that was left half-done is empty."""
    folder.mkdir(parents=True, exist_ok=True)
    field, order = sort
    index = tantivy.Index(schema, str(folder), sort_by_field=field, sort_order=order)
    index.register_tokenizer(SPLIT, tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
    if index.searcher().num_docs == 0:
        writer = index.writer(_HEAP_BYTES, num_threads=1)
        for entry in entries:
            writer.add_document(entry)
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
    return index


def has(schema: tantivy.Schema, field: str, term: str, score: float = 1.0) -> Query:
    """Return the query for a term; wherever it is found it scores the same."""
    return Query.const_score_query(Query.term_query(schema, field, term, index_option="basic"), score)
