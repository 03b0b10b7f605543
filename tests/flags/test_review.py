"""What a write is refused for, each with its place, and what it is warned of."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from services.flags.domain.document import definitions_of
from services.flags.domain.review import MOST_BYTES, Review, review
from services.flags.domain.store import State
from services.flags.domain.targeting import condition
from services.kit.flags.bounds import DEEPEST
from services.kit.flags.compile import compile_flags
from tests.flags.one_flag import flag, state_of

TODAY = date(2026, 11, 24)
CARS, TVS = ({"==": [{"var": "client_type"}, each]} for each in ("car", "tv"))
FIVE = {"fractional": [["on", 5], ["off", 95]]}
USER = {"var": "targetingKey"}


def reviewed(definition: Mapping[str, Any], key: str = "flag", **others: Mapping[str, Any]) -> Review:
    """Review a definition that is to be written over these."""
    return review(key, definition, state_of(**others), TODAY)


def salted(*parts: list[Any]) -> dict[str, Any]:
    """Return a fraction that is drawn by a salt."""
    return {"fractional": [{"cat": ["salt/", USER]}, *parts]}


def fault(found: Review) -> tuple[str, str]:
    """Return the path and the sentence of the only fault."""
    (only,) = found.faults
    return only.path, only.sentence


def test_a_sound_flag_is_written_without_a_word() -> None:
    """Nothing to refuse, nothing to warn of."""
    assert reviewed(flag({"if": [CARS, FIVE]})) == Review()


@pytest.mark.parametrize(
    ("metadata", "path", "sentence"),
    [
        ({"expires": "2027-01-01"}, "$.metadata.owner", "It says nobody who answers for the flag."),
        ({"owner": " ", "expires": "2027-01-01"}, "$.metadata.owner", "It says nobody who answers for the flag."),
        ({"owner": "x"}, "$.metadata.expires", "It says no day on which the flag goes, such as 2026-11-24."),
        ({"owner": "x", "expires": "soon"}, "$.metadata.expires", "It says no day on which the flag goes"),
        ({"owner": "x", "expires": "2026-11-23"}, "$.metadata.expires", "2026-11-23 is past"),
        ({"owner": "x", "expires": "2027-11-26"}, "$.metadata.expires", "2027-11-26 is more than a year ahead."),
    ],
)
def test_somebody_answers_for_a_flag_and_it_ends(metadata: dict[str, Any], path: str, sentence: str) -> None:
    """An owner, and a day within a year, are promised by every write."""
    at, said = fault(reviewed(flag(metadata=metadata)))
    assert at == path
    assert said.startswith(sentence)


def test_what_flagd_s_clients_could_not_use_is_refused() -> None:
    """All of it at once, each with its path."""
    found = reviewed(flag({"if": [CARS, "blue", {"fractal": []}]}, defaultVariant="of", state="ON"))
    assert [each.path for each in found.faults] == ["$.state", "$.defaultVariant", "$.targeting.if[2].fractal"]


def test_an_unknown_shared_rule_is_refused() -> None:
    """With those that there are, and only once."""
    definition = flag({"if": [{"$ref": "insider"}, "on"]})
    assert fault(reviewed(definition)) == ("$.targeting.if[0]", "There is no shared rule insider; there is none.")
    assert fault(reviewed(definition, rule_insiders=CARS))[1].endswith("there are insiders.")
    assert reviewed(definition, rule_insider=CARS) == Review()


def test_a_shared_rule_stands_alone() -> None:
    """It needs no owner, and refers to no other."""
    assert reviewed(CARS, "$evaluators/cars") == Review()
    assert fault(reviewed({"!": {"$ref": "x"}}, "$evaluators/cars", rule_x=CARS))[0] == "$.!"
    assert fault(reviewed({"near": [1]}, "$evaluators/cars")) == ("$.near", "There is no such operator.")


def test_a_shared_rule_may_not_break_who_uses_it() -> None:
    """The flag that would break is named."""
    user = flag({"$ref": "half"})
    assert reviewed({"fractional": [["on", 1], ["off", 1]]}, "$evaluators/half", flag=user) == Review()
    path, sentence = fault(reviewed({"fractional": [["on", 1], ["blue", 1]]}, "$evaluators/half", flag=user))
    assert path == "$"
    assert sentence.startswith("flag, which uses it, could not: at $.targeting.")


def test_a_salt_belongs_to_one_flag() -> None:
    """Two flags drawn by the same give both of their variants to the same people; a shared rule is another matter."""
    one = flag({"if": [CARS, salted(["on", 5], ["off", 95])]})
    path, sentence = fault(reviewed(one, "other", flag=one))
    assert path == "$.targeting.if[1].fractional[0]"
    assert sentence.startswith("flag is drawn by the same")
    assert reviewed(one, "flag", flag=one) == Review()
    assert reviewed(
        flag({"$ref": "half"}), "other", rule_half=salted(["on"], ["off"]), flag=flag({"$ref": "half"})
    ) == (Review())
    per_flag = flag({"fractional": [{"cat": [{"var": "$flagd.flagKey"}, USER]}, ["on", 1], ["off", 1]]})
    assert reviewed(per_flag, "other", flag=per_flag) == Review()


def test_allocation_and_split_have_salts_of_their_own() -> None:
    """Or all who are allocated would fall on one side; through a shared rule too."""
    allocated = {"fractional": [["on", 10], ["off", 90]]}
    halves = {"fractional": [["on", 1], ["off", 1]]}
    one_draw = flag({"if": [{"==": [allocated, "on"]}, halves]})
    assert fault(reviewed(one_draw))[0] == "$.targeting.if[1].fractional"
    through = flag({"if": [{"==": [{"$ref": "tenth"}, "on"]}, halves]})
    assert fault(reviewed(through, rule_tenth=allocated))[0] == "$.targeting.if[1].fractional"
    assert reviewed(flag({"if": [{"==": [salted(["on", 10], ["off", 90]), "on"]}, halves]})) == Review()


def test_a_running_fraction_goes_on_as_a_ramp_only() -> None:
    """More or less of a variant is a ramp; another order, or another total, would move people whom nobody meant."""
    now = flag({"if": [CARS, FIVE]})
    for parts in ([["on", 10], ["off", 90]], [["on", 1], ["off", 999]], [["on", 0], ["off", 100]]):
        assert reviewed(flag({"if": [TVS, {"fractional": parts}]}), flag=now) == Review()
    path, sentence = fault(reviewed(flag({"if": [CARS, {"fractional": [["off", 95], ["on", 5]]}]}), flag=now))
    assert path == "$.targeting.if[1].fractional"
    assert sentence.startswith('"off", "on" would both win and lose people')
    total = fault(reviewed(flag({"if": [CARS, {"fractional": [["on", 5], ["off", 195]]}]}), flag=now))
    assert total[1].startswith("The parts would have the total 200, and had 100")
    assert reviewed(flag({"if": [CARS, {"fractional": [["on", 10], ["off", 190]]}]}), flag=now) == Review()


def test_a_fraction_in_a_shared_rule_runs_too() -> None:
    """It is held to the same."""
    now = {"fractional": [["on", 5], ["off", 95]]}
    found = reviewed({"fractional": [["off", 95], ["on", 5]]}, "$evaluators/some", rule_some=now)
    assert fault(found)[0] == "$.fractional"


def test_what_does_not_run_may_change_at_will() -> None:
    """A killed flag, and a fraction that gets a salt of its own, of which a warning tells."""
    swapped = {"if": [CARS, {"fractional": [["off", 95], ["on", 5]]}]}
    assert reviewed(flag(swapped), flag=flag({"if": [CARS, FIVE]}, state="DISABLED")) == Review()
    anew = reviewed(flag({"if": [CARS, salted(["off", 95], ["on", 5])]}), flag=flag({"if": [CARS, FIVE]}))
    assert anew.faults == ()
    assert anew.warnings == (
        "$.targeting.if[1].fractional: It is drawn anew, so people change sides who keep theirs in a ramp.",
    )


def test_all_flags_fit_into_one_message() -> None:
    """The one that would be too much is refused, and the others stay as they are."""
    large = flag(variants={"on": "x" * (MOST_BYTES // 2), "off": ""})
    assert reviewed(large) == Review()
    assert fault(reviewed(large, other=large))[1].startswith("All flags together would have ")
    assert reviewed(large, flag=large) == Review()


def negated(times: int) -> dict[str, Any]:
    """Return a condition so many levels deep, an operator and its list being two."""
    rule: dict[str, Any] = {"var": "country"}
    for _ in range(times):
        rule = {"!": [rule]}
    return rule


def test_a_rule_that_passes_fits_into_a_document() -> None:
    """In which it stands deeper than by itself: one that passes and cannot be compiled would end every write."""
    truths = {"true": True, "false": False}
    passed = [
        rule
        for rule in map(negated, range(DEEPEST // 2 + 1))
        if not reviewed(flag(rule, variants=truths, defaultVariant="false")).faults
    ]
    assert len(passed) > DEEPEST // 3
    for rule in passed:
        state = state_of(deep=flag(rule, variants=truths, defaultVariant="false"))
        compile_flags(definitions_of(state.flags), now=lambda: 0.0)
    at, said = fault(reviewed(negated(DEEPEST // 2), "$evaluators/deep"))
    assert (at, said) == ("$", f"It is nested more than {DEEPEST} levels deep.")


def test_shared_rules_count_wherever_they_are_put_in() -> None:
    """Or a hundred short flags would be more than a process can hold; refused without putting them in to see."""
    cars = {"in": [{"var": "country"}, ["SE"] * 100_000]}
    users = flag({"if": [{"or": [{"$ref": "cars"}] * 2_000}, "on"]})
    assert reviewed(flag({"if": [{"$ref": "cars"}, "on"]}), rule_cars=cars) == Review()
    expected = "All flags together, shared rules put in, would have 200,"
    assert fault(reviewed(users, rule_cars=cars))[1].startswith(expected)
    assert fault(reviewed(cars, "$evaluators/cars", users=users))[1].startswith(expected)


@pytest.mark.parametrize(
    ("node", "warning"),
    [
        ({"<": [{"var": "app_version"}, "8.9"]}, '<: app_version is compared as text or as a number, where "8.10"'),
        ({">": [{"var": "country"}, "SE"]}, ">: country has no order"),
        ({">=": [{"var": "app_build"}, "463"]}, '>=: app_build is a number and is compared with "463".'),
        ({"<": [{"var": "app_build"}, 463]}, '<: Who has no app_build counts as 0 here; with {"var":["app_build"'),
        ({">": [463, {"var": "app_build"}]}, ">: Who has no app_build counts as 0 here"),
        ({"==": [{"var": "app_version"}, "8.9"]}, '==: app_version is never "8.9"; write "8.9.0".'),
        ({"==": [{"var": "country"}, "se"]}, '==: country is never "se"; write "SE".'),
        ({"in": [{"var": "country"}, ["SE", "UK"]]}, "in: UK is no country; did you mean GB?"),
        ({"in": [{"var": "country"}, "SE NO"]}, "in: country is looked for as a piece of a text"),
        ({"sem_ver": [{"var": "app_build"}, ">", "1.0.0"]}, "sem_ver: app_build is no version"),
        (
            {"==": [{"var": "contry"}, "SE"]},
            "==[0].var: contry is no attribute that the edge knows; was country",
        ),
        (condition("client_type=web and client_type=tv"), 'and: client_type is never "web" and "tv" at once'),
        (condition("country in (SE, NO) and country=DK"), 'and: country is never "SE" or "NO" and "DK" at once'),
        (condition("app_version=8 and app_version=9"), 'and: app_version is never "8.0.0" and "9.0.0" at once'),
        ({"==": [{"var": "plan"}, "family"]}, "==[0].var: plan is no attribute that the edge knows; only clients of"),
    ],
)
def test_a_comparison_that_means_something_else_is_told(node: dict[str, Any], warning: str) -> None:
    """It is written all the same."""
    found = reviewed(flag({"if": [node, "on"]}))
    assert found.faults == ()
    assert [each.startswith(f"$.targeting.if[0].{warning}") for each in found.warnings] == [True], found.warnings


@pytest.mark.parametrize(
    "node",
    [
        condition("country in (SE, NO) and country in (NO, DK) and client_type=tv"),
        {">": [{"var": "app_build"}, 463]},
        {"<": [{"var": ["app_build", "unknown"]}, 463]},
        {"==": [{"var": "app_version"}, "8.9.0"]},
        {"some": [[1, 2], {">": [{"var": ""}, 1]}]},
        {">": [{"var": "$flagd.timestamp"}, 1_700_000_000]},
    ],
)
def test_what_means_what_it_says_is_not_told(node: dict[str, Any]) -> None:
    """A warning for nothing hides the others."""
    assert reviewed(flag({"if": [node, "on"]})) == Review()


@pytest.mark.parametrize(
    ("rule", "warning"),
    [
        ([CARS, "on", CARS, "off"], "The branch at [3] is never reached: its condition is that at [0] again."),
        ([False, "on", "off"], "The branch at [1] is never reached: its condition never holds."),
        ([True, "on", CARS, "off"], "What follows [1] is never reached: its condition always holds."),
    ],
)
def test_a_branch_that_nobody_reaches_is_told(rule: list[Any], warning: str) -> None:
    """With its place in the chain."""
    assert reviewed(flag({"if": rule})).warnings == (f"$.targeting.if: {warning}",)


def test_an_end_that_is_near_is_told() -> None:
    """Two weeks ahead."""
    near = flag(metadata={"owner": "x", "expires": "2026-12-08"})
    assert reviewed(near).warnings == ("It expires in 14 days, on 2026-12-08.",)


def test_an_empty_store_takes_the_first_flag() -> None:
    """Nothing is there to compare with."""
    assert review("flag", json.loads(json.dumps(flag({"if": [CARS, FIVE]}))), State(), TODAY) == Review()
