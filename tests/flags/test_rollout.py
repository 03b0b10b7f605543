"""From a wish to a rule: who gets a variant, and that a higher percentage only adds people."""

from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.flags.domain.review import Review, review
from services.flags.domain.rollout import Mode, SeveralBranches, Wish, on_off_flag, percentage, with_rule
from services.flags.domain.targeting import condition
from services.kit.errors import Invalid
from tests.flags.one_flag import compiled, decided, flag, state_of
from tests.flags.test_review import TODAY

CARS = condition("client_type=car")
PERCENTAGES = st.integers(0, 100_000).map(lambda thousandths: Decimal(thousandths) / 1_000)


def users(definition: dict[str, Any]) -> set[int]:
    """Return which of two thousand users get the feature."""
    snapshot = compiled(definition)
    return {number for number in range(2_000) if snapshot.evaluate("flag", {"targetingKey": f"user-{number}"}).value}


def test_a_condition_and_a_percentage_become_one_branch() -> None:
    """The rest falls to the default variant, and says so by its reason."""
    rule = with_rule(flag(), Wish("on", CARS, Decimal(5)))["targeting"]
    assert rule == {"if": [CARS, {"fractional": [["on", 5], ["off", 95]]}]}
    assert with_rule(flag(), Wish("on"))["targeting"] == {"if": [True, "on"]}
    assert with_rule(flag(), Wish("off", CARS, otherwise="on"))["targeting"] == {"if": [CARS, "off", "on"]}


@given(st.lists(PERCENTAGES, min_size=2, max_size=4))
def test_raising_a_percentage_only_adds_people_and_lowering_only_takes(percentages: list[Decimal]) -> None:
    """Whatever the steps, and each passes the review."""
    definition = with_rule(flag(), Wish("on", percent=percentages[0]))
    for before, after in pairwise(percentages):
        changed = with_rule(definition, Wish("on", percent=after))
        assert users(definition) <= users(changed) if before <= after else users(changed) <= users(definition)
        assert review("flag", changed, state_of(flag=definition), TODAY).faults == ()
        definition = changed


def test_either_variant_may_be_named() -> None:
    """Ninety of a hundred off is ten on: the same ten as before."""
    ten = with_rule(flag(), Wish("on", percent=Decimal(10)))
    same = with_rule(ten, Wish("off", percent=Decimal(90), otherwise="on"))
    assert users(same) == users(ten)


def test_what_runs_keeps_its_order_its_total_and_its_salt() -> None:
    """A fraction that somebody wrote by hand is ramped as it stands."""
    unit = {"cat": ["my salt", {"var": "targetingKey"}]}
    by_hand = flag({"fractional": [unit, ["off", 900], ["on", 100]]})
    ramped = with_rule(by_hand, Wish("on", percent=Decimal(20)))
    assert ramped["targeting"]["if"][1] == {"fractional": [unit, ["off", 800], ["on", 200]]}
    assert users(by_hand) < users(ramped)


def test_a_salt_draws_anew_and_never_by_the_salt_alone() -> None:
    """Others are in it than before, and who has no key gets the default."""
    own = with_rule(flag(), Wish("on", percent=Decimal(50)))
    salted = with_rule(own, Wish("on", percent=Decimal(50), salt="second-try"))
    both = len(users(own) & users(salted))
    assert 400 < both < 600
    assert decided(salted, {}).variant == "off"
    assert len(review("flag", salted, state_of(flag=own), TODAY).warnings) == 1


def test_a_flag_without_a_default_variant_is_told_what_the_others_can_get() -> None:
    """All its other variants, and first what its rule leaves for the rest."""
    definition = flag({"if": [CARS, "on", "dim"]}, variants={"on": 2, "off": 0, "dim": 1}, defaultVariant=None)
    with pytest.raises(Invalid) as refused:
        with_rule(definition, Wish("on", percent=Decimal(5), mode=Mode.ADD))
    assert str(refused.value) == (
        "The flag has no default variant; say what the others get, such as dim: there are dim, off."
    )


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        (Wish("onn"), "The flag has no variant onn; did you mean on?"),
        (Wish("on", otherwise="blue"), "The flag has no variant blue; there are on, off."),
        (Wish("off", CARS), "All would get off; say what the others get."),
        (Wish("off", percent=Decimal(5)), "All would get off; say what the others get."),
        (
            Wish("on", otherwise="off"),
            "Nobody is left to get something else: only a condition or a percentage leaves others.",
        ),
    ],
)
def test_what_the_flag_does_not_have_is_refused(wish: Wish, sentence: str) -> None:
    """With what it has."""
    with pytest.raises(Invalid) as refused:
        with_rule(flag(), wish)
    assert str(refused.value) == sentence


