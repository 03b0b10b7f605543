"""What the edge asks of flags: the code's answer holds wherever theirs will not do, and keeping them changes none."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import pytest

from services.edge.domain.decisions import QUESTIONS, Decider, Decisions
from services.edge.domain.views import view_of
from services.kit.context import Caller, ClientType
from services.kit.flags.client.memory import FixedFlags
from services.kit.flags.decision import Reason

CAR = Caller(ClientType.CAR, "8.9.30", "463", country="SE", user_id="u-1")
BY_PERSON = {"fractional": [["half", 50], ["other", 50]]}
BY_TIME = {"if": [{"<": [{"var": "$flagd.timestamp"}, 1_000]}, "other", "half"]}


def flag(value: Any, targeting: Any = None, state: str = "ENABLED") -> Mapping[str, Any]:  # noqa: ANN401 - JSON
    """Return the definition of a flag with that value, and with another where a rule says so."""
    rule = {"targeting": targeting} if targeting else {}
    return {"state": state, "variants": {"half": value, "other": value}, "defaultVariant": "half", **rule}


def decided(flags: FixedFlags, caller: Caller = CAR) -> Decisions:
    """Return what the flags say for a caller."""
    decider = Decider.of(flags)
    return decider.for_person(decider.for_program(caller), caller)


def view(decisions: Decisions) -> Mapping[str, Any]:
    """Return the view that was decided."""
    return {name: choice.value for name, choice in decisions.of_view.items()}


def test_every_question_has_its_answer() -> None:
    """No decision is without a question, and no two questions ask the same flag."""
    assert set(QUESTIONS) == set(Decisions._fields)
    assert len({question.flag.key for question in QUESTIONS.values()}) == len(QUESTIONS)


@pytest.mark.parametrize("client_type", ClientType)
def test_without_flags_the_code_decides(client_type: ClientType) -> None:
    """Each type of client gets its row of the table; search orders as it likes, and completions are given."""
    said = decided(FixedFlags(), Caller(client_type))
    assert view(said) == asdict(view_of(client_type))
    assert (said.ranker.value, said.suggest_paused.value) == ("", False)
    assert {choice.variant for choice in said} == {""}
    assert said.travelling == []


@pytest.mark.parametrize("name", QUESTIONS)
@pytest.mark.parametrize("value", ["neither", "", -1, 0, 101, 10_000, 2.5, True, None, {"a": 1}, [4]])
def test_a_value_that_will_not_do_is_none(name: str, value: object) -> None:
    """Whatever a flag is set to, the code gets a value of the kind and within the bounds that it can work with."""
    key = QUESTIONS[name].flag.key
    choice = getattr(decided(FixedFlags({key: flag(value)})), name)
    code = getattr(decided(FixedFlags()), name)
    assert type(choice.value) is type(code.value)
    assert choice.value == (value if choice.variant else code.value)
    assert QUESTIONS[name].read(choice.value) == choice.value


@pytest.mark.parametrize(
    ("name", "value", "variant"),
    [
        ("layout", "shelf", "half"),
        ("layout", "spiral", ""),
        ("results", 50, "half"),
        ("results", 51, ""),
        ("results", 0, ""),
        ("tracks", 100, "half"),
        ("suggestions", 0, "half"),
        ("explicit", True, "half"),
        ("explicit", "true", ""),
        ("artwork_px", 15, ""),
        ("ranker", "any name", "half"),
    ],
)
def test_bounds_are_those_of_the_api(name: str, value: object, variant: str) -> None:
    """What a request may ask for a flag may say, and nothing else."""
    said = decided(FixedFlags({QUESTIONS[name].flag.key: flag(value)}))
    assert getattr(said, name).variant == variant


def test_a_flag_that_is_switched_off_says_so_and_decides_nothing() -> None:
    """After a kill the code's row holds, and nothing is wrong."""
    choice = decided(FixedFlags({"view-results": flag(50, state="DISABLED")})).results
    assert (choice.value, choice.variant, choice.reason) == (4, "", Reason.DISABLED)


def test_only_what_looks_at_the_person_is_decided_for_each() -> None:
    """A rule on the program is answered once for all who use it; one that draws persons or reads the time is not."""
    flags = FixedFlags(
        {
            "view-results": flag(5, {"if": [{"==": [{"var": "country"}, "SE"]}, "half", None]}),
            "view-tracks": flag(5, BY_PERSON),
        }
    )
    decider = Decider.of(flags)
    assert (list(decider.own), decider.timed) == (["tracks"], False)
    flags.change({"view-tracks": flag(5, BY_TIME)})
    assert (list(Decider.of(flags).own), Decider.of(flags).timed) == (["tracks"], True)


def test_keeping_answers_of_a_program_changes_none() -> None:
    """For every person, what is put together from both parts is what each flag says by itself."""
    flags = FixedFlags(
        {
            "view-results": flag(5, BY_PERSON),
            "view-tracks": flag(7, {"if": [{"==": [{"var": "client_type"}, "car"]}, "other", "half"]}),
            "view-examples": flag(9, {"if": [{"starts_with": [{"var": "targetingKey"}, "u-1"]}, "other", "half"]}),
        }
    )
    decider = Decider.of(flags)
    of_program = decider.for_program(CAR._replace(user_id=""))
    said = [decider.for_person(of_program, CAR._replace(user_id=f"u-{number}")) for number in range(200)]
    assert {each.results.variant for each in said} == {"half", "other"}
    assert {each.tracks.variant for each in said} == {"other"}
    assert [each.examples.variant for each in said] == [
        "other" if f"u-{number}".startswith("u-1") else "half" for number in range(200)
    ]
    assert said == [decided(flags, CAR._replace(user_id=f"u-{number}")) for number in range(200)]


def test_what_search_has_to_know_travels_where_a_variant_was_chosen() -> None:
    """A default of the code needs no message: whoever is asked has the same."""
    assert [choice.flag for choice in decided(FixedFlags({"search-ranker": flag("x")})).travelling] == ["search-ranker"]
    assert decided(FixedFlags({"search-ranker": flag("x", state="DISABLED")})).travelling == []
