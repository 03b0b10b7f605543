"""Corrections: they read as the person who typed the query would write it, and are true of what is shown."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from services.search.domain.document import ArtistName, Document, Kind
from services.search.domain.engine import Engine
from services.search.domain.paging import WINDOW
from services.search.domain.query import Filters, Query
from services.search.domain.search import Correction
from services.search.index.build import build
from services.search.index.reader import open_index
from tests.search.oracle import hit

FERRYMEN = ArtistName("inv:ferrymen", "The Yo-Yo Ferrymen")
DALBIT = ArtistName("inv:dalbit", "달빛 없다")
SHELF = (
    Document(Kind.ARTIST, FERRYMEN.id, FERRYMEN.name, popularity=10**6),
    Document(Kind.TRACK, "inv:paper", "Paper Lanterns", artists=(FERRYMEN,), popularity=10**5),
    Document(Kind.TRACK, "inv:mr", "Mr. Ferrymen", popularity=10**4),
    Document(Kind.TRACK, "inv:salt", "Salt & Harbour", artists=(FERRYMEN,), popularity=10**4),
    Document(Kind.TRACK, "inv:night", "夜の散歩 Lanterns", artists=(FERRYMEN,), popularity=10**3),
    *(Document(Kind.TRACK, f"inv:pier{number}", f"Pierway {number}", popularity=500) for number in range(WINDOW)),
    Document(Kind.TRACK, "inv:pier-last", "Piarway", popularity=400),
    Document(Kind.TRACK, "inv:street", "Meadow", artists=(DALBIT,), popularity=10**2),
    Document(Kind.ALBUM, "inv:minor", "Harbor", artists=(DALBIT,), popularity=10),
)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Return what searches the shelf."""
    folder = tmp_path_factory.mktemp("generations")
    generation = build(SHELF, folder, hit, source_generation=1, built_at=datetime(2026, 1, 1, tzinfo=UTC))
    with open_index(generation, lambda: 0.0) as index:
        yield Engine(index, None, frozenset(), lambda: 0.0)


def marked(correction: Correction | None) -> str | None:
    """Return a correction with what was changed in brackets."""
    if correction is None:
        return None
    text = correction.query
    for begin, end in reversed(correction.changed):
        text = f"{text[:begin]}[{text[begin:end]}]{text[end:]}"
    return text


@pytest.mark.parametrize(
    ("typed", "correction"),
    [
        ("paper lantrens", "paper [lanterns]"),
        ("Paper Lantrens", "Paper [Lanterns]"),
        ("PAPER LANTRENS", "PAPER [LANTERNS]"),
        ("Paper Lantrens - Yo-Yo Ferrymen (Official Video)", "Paper [Lanterns] Yo-Yo Ferrymen"),
        ("yo-yo ferymen", "yo-yo [ferrymen]"),
        ("salt & harbuor", "salt & [harbour]"),
        ("salt + harbuor", "salt and [harbour]"),
        ("夜の散歩 lantrens", "夜の散歩 [lanterns]"),
        ("meadow 달빛없다", "meadow [달빛] [없다]"),
        ("paperlanterns ferrymen", "[paper] [lanterns] ferrymen"),
        ("harbuor and salt", "[harbour] and salt"),
        ("mister ferymen", "mister [ferrymen]"),
    ],
)
def test_a_correction_differs_in_the_changed_words_only(engine: Engine, typed: str, correction: str) -> None:
    """Case, signs within words and scripts without spaces stay as they were; what clings to pasted titles goes."""
    assert marked(engine.search(Query.of(typed), 5).correction) == correction


@pytest.mark.parametrize("typed", ["paper lantrens meadow", "meadow lantrens qqqqq", "papr qqqqq"])
def test_what_was_found_without_some_words_is_no_correction(engine: Engine, typed: str) -> None:
    """Where only some of the words were found, no query is told that would find what is shown."""
    result = engine.search(Query.of(typed), 5)
    assert result.hits
    assert result.correction is None


def test_a_correction_is_of_what_the_filters_let_through(engine: Engine) -> None:
    """What is told was looked for among what may be shown: searching for it finds the same first."""
    albums = Filters(kinds=frozenset({Kind.ALBUM}))
    result = engine.search(Query.of("harbuor", albums), 5)
    assert result.correction
    assert result.correction.query == "harbor"
    assert engine.search(Query.of(result.correction.query, albums), 5).hits[0].candidate == result.hits[0].candidate


def test_every_page_tells_the_same_correction(engine: Engine) -> None:
    """What was searched for instead is said of the query, whichever of its alternatives a later page has."""
    query = Query.of("piirway")
    first = engine.search(query, WINDOW)
    assert marked(first.correction) == "[pierway]"
    assert first.next_page
    last = engine.search(query, WINDOW, first.next_page)
    assert [match.candidate.title for match in last.hits] == ["piarway"]
    assert last.correction == first.correction
    assert "piarway" in first.alternatives