def test_a_rule_of_several_branches_goes_only_if_somebody_says_so() -> None:
    """Or it stays for all others."""
    tvs, speakers = condition("client_type=tv"), condition("client_type=speaker")
    several = flag({"if": [tvs, "on", speakers, "on", "off"]})
    with pytest.raises(SeveralBranches, match="a rule of 2 branches"):
        with_rule(several, Wish("on", CARS))
    assert with_rule(several, Wish("on", CARS, mode=Mode.REPLACE))["targeting"] == {"if": [CARS, "on"]}
    added = with_rule(several, Wish("on", CARS, mode=Mode.ADD))
    assert added["targeting"] == {"if": [CARS, "on", tvs, "on", speakers, "on", "off"]}


def test_the_default_for_everybody_needs_no_rule() -> None:
    """What `target FLAG on` did, `target FLAG off` undoes; as a branch the default is as good as any."""
    assert with_rule(with_rule(flag(), Wish("on")), Wish("off")) == flag()
    some = flag({"if": [{"!": [CARS]}, "on"]})
    assert with_rule(some, Wish("off", CARS, mode=Mode.ADD))["targeting"] == {"if": [CARS, "off", {"!": [CARS]}, "on"]}


def test_a_branch_that_is_there_is_changed_in_its_place() -> None:
    """So that a branch is ramped as a rule is: nobody is swapped, and none is asked twice."""
    tvs = flag({"if": [condition("client_type=tv"), {"fractional": [["on", 5], ["off", 95]]}]})
    both = with_rule(tvs, Wish("on", CARS, Decimal(10), mode=Mode.ADD))
    more = with_rule(both, Wish("on", condition("client_type=tv"), Decimal(20), mode=Mode.ADD))
    assert more["targeting"]["if"][1:] == [
        {"fractional": [["on", 10], ["off", 90]]},
        condition("client_type=tv"),
        {"fractional": [["on", 20], ["off", 80]]},
    ]
    assert review("flag", more, state_of(flag=both), TODAY) == Review()
    bare = flag({"fractional": [["on", 5], ["off", 95]]})
    assert with_rule(bare, Wish("on", CARS, mode=Mode.ADD))["targeting"] == {"if": [CARS, "on", bare["targeting"]]}


def test_a_share_of_nothing_is_refused() -> None:
    """Without a default variant somebody has to say what the rest gets."""
    with pytest.raises(Invalid, match="no default variant; say what the others get"):
        with_rule(flag(defaultVariant=None), Wish("on", percent=Decimal(5)))
    assert with_rule(flag(defaultVariant=None), Wish("on", CARS))["targeting"] == {"if": [CARS, "on"]}


def test_a_new_flag_is_off_and_may_be_written() -> None:
    """With an owner and an end it passes the review."""
    new = on_off_flag("search", "2027-03-01")
    assert decided(new, {}).value is False
    assert review("flag", new, state_of(), TODAY) == Review()


@pytest.mark.parametrize(("written", "percent"), [("5", "5"), ("0.1", "0.1"), ("12.5 %", "12.5"), ("100", "100")])
def test_percentages_are_read(written: str, percent: str) -> None:
    """With a sign or without, exactly."""
    assert percentage(written) == Decimal(percent)


@pytest.mark.parametrize("written", ["", "five", "-1", "101", "0.0001", "nan", "1e-9", "inf"])
def test_what_is_no_percentage_is_refused(written: str) -> None:
    """Whoever types it sees what to write."""
    with pytest.raises(Invalid):
        percentage(written)
