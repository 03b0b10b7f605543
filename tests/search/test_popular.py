"""The memory of popular queries: bounded, and what is asked often stays in it."""

from hypothesis import given
from hypothesis import strategies as st

from services.search.domain.popular import Popular


def test_what_is_asked_most_often_comes_first() -> None:
    """The order is that of the counts, and no more come than are wanted."""
    popular = Popular(bound=10)
    for query in ("moon", "river", "moon", "lantern", "moon", "river"):
        popular.note(query)
    assert popular.top(2) == ["moon", "river"]
    assert set(popular.top(9)) == {"moon", "river", "lantern"}


def test_what_is_popular_outlives_what_is_asked_once() -> None:
    """A flood of different queries does not wash away those that keep coming, and takes no memory."""
    popular = Popular(bound=8)
    for number in range(10_000):
        popular.note("moon" if number % 3 else f"only once {number}")
    assert popular.top(1) == ["moon"]
    assert len(popular.top(10_000)) <= 8


def test_what_was_popular_fades() -> None:
    """Yesterday's favourite gives way to today's, although it was asked more often in all."""
    popular = Popular(bound=4)
    for _ in range(1_000):
        popular.note("yesterday")
    for number in range(400):
        popular.note("today")
        popular.note(f"only once {number}")
    assert popular.top(1) == ["today"]


@given(st.lists(st.text(max_size=2)), st.integers(1, 5))
def test_the_bound_is_kept(queries: list[str], bound: int) -> None:
    """Whatever comes, no more queries are remembered than the bound says."""
    popular = Popular(bound)
    for query in queries:
        popular.note(query)
        assert len(popular.top(1_000)) <= bound
