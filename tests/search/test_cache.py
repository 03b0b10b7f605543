"""What has been found lately: remembered by all that it depends on, and never too much of it."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.search.domain.cache import Cache
from services.search.domain.engine import Engine
from services.search.domain.paging import START
from services.search.domain.query import Filters, Query
from services.search.domain.ranking.rank import RANKERS
from services.search.domain.ranking.windows import Order
from services.search.domain.search import Result
from services.search.index.sqlite_index import SqliteIndex

DEFAULT, OTHER = RANKERS.values()


def engine(index: SqliteIndex, cache: Cache[Order]) -> Engine:
    """Return an engine with a cache, for which no time goes by."""
    return Engine(index, None, frozenset(), lambda: 0.0, cache=cache)


@given(st.integers(0, 5), st.lists(st.integers(0, 8)))
def test_it_holds_what_was_used_last(size: int, asked: list[int]) -> None:
    """Exactly the values used last are there, and all asking is counted."""
    cache = Cache[int](size)
    for key in asked:
        if cache.get(key) is None:
            cache.put(key, key + 1)
    last_used = list(dict.fromkeys(reversed(asked)))[:size]
    assert len(cache) == len(last_used)
    assert cache.hits + cache.misses == len(asked)
    assert [cache.get(key) for key in last_used] == [key + 1 for key in last_used]


@pytest.mark.parametrize("typed", ["a", "moon", "lantren", "paper lanterns", "no such thing", "月"])
def test_a_remembered_answer_is_the_same(index: SqliteIndex, typed: str) -> None:
    """Whatever is asked, an answer from memory differs in nothing but that no source was asked."""
    cache = Cache[Order](100)
    searched, plain = engine(index, cache), engine(index, Cache[Order](0))
    query = Query.of(typed)
    first = searched.search(query, 20)
    again = searched.search(query, 20)
    assert (cache.hits, again.steps) == (1, ())
    assert first == plain.search(query, 20)
    for field in ("sources", "next_page", "degraded", "words", "alternatives", "correction"):
        assert getattr(again, field) == getattr(first, field)
    assert list(again.hits) == list(first.hits)


def test_the_next_page_is_cut_from_the_same_window(index: SqliteIndex) -> None:
    """Paging within a window asks no source again."""
    cache = Cache[Order](100)
    searched, query = engine(index, cache), Query.of("a")
    page = searched.search(query, 20).next_page
    assert page
    assert searched.search(query, 20, page).steps == ()


@pytest.mark.parametrize(
    "other",
    [
        lambda engine: engine.search(Query.of("moons"), 20),
        lambda engine: engine.search(Query.of("moon", Filters(market="DE")), 20),
        lambda engine: engine.search(Query.of("moon", prefer_clean=True), 20),
        lambda engine: engine.search(Query.of("moon"), 20, START, OTHER),
        lambda engine: engine.suggest(Query.of("moon"), 20),
    ],
    ids=["text", "filters", "prefer_clean", "ranker", "suggest"],
)
def test_what_is_asked_differently_is_looked_for(index: SqliteIndex, other: Callable[[Engine], Result]) -> None:
    """Whatever changes an answer is part of what it is remembered by."""
    cache = Cache[Order](100)
    searched = engine(index, cache)
    searched.search(Query.of("moon"), 20)
    other(searched)
    assert cache.hits == 0


def test_spelling_of_case_is_not_remembered_from_others(index: SqliteIndex) -> None:
    """A correction shows the words as who asks typed them."""
    searched = engine(index, Cache[Order](100))
    shouted = searched.search(Query.of("PAPER lantren"), 20).correction
    said = searched.search(Query.of("paper lantren"), 20).correction
    assert shouted
    assert said
    assert (shouted.query, said.query) == ("PAPER lanterns", "paper lanterns")
