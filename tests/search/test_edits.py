"""Edits between words: what a plain table of all distances says, and never more work than asked for."""

from hypothesis import given
from hypothesis import strategies as st

from services.search.domain.candidates.edits import distance, distance_to_beginning

WORDS = st.text("abc", max_size=9)
AT_MOST = st.integers(0, 3)


def plain_row(one: str, other: str) -> list[int]:
    """Return the distances of a word to every beginning of the other, by the whole table."""
    table = [[column + line for column in range(len(other) + 1)] for line in range(len(one) + 1)]
    for line in range(1, len(one) + 1):
        for column in range(1, len(other) + 1):
            costs = [
                table[line - 1][column] + 1,
                table[line][column - 1] + 1,
                table[line - 1][column - 1] + (one[line - 1] != other[column - 1]),
            ]
            if line > 1 and column > 1 and (one[line - 2], one[line - 1]) == (other[column - 1], other[column - 2]):
                costs.append(table[line - 2][column - 2] + 1)
            table[line][column] = min(costs)
    return table[-1]


@given(one=WORDS, other=WORDS, at_most=AT_MOST)
def test_it_counts_what_the_whole_table_counts(one: str, other: str, at_most: int) -> None:
    """Leaving out what is alike and what is far off the diagonal changes no distance within the bound."""
    assert distance(one, other, at_most) == min(plain_row(one, other)[-1], at_most + 1)


@given(one=WORDS, other=WORDS, at_most=AT_MOST)
def test_a_beginning_is_the_nearest_of_all_beginnings(one: str, other: str, at_most: int) -> None:
    """An unfinished word is compared with every beginning of the other."""
    assert distance_to_beginning(one, other, at_most) == min(*plain_row(one, other), at_most + 1)


@given(one=WORDS, other=WORDS, at_most=AT_MOST)
def test_a_distance_has_no_direction(one: str, other: str, at_most: int) -> None:
    """A word is as far from another as that from it."""
    assert distance(one, other, at_most) == distance(other, one, at_most)


def test_a_typing_slip_is_one_edit() -> None:
    """Each of the four slips of a finger counts one."""
    assert [distance("beatles", slip, 2) for slip in ("betles", "beattles", "beetles", "baetles")] == [1, 1, 1, 1]
    assert distance_to_beginning("toegther", "togethering", 2) == 1
