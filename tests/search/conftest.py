"""What search's tests share: invented documents, an index of them, and an oracle to compare it with."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from services.search.domain.document import Document
from services.search.index.build import build
from services.search.index.reader import open_index
from services.search.index.sqlite_index import SqliteIndex
from tests.search.invented import invented_documents
from tests.search.oracle import Oracle, hit


@pytest.fixture(scope="session")
def documents() -> list[Document]:
    """Return six hundred invented documents."""
    return invented_documents(600, seed=5)


@pytest.fixture(scope="session")
def oracle(documents: list[Document]) -> Oracle:
    """Return an index that looks through all of them."""
    return Oracle(documents)


@pytest.fixture(scope="session")
def index(documents: list[Document], tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteIndex]:
    """Return the real index of them, for which no time goes by; its hits are ids, as the oracle's are."""
    folder = tmp_path_factory.mktemp("generations")
    built_at = datetime(2026, 1, 1, tzinfo=UTC)
    generation = build(documents, folder, hit, source_generation=3, built_at=built_at)
    with open_index(generation, lambda: 0.0) as opened:
        yield opened
