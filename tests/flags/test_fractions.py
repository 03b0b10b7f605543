"""Which changes of a fraction move people as a ramp does."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.flags.domain.fractions import Fraction, continued, fractions, same_total, swapped
from services.kit.flags.fractional import digest, split

PEOPLE = [digest(["flag", f"user-{number}"]) for number in range(2_000)]


def fraction(*parts: tuple[str, int]) -> Fraction:
    """Return a fraction of these parts."""
    found = fractions({"fractional": [list(part) for part in parts]}, "$")
    return found[0]


def chosen(*parts: tuple[str, int]) -> list[str]:
    """Return what people get, by the evaluator's own split."""
    shares = split([list(part) for part in parts])
    assert shares is not None
    return [shares.chosen(person or 0) for person in PEOPLE]


PARTS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from((0, 1, 5, 10, 50))), min_size=1, max_size=4).filter(
    lambda parts: any(weight for _, weight in parts)
)


@given(PARTS, PARTS)
def test_swapped_is_who_wins_and_loses_people(before: list[tuple[str, int]], after: list[tuple[str, int]]) -> None:
    """No variant exchanges people that is not named, by the evaluator's own split of two thousand."""
    moves = {(old, new) for old, new in zip(chosen(*before), chosen(*after), strict=True) if old != new}
    exchanged = {f'"{each}"' for each in {old for old, _ in moves} & {new for _, new in moves}}
    assert exchanged <= set(swapped(fraction(*before), fraction(*after)))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([("on", 5), ("off", 95)], [("on", 10), ("off", 90)]),
        ([("on", 5), ("off", 95)], [("on", 0), ("off", 100)]),
        ([("on", 5), ("off", 95)], [("on", 5), ("blue", 5), ("off", 90)]),
        ([("a", 10), ("rest", 40), ("b", 10), ("rest", 40)], [("a", 20), ("rest", 30), ("b", 20), ("rest", 30)]),
        ([("on", 0), ("off", 100)], [("off", 100), ("on", 0)]),
        ([("on", 100)], [("off", 100)]),
    ],
)
def test_a_ramp_swaps_nobody(before: list[tuple[str, int]], after: list[tuple[str, int]]) -> None:
    """Up, down, to nothing, or with a variant more that takes from one: people go one way."""
    assert swapped(fraction(*before), fraction(*after)) == ()


@pytest.mark.parametrize(
    ("before", "after", "variants"),
    [
        ([("on", 5), ("off", 95)], [("off", 95), ("on", 5)], ("off", "on")),
        ([("on", 5), ("off", 95)], [("off", 5), ("on", 95)], ("off", "on")),
        ([("a", 10), ("b", 10), ("rest", 80)], [("a", 20), ("b", 20), ("rest", 60)], ("b",)),
        ([("on", 5), ("off", 95)], [("blue", 5), ("on", 5), ("off", 90)], ("on",)),
    ],
)
def test_what_is_no_ramp_swaps_people(
    before: list[tuple[str, int]], after: list[tuple[str, int]], variants: tuple[str, ...]
) -> None:
    """Another order, or a part that is pushed along by the one before it."""
    assert swapped(fraction(*before), fraction(*after)) == tuple(f'"{each}"' for each in variants)


def test_a_total_may_be_written_more_finely() -> None:
    """By tens, which moves nobody; any other total would move people whom nobody asked to move."""
    assert same_total(fraction(("on", 5), ("off", 95)), fraction(("on", 50), ("off", 950)))
    assert not same_total(fraction(("on", 5), ("off", 95)), fraction(("on", 5), ("off", 195)))


def test_a_fraction_is_known_by_its_condition_and_by_what_it_is_drawn_by() -> None:
    """Branches may be added around it, and its condition may change."""
    cars, tvs = {"==": [{"var": "client_type"}, "car"]}, {"==": [{"var": "client_type"}, "tv"]}
    one, two = {"fractional": [["a", 1], ["b", 1]]}, {"fractional": [["b", 1], ["a", 1]]}
    before = fractions({"if": [cars, one, tvs, two]}, "$")
    assert [(old.path, new.path) for old, new in continued(before, fractions({"if": [tvs, two, cars, one]}, "$"))] == [
        ("$.if[1].fractional", "$.if[3].fractional"),
        ("$.if[3].fractional", "$.if[1].fractional"),
    ]
    widened = fractions({"if": [{"or": [cars, tvs]}, one]}, "$")
    assert [(old.path, new.path) for old, new in continued(before, widened)] == [
        ("$.if[1].fractional", "$.if[1].fractional")
    ]
    salted = fractions({"if": [cars, {"fractional": ["s", ["a", 1], ["b", 1]]}]}, "$")
    assert list(continued(before, salted)) == []


@pytest.mark.parametrize(
    "rule",
    [
        {"if": [{"==": [{"fractional": [["in", 10], ["out", 90]]}, "in"]}, {"fractional": [["on"], ["off"]]}]},
        {"if": [{"==": [{"fractional": [["in", 10], ["out", 90]]}, "in"]}, "on", {"fractional": [["on"], ["off"]]}]},
        {"fractional": [[{"fractional": [["on"], ["off"]]}, 10], ["off", 90]]},
        {"and": [{"==": [{"fractional": [["in", 1], ["out", 9]]}, "in"]}, {"fractional": [["on"], ["off"]]}]},
    ],
)
def test_a_fraction_of_what_the_same_draw_chose_is_found(rule: dict[str, Any]) -> None:
    """In a condition before it, within a part, on either side of `if` and after `and`: all of it falls on one side."""
    assert sorted(each.redrawn for each in fractions(rule, "$")) == [False, True]


def test_fractions_side_by_side_are_no_second_draw() -> None:
    """A user meets one branch only, and a draw of its own is independent."""
    halves = {"fractional": [["on"], ["off"]]}
    cars, tvs = {"==": [{"var": "client_type"}, "car"]}, {"==": [{"var": "client_type"}, "tv"]}
    own = {"fractional": [{"cat": ["salt", {"var": "targetingKey"}]}, ["in", 10], ["out", 90]]}
    for rule in ({"if": [cars, halves, tvs, halves, halves]}, {"if": [{"==": [own, "in"]}, halves]}):
        assert not any(each.redrawn for each in fractions(rule, "$"))


def test_what_hashes_the_same_is_the_same_unit() -> None:
    """However its texts are cut into pieces."""
    whole, cut = (
        {"fractional": [{"cat": [*salt, {"var": "targetingKey"}]}, ["on"]]} for salt in (["a-b"], ["a", "-b"])
    )
    assert fractions(whole, "$")[0].unit == fractions(cut, "$")[0].unit
