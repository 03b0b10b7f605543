"""The sources: what was meant is found although it was not typed so, and the answer says what was made of it."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from services.search.domain.candidates.sources import SOURCES
from services.search.domain.document import ArtistName, Document, Kind
from services.search.domain.engine import Engine, Options
from services.search.domain.paging import Cursor
from services.search.domain.query import Filters, Query
from services.search.domain.search import Correction, Result
from services.search.index.build import build
from services.search.index.reader import open_index
from services.search.index.sqlite_index import SqliteIndex
from tests.search.oracle import hit, shown

ROVERS = ArtistName("inv:rovers", "The Rovers")
ORLA = ArtistName("inv:orla", "Orla Étienne")
CROWD = tuple(
    Document(Kind.TRACK, f"inv:crowd{number}", f"Ember of Night {number}", artists=(ROVERS,), popularity=10**6 + number)
    for number in range(100)
)
SHELF = (
    Document(Kind.ARTIST, ROVERS.id, ROVERS.name, popularity=10**9),
    Document(Kind.ARTIST, ORLA.id, ORLA.name, popularity=10**8),
    Document(Kind.TRACK, "inv:stormglass", "Stormglass", artists=(ROVERS,), popularity=10**7),
    Document(Kind.TRACK, "inv:moon-river", "Moonriver Together", artists=(ORLA,), popularity=10**7),
    Document(Kind.TRACK, "inv:slow-dance", "Slow Dance", artists=(ORLA,), popularity=10**6),
    Document(Kind.TRACK, "inv:part-two", "Lighthouse Part Two", artists=(ORLA,), popularity=10**5),
    Document(Kind.TRACK, "inv:ember", "Ember", artists=(ORLA,), popularity=300_000),
    Document(Kind.TRACK, "inv:the-ember", "The Ember", artists=(ORLA,), popularity=200_000),
    *CROWD,
)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteIndex]:
    """Return an index of the shelf; its hits are ids."""
    folder = tmp_path_factory.mktemp("generations")
    generation = build(SHELF, folder, hit, source_generation=1, built_at=datetime(2026, 1, 1, tzinfo=UTC))
    with open_index(generation, lambda: 0.0) as index:
        yield index


def search(shelf: SqliteIndex, typed: str, *off: str) -> Result:
    """Return what is found without the sources that are off."""
    return Engine(shelf, None, frozenset(), lambda: 0.0, Options(off=frozenset(off))).search(Query.of(typed), 20)


@pytest.mark.parametrize(
    ("source", "typed", "first"),
    [
        ("prefix", "slow da", "inv:slow-dance"),
        ("prefix", "lighthouse part 2", "inv:part-two"),
        ("title", "ember", "inv:ember"),
        ("noise", "Slow Dance (Official Music Video) [HD]", "inv:slow-dance"),
        ("speller", "stromglass", "inv:stormglass"),
        ("speller", "slwo dance etinne", "inv:slow-dance"),
        ("speller", "togethr moonrivre", "inv:moon-river"),
        ("compound", "storm glass", "inv:stormglass"),
        ("compound", "slowdance", "inv:slow-dance"),
        ("drop_tokens", "slow dance by qqq", "inv:slow-dance"),
        ("drop_tokens", "slow dance lighthouse moonriver orla", "inv:slow-dance"),
    ],
)
def test_each_source_finds_what_the_others_do_not(shelf: SqliteIndex, source: str, typed: str, first: str) -> None:
    """What one source finds is lost, or no longer first, where that one is switched off."""
    result = search(shelf, typed)
    assert shown(result.hits[:1]) == [first]
    assert result.hits[0].source == source
    assert source in result.sources
    assert all(match.source != source for match in search(shelf, typed, source).hits)


def test_every_source_is_tried_above() -> None:
    """A new source comes with a query that needs it."""
    assert [source.name for source in SOURCES] == ["prefix", "title", "noise", "speller", "compound", "drop_tokens"]


@pytest.mark.parametrize(
    ("typed", "correction"),
    [
        ("slow dance", None),
        ("Slow DANSE", Correction("Slow Dance", ((5, 10),))),
        ("moonrivr Togeth", Correction("moonriver Togeth", ((0, 9),))),
        ("moonriver tugeth", Correction("moonriver together", ((10, 18),))),
        ("storm glass", Correction("stormglass", ((0, 10),))),
        ("slow dance by qqq", None),
    ],
)
def test_a_correction_is_what_a_person_would_type(
    shelf: SqliteIndex, typed: str, correction: Correction | None
) -> None:
    """Words that were right stay as they were typed; changed ones are marked, and finished where they were begun."""
    assert search(shelf, typed).correction == correction


def test_what_was_looked_for_is_told(shelf: SqliteIndex) -> None:
    """The words to mark are the corrected ones, the last of them last."""
    assert search(shelf, "slow dan").words == ("slow", "dan")
    assert search(shelf, "slwo danc").words == ("slow", "danc")


def test_a_whole_title_is_found_however_many_are_more_popular(shelf: SqliteIndex) -> None:
    """A hundred better known titles that begin so do not hide it, with or without its article."""
    found = shown(search(shelf, "ember").hits)
    assert {"inv:ember", "inv:the-ember"} <= set(found)


def test_pages_go_on_behind_what_other_sources_added(shelf: SqliteIndex) -> None:
    """A title that was shown early is not shown again where its place by popularity is."""
    engine, query = Engine(shelf, None, frozenset(), lambda: 0.0), Query.of("ember")
    result = engine.search(query, 50)
    everything = [*result.hits]
    while result.next_page:
        result = engine.search(query, 50, result.next_page)
        everything += result.hits
    assert sorted(shown(everything)) == sorted(document.id for document in SHELF if "Ember" in document.title)


def test_filters_hold_for_every_source(shelf: SqliteIndex) -> None:
    """What is found in another way is filtered like the rest."""
    engine, artists = Engine(shelf, None, frozenset(), lambda: 0.0), Filters(kinds=frozenset({Kind.ARTIST}))
    for typed in ("ember", "stromglass", "storm glass", "slow dance by qqq", "Slow Dance (Official Video)", "rovres"):
        hits = engine.search(Query.of(typed, artists), 20).hits
        assert {match.candidate.kind for match in hits} <= {Kind.ARTIST}
        assert bool(hits) == (typed == "rovres")


def test_what_few_know_is_doubted(shelf: SqliteIndex) -> None:
    """Three words that are all there are meant, and nothing else is looked for."""
    assert search(shelf, "the ember orla").sources == ("prefix",)


def test_completions_are_corrected_where_nothing_else_is_there(shelf: SqliteIndex) -> None:
    """What is being typed with a slip is completed all the same."""
    engine = Engine(shelf, None, frozenset(), lambda: 0.0)
    assert shown(engine.suggest(Query.of("stromg"), 5).hits) == ["inv:stormglass"]
    assert engine.suggest(Query.of("slow dance by qqq"), 5).hits == ()


def test_sources_off_find_nothing(shelf: SqliteIndex) -> None:
    """All switched off, there is an answer, and it is empty."""
    result = search(shelf, "ember", *(source.name for source in SOURCES))
    assert (list(result.hits), result.sources, result.next_page, result.steps) == ([], (), None, ())


def test_a_page_of_sources_that_are_off_is_empty(shelf: SqliteIndex) -> None:
    """A page token from before they were switched off finds nothing, and nobody claims to have been in a hurry."""
    engine = Engine(shelf, None, frozenset(), lambda: 0.0, Options(off=frozenset(source.name for source in SOURCES)))
    assert engine.search(Query.of("ember"), 20, Cursor(after=1)) == Result(words=("ember",))


def test_each_step_is_told(shelf: SqliteIndex) -> None:
    """What each source did can be counted and traced."""
    steps = search(shelf, "stromglass").steps
    assert [(step.source, step.found, step.cut) for step in steps] == [("prefix", 0, False), ("speller", 1, False)]
