"""Our own engine, as the benchmarks see it: from what is typed to the ranked page, without the wire."""

import time
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from services.search.api.wire import encode_hit
from services.search.domain import engine as search_engine
from services.search.domain.document import Document
from services.search.domain.query import Query
from services.search.index.build import build
from services.search.index.generations import Generation, survey
from services.search.index.reader import open_index

_BUILT_AT = datetime(2026, 1, 1, tzinfo=UTC)
_UNHURRIED = search_engine.Options(budget_s=60.0)
"""Figures are the same on a slow machine: no search is cut short."""


@dataclass(frozen=True, slots=True)
class Backline:
    """Everything that a search process does with its defaults."""

    name: str = "backline"

    @contextmanager
    def open(self, documents: Iterable[Document], folder: Path) -> Generator["OpenBackline", None, None]:
        """Build an index where the folder has none that can be read, and open it."""
        with open_index(_generation(documents, folder), time.monotonic) as index:
            yield OpenBackline(search_engine.Engine(index, None, frozenset(), time.monotonic, _UNHURRIED))


@dataclass(frozen=True, slots=True)
class OpenBackline:
    """An open index, searched with all defaults."""

    engine: search_engine.Engine

    def search(self, typed: str, limit: int) -> Sequence[bytes]:
        """Return the first page."""
        return [match.hit for match in self.engine.search(Query.of(typed), limit).hits]


def _generation(documents: Iterable[Document], folder: Path) -> Generation:
    standing = survey(folder).newest
    return standing or build(documents, folder, encode_hit, source_generation=1, built_at=_BUILT_AT)
