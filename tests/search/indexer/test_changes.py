"""What has changed since a base: the latest of each item, bounded, removals first."""

from hypothesis import given
from hypothesis import strategies as st

from services.search.domain.document import Kind
from services.search.domain.export import ArtistRow, News, Reference, TrackRow
from services.search.indexer.changes import REMOVALS_PER_ROW, Changes
from services.search.indexer.gates import Recorded

NIGHTBUS = ArtistRow("inv:1", "Nightbus")
NIGHTBUS_KEY = Reference(Kind.ARTIST, "inv:1")


def test_of_an_item_that_changes_twice_the_latest_counts() -> None:
    """A track and an artist may have the same id."""
    changes = Changes(10)
    changes.take(News(1, [NIGHTBUS, TrackRow("inv:1", "Moon")]))
    changes.take(News(2, [ArtistRow("inv:1", "Night Bus")]))
    assert list(changes.rows.values()) == [ArtistRow("inv:1", "Night Bus"), TrackRow("inv:1", "Moon")]
    assert (changes.generation, changes.recorded) == (2, Recorded(changed=3))


def test_what_is_removed_is_no_change_any_more_and_may_come_back() -> None:
    """A takedown and its undoing."""
    changes = Changes(10)
    changes.take(News(1, [NIGHTBUS]))
    changes.take(News(2, removed=[NIGHTBUS_KEY]))
    assert (changes.rows, changes.removed) == ({}, {NIGHTBUS_KEY})
    changes.take(News(3, [NIGHTBUS]))
    assert (changes.rows, changes.removed) == ({NIGHTBUS_KEY: NIGHTBUS}, set())


def test_signs_of_life_change_nothing() -> None:
    """The generation goes on, the content is the same."""
    changes = Changes(10)
    changes.take(News(5))
    assert (changes.generation, changes.edits, changes.any) == (5, 0, False)


def test_beyond_the_bound_changes_are_forgotten_and_removals_are_not() -> None:
    """A takedown in the middle of a large import is told at once."""
    changes = Changes(3)
    changes.take(News(1, [TrackRow(f"inv:{number}", "Moon") for number in range(1_000)]))
    assert len(changes.rows) == 3
    assert changes.overflowed
    changes.take(News(2, removed=[Reference(Kind.TRACK, "inv:900"), Reference(Kind.TRACK, "inv:1")]))
    assert changes.removed == {Reference(Kind.TRACK, "inv:900"), Reference(Kind.TRACK, "inv:1")}
    changes.take(News(3, [TrackRow("inv:900", "Moon")]))
    assert changes.removed == {Reference(Kind.TRACK, "inv:1")}
    assert changes.recorded == Recorded(changed=1_001, removed=2)


def test_another_catalogue_voids_what_was_known() -> None:
    """Nothing after a reset can be told against the base."""
    changes = Changes(10)
    changes.take(News(1, [NIGHTBUS], [Reference(Kind.TRACK, "inv:9")]))
    changes.take(News(2, [TrackRow("inv:2", "Sun")], reset=True))
    changes.take(News(3, [TrackRow("inv:3", "Sea")], [Reference(Kind.TRACK, "inv:2")]))
    assert (changes.rows, changes.removed, changes.reset) == ({}, set(), True)


@given(
    st.lists(
        st.builds(
            News,
            st.integers(1, 99),
            st.lists(st.builds(ArtistRow, st.sampled_from("abcdefgh"), st.text(max_size=2)), max_size=6),
            st.lists(st.builds(Reference, st.just(Kind.ARTIST), st.sampled_from("abcdefgh")), max_size=3),
            st.booleans(),
        )
    )
)
def test_whatever_comes_the_bounds_hold(news: list[News]) -> None:
    """No item is both there and gone, and neither part outgrows its bound."""
    changes = Changes(2)
    for each in news:
        changes.take(each)
        assert not changes.rows.keys() & changes.removed
        assert len(changes.rows) <= 2
        assert len(changes.removed) <= 2 * REMOVALS_PER_ROW
