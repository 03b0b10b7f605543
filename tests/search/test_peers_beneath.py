"""The fairest peer retrieves exactly what our index does: what is compared is the cost of the same work."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from benchmarks.peers.tantivy_beneath import TantivyBeneath, TantivyIndex, open_over_tantivy
from benchmarks.peers.tantivy_two_phase import LONGEST_START
from services.kit.errors import Invalid
from services.search.domain.candidates.index import Window
from services.search.domain.candidates.reading import Reading, Word
from services.search.domain.document import Document
from services.search.domain.query import Filters
from services.search.index.schema import row
from tests.search.invented import invented_documents

_EVERYTHING = Filters()
_FIRST_PAGE = Window(limit=61)


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    """Return invented documents, many of the same popularity."""
    return invented_documents(600, seed=11)


@pytest.fixture(scope="module")
def index(documents: list[Document], tmp_path_factory: pytest.TempPathFactory) -> Iterator[TantivyIndex]:
    """Return our index with tantivy in it."""
    with open_over_tantivy(documents, tmp_path_factory.mktemp("peer"), keeps_documents=True) as opened:
        yield opened


@pytest.fixture(scope="module")
def words(documents: list[Document]) -> list[str]:
    """Return words of the documents, each once."""
    found = dict.fromkeys(word for document in documents for word in row(document, b"")[0].split()[1:])
    return [word for word in found if len(word) <= LONGEST_START]


def test_both_find_the_same(index: TantivyIndex, words: list[str]) -> None:
    """Words, beginnings, pairs, alternatives and two of three find the same documents in the same order."""
    found = 0
    for one, other, third in zip(words, islice(words, 3, None), islice(words, 5, None), strict=False):
        word, begun = Word(one), Word(other[:2], begins=True)
        for reading in (
            Reading("", ((word,),)),
            Reading("", ((begun,),)),
            Reading("", ((word,), (begun,))),
            Reading("", ((word, begun), (Word(third), begun))),
            Reading("", ((word,), (begun,), (Word(third),)), at_least=2, rarest=(0, 1, 2)),
        ):
            ours = index.ours.find(reading, _EVERYTHING, _FIRST_PAGE)
            assert index.find(reading, _EVERYTHING, _FIRST_PAGE) == ours
            found += len(ours.candidates)
    assert found > len(words)


def test_other_pages_are_refused(index: TantivyIndex) -> None:
    """What it cannot do it does not pretend to."""
    with pytest.raises(Invalid, match="first page of everything"):
        index.find(Reading.literal("a", ("a",)), _EVERYTHING, Window(after=1))
    with pytest.raises(Invalid, match="first page of everything"):
        index.find(Reading.literal("a", ("a",)), Filters(market="DE"), _FIRST_PAGE)


def test_the_engine_searches_over_it(documents: list[Document], tmp_path: Path) -> None:
    """It is searched from a query to hits, and opened again without the documents."""
    pages = []
    for some, keeps_documents in ((documents, True), ((), True), ((), False)):
        with TantivyBeneath(keeps_documents=keeps_documents).open(some, tmp_path) as opened:
            pages.append(opened.search("paper moon", 20))
    assert pages[0] == pages[1] == pages[2] != []
