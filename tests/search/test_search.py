"""Search and suggest as a whole, over the real index of a few invented items."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from services.search.domain.document import AlbumTitle, ArtistName, Document, Kind
from services.search.domain.engine import Engine
from services.search.domain.query import Filters, Query
from services.search.index.build import build
from services.search.index.reader import open_index
from tests.search.oracle import Hasty, Oracle, hit, shown

ANYTHING = Filters()
NIGHTBUS = ArtistName("inv:nightbus", "Nightbus", ("Night Omnibus",))
LUMIERE = ArtistName("inv:lumiere", "Étoile Lumière")
SHELF = (
    Document(Kind.ARTIST, NIGHTBUS.id, NIGHTBUS.name, NIGHTBUS.aliases, popularity=9_000),
    Document(Kind.ARTIST, LUMIERE.id, LUMIERE.name, popularity=80_000),
    Document(Kind.ARTIST, "inv:the-lanterns", "The Lanterns", popularity=500),
    Document(Kind.ALBUM, "inv:nightbus-album", "Nightbus", artists=(NIGHTBUS,), popularity=8_000),
    Document(Kind.ALBUM, "inv:sixty-lanterns", "Sixty Lanterns", artists=(LUMIERE,), popularity=60_000),
    Document(Kind.TRACK, "inv:nightbus-track", "Nightbus", artists=(NIGHTBUS,), popularity=7_000),
    Document(Kind.TRACK, "inv:paper-moons", "Paper Moons", artists=(LUMIERE,), popularity=50_000, explicit=True),
    Document(Kind.TRACK, "inv:paper-moons-live", "Paper Moons", artists=(NIGHTBUS,), popularity=40, markets=("DE",)),
    Document(
        kind=Kind.TRACK,
        id="inv:river",
        title="River in Winter",
        artists=(NIGHTBUS, LUMIERE),
        credit="Nightbus feat. Étoile Lumière",
        album=AlbumTitle("inv:sixty-lanterns", "Sixty Lanterns"),
        popularity=20_000,
    ),
)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Return an engine over the shelf; its hits are ids."""
    folder = tmp_path_factory.mktemp("generations")
    generation = build(SHELF, folder, hit, source_generation=1, built_at=datetime(2026, 1, 1, tzinfo=UTC))
    with open_index(generation, lambda: 0.0) as index:
        yield Engine(index, None, frozenset(), lambda: 0.0)


def found(shelf: Engine, typed: str, filters: Filters = ANYTHING) -> list[str]:
    """Return the ids that a search finds, without their source."""
    hits = shelf.search(Query.of(typed, filters), 20).hits
    return [identifier.removeprefix("inv:") for identifier in shown(hits)]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("paper m", "paper-moons"),
        ("moons paper", "paper-moons"),
        ("paper moons lumiere", "paper-moons"),
        ("nightbus paper moons", "paper-moons-live"),
        ("etoile", "lumiere"),
        ("ÉTOILE LUMIÈRE", "lumiere"),
        ("nightbus", "nightbus"),
        ("night omni", "nightbus"),
        ("sixty", "sixty-lanterns"),
        ("lanterns", "the-lanterns"),
        ("river lumiere", "river"),
        ("river nightbus feat lumiere", "river"),
        ("n", "nightbus"),
    ],
)
def test_the_best_answer_is_first(shelf: Engine, typed: str, first: str) -> None:
    """Titles, artists and both together, in any order, cut short and without accents, lead to what is meant."""
    assert found(shelf, typed)[0] == first


def test_artist_album_and_track_of_one_name_come_in_that_order(shelf: Engine) -> None:
    """All kinds stand in one answer."""
    assert found(shelf, "nightbus")[:3] == ["nightbus", "nightbus-album", "nightbus-track"]


def test_a_track_is_not_found_by_its_album(shelf: Engine) -> None:
    """An album's title finds the album, not each of its tracks."""
    assert found(shelf, "sixty lanterns") == ["sixty-lanterns"]


def test_filters_apply(shelf: Engine) -> None:
    """Kind, market and explicit leave out what may not be shown."""
    assert found(shelf, "paper", Filters(hide_explicit=True)) == ["paper-moons-live"]
    assert found(shelf, "paper", Filters(market="FR")) == ["paper-moons"]
    assert found(shelf, "nightbus", Filters(kinds=frozenset({Kind.ALBUM}))) == ["nightbus-album"]


@pytest.mark.parametrize("typed", ["", "   ", "?!", "🌙"])
def test_a_query_without_a_letter_finds_nothing(shelf: Engine, typed: str) -> None:
    """Nothing typed is nothing found, without asking a source."""
    assert shelf.search(Query.of(typed), 20).hits == ()
    assert shelf.suggest(Query.of(typed), 8).hits == ()


def test_an_answer_names_its_source(shelf: Engine) -> None:
    """A source is named where it contributed, and only there."""
    assert shelf.search(Query.of("paper"), 20).sources == ("prefix",)
    assert shelf.search(Query.of("nothing like it"), 20).sources == ()


def test_a_cut_answer_says_so() -> None:
    """When the time was up, the answer is what was found and says that it is not all."""
    hasty = Engine(Hasty(Oracle(SHELF), most=1), None, frozenset(), lambda: 0.0)
    assert hasty.search(Query.of("paper"), 20).degraded == ("candidates_cut",)
    assert hasty.suggest(Query.of("paper"), 8).degraded == ("candidates_cut",)


def test_suggestions_are_titles_each_once(shelf: Engine) -> None:
    """Two tracks of one title are one completion, and the artist stands for all that bears its name."""
    assert shown(shelf.suggest(Query.of("paper"), 8).hits) == ["inv:paper-moons"]
    assert shown(shelf.suggest(Query.of("nightb"), 8).hits) == ["inv:nightbus"]


def test_a_suggestion_has_the_words_in_its_own_title(shelf: Engine) -> None:
    """What is found only by its artist's name does not complete that name."""
    assert shown(shelf.suggest(Query.of("lumi"), 8).hits) == ["inv:lumiere"]


def test_suggestions_are_limited(shelf: Engine) -> None:
    """No more completions than were asked for, best first."""
    assert shown(shelf.suggest(Query.of("l"), 2).hits) == ["inv:lumiere", "inv:sixty-lanterns"]
