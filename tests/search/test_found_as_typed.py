"""The whole way: each of the ways to type a title that docs/search.md names finds it in a real index."""

from collections.abc import Iterator

import pytest

from services.kit.clock import SystemClock
from services.search.domain.document import Document, Kind
from services.search.domain.engine import Engine, Options
from services.search.domain.query import Query
from services.search.index.build import build
from services.search.index.reader import open_index
from tests.search.oracle import hit

TYPED = (
    ("etoile lun", "Étoile de Lune"),
    ("strasse", "Straße aus Glas"),
    ("dont st", "Don't Stop"),
    ("salt and ember", "Salt & Ember"),
    ("salt + ember", "Salt & Ember"),
    ("astro", "A$TRO"),
    ("pank", "P@NK"),
    ("red moon", "R.E.D. Moon"),
    ("r e d moon", "R.E.D. Moon"),
    ("がらす", "ガラスの海"),
    ("garasu", "ガラスのうみ"),
    ("달ㅂ", "달빛"),
    ("月光", "青い月光"),
    ("nochnoy tuman", "Ночной Туман"),
    ("nochnoi tuma", "Ночной Туман"),
    ("psihes", "Ψυχές"),
    ("abcd", "AB/CD"),
    ("hiver", "L'hiver"),
    ("part two", "Harbour, Part II"),
    ("10th avenue", "Tenth Avenue"),
    ("stones n roses", "Stones and Roses"),
    ("harrow paper moons official video hd", "Harrow Paper Moons"),
    ("harrow paper moons lyrics", "Harrow Paper Moons"),
)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Return an engine over one track for each title."""
    folder, clock = tmp_path_factory.mktemp("generations"), SystemClock()
    titles = dict.fromkeys(title for _, title in TYPED)
    documents = [Document(Kind.TRACK, title, title, popularity=1_000) for title in titles]
    generation = build(documents, folder, hit, source_generation=1, built_at=clock.now())
    with open_index(generation, clock.monotonic) as index:
        yield Engine(index, None, frozenset(), clock.monotonic, Options(budget_s=60.0))


@pytest.mark.parametrize(("typed", "title"), TYPED)
def test_a_title_is_found_as_it_is_typed(engine: Engine, typed: str, title: str) -> None:
    """The title comes first."""
    found = engine.search(Query.of(typed), 5).hits
    assert [match.hit.decode() for match in found][:1] == [title]
