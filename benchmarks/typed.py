"""What is typed at a search that is measured: the queries of the twelve classes, and sessions letter by letter."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import TypeAlias

from benchmarks.corpora import Corpus
from benchmarks.relevance.entries import entries
from benchmarks.relevance.phrases import CLASSES
from benchmarks.relevance.seeded import seeded

Typed: TypeAlias = Mapping[str, Sequence[str]]
"""By class."""
Costs: TypeAlias = Mapping[str, Sequence[float]]
"""What each query cost, by class."""

SESSIONS = ("two_words", "typo", "title_artist", "non_latin", "diacritics")
"""The classes that somebody types to the end, letter by letter; the others are stations on the way, or pasted."""


def typed(corpus: Corpus, kept: Path) -> Typed:
    """Return the queries that relevance is measured with, made once and then read from the file."""
    if not kept.exists():
        cases = seeded(list(entries(corpus.items())))
        queries = {name: [case.typed for case in cases[name]] for name in CLASSES}
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(queries), encoding="utf-8")
    queries = json.loads(kept.read_bytes())
    return dict(queries)


def part(queries: Typed, start: int, count: int) -> Typed:
    """Return so many queries of each class."""
    return {name: some[start : start + count] for name, some in queries.items()}


def mix(queries: Typed) -> Sequence[str]:
    """Return all queries, the classes in turn, so that any part holds them in equal number."""
    return [query for some in zip(*queries.values(), strict=True) for query in some]


def sessions(queries: Typed) -> Sequence[str]:
    """Return what a search is asked as somebody types: every beginning of a query, in turn, then the next query's."""
    whole = mix({name: queries[name] for name in SESSIONS})
    return [beginning for query in whole for beginning in keystrokes(query)]


def keystrokes(query: str) -> Iterator[str]:
    """Yield what stands in the box after each letter; a space alone asks for nothing new."""
    return (query[:end] for end in range(1, len(query) + 1) if query[end - 1] != " ")


def mean(costs: Costs) -> float:
    """Return the mean cost of a query, where every class counts as much as the others."""
    return fmean(fmean(some) for some in costs.values())
