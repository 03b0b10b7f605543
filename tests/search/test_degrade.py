"""Under pressure: less is done step by step, each step told, and what is remembered is still answered."""

import pytest

from services.kit.errors import Exhausted
from services.search.domain.cache import Cache
from services.search.domain.degrade import SHORT_QUERY_SKIPPED, SOURCES_SKIPPED, Level, Thresholds
from services.search.domain.engine import Engine, Options
from services.search.domain.query import Query
from services.search.domain.ranking.windows import Order
from services.search.index.sqlite_index import SqliteIndex

THRESHOLDS = Thresholds(spare_sources=10, short_queries=20, everything=30, retry_after_s=2.5)


class Pressed:
    """An engine whose pressure can be set."""

    def __init__(self, index: SqliteIndex) -> None:
        self.pressure = 0
        options = Options(thresholds=THRESHOLDS)
        self.cache = Cache[Order](100)
        self.engine = Engine(index, None, frozenset(), lambda: 0.0, options, self.cache, lambda: self.pressure)


@pytest.fixture
def pressed(index: SqliteIndex) -> Pressed:
    """Return an engine that is at rest."""
    return Pressed(index)


def test_levels_follow_the_pressure() -> None:
    """Each threshold belongs to the level that begins with it."""
    levels = [THRESHOLDS.level(pressure) for pressure in (0, 9, 10, 19, 20, 29, 30, 10**6)]
    assert levels == [0, 0, Level.SPARE_SOURCES, 1, Level.SHORT_QUERIES, 2, Level.EVERYTHING, 3]


def test_first_what_may_have_been_meant_is_left_out(pressed: Pressed) -> None:
    """A misspelling is not corrected, and the answer says why; what needs no correction is answered in full."""
    pressed.pressure = 10
    skipped = pressed.engine.search(Query.of("lantren"), 20)
    assert (list(skipped.hits), skipped.degraded) == ([], (SOURCES_SKIPPED,))
    assert pressed.engine.search(Query.of("lantern"), 20).degraded == ()


def test_then_a_letter_is_only_remembered(pressed: Pressed) -> None:
    """One and two letters are not looked for; longer queries are."""
    pressed.pressure = 20
    assert pressed.engine.search(Query.of("la"), 20).degraded == (SHORT_QUERY_SKIPPED,)
    assert pressed.engine.suggest(Query.of("l"), 20).degraded == (SHORT_QUERY_SKIPPED,)
    assert pressed.engine.search(Query.of("lan"), 20).hits


def test_in_the_end_all_is_refused(pressed: Pressed) -> None:
    """Whoever is refused hears when to come back."""
    pressed.pressure = 30
    with pytest.raises(Exhausted, match="Too many searches") as refused:
        pressed.engine.search(Query.of("lantern"), 20)
    assert refused.value.retry_after_s == 2.5


@pytest.mark.parametrize("typed", ["l", "lantern", "lantren"])
def test_what_is_remembered_is_answered_at_any_pressure(pressed: Pressed, typed: str) -> None:
    """A full answer from memory costs next to nothing, so it is given."""
    at_rest = pressed.engine.search(Query.of(typed), 20)
    pressed.pressure = 10**6
    under_pressure = pressed.engine.search(Query.of(typed), 20)
    assert (list(under_pressure.hits), under_pressure.degraded) == (list(at_rest.hits), ())


def test_a_degraded_answer_is_not_remembered(pressed: Pressed) -> None:
    """As soon as the pressure is gone, the answer is whole again."""
    pressed.pressure = 10
    pressed.engine.search(Query.of("lantren"), 20)
    pressed.pressure = 0
    assert pressed.engine.search(Query.of("lantren"), 20).hits


def test_an_empty_query_is_never_refused(pressed: Pressed) -> None:
    """Nothing typed is answered with nothing."""
    pressed.pressure = 10**6
    assert pressed.engine.search(Query.of(" "), 20).degraded == ()
