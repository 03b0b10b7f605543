"""The candidate sources by name, in the order in which they are asked. To add one, write a row."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from services.search.domain.candidates import Found, Index, Reading, Window
from services.search.domain.query import Query


class Finding(NamedTuple):
    """What one source made of a query."""

    source: str
    reading: Reading
    found: Found


Find: TypeAlias = Callable[[Query, Index, Window], tuple[Reading, Found] | None]
"""Looks for candidates in one way; None where that way has nothing to look for."""


@dataclass(frozen=True, slots=True)
class Source:
    """A way to find candidates."""

    name: str
    """What answers, metrics and switches call it."""
    find: Find
    share: float
    """The part of a query's time that it may take."""


def prefix(query: Query, index: Index, window: Window) -> tuple[Reading, Found]:
    """Find what has every word, the last as a beginning."""
    reading = Reading.literal(query.text, query.tokens)
    return reading, index.find(reading, query.filters, window)


SOURCES: tuple[Source, ...] = (Source("prefix", prefix, share=1.0),)
