"""Rules in words."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.flags.domain.targeting import condition
from services.flags.domain.words import condition_in_words, rule_in_words
from tests.flags.one_flag import flag
from tests.flags.written_rules import rules

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(("if", "and", "!", "!!", "var", "in", "==", "sem_ver", "fractional", "$ref", "cat", "x")),
            inner | st.lists(inner, max_size=3),
            max_size=2,
        )
    ),
)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("client_type=car", "client type is car"),
        ("client_type!=car", "client type is not car"),
        ("country in (SE, NO)", "country is SE or NO"),
        ("country in (SE, NO, DK)", "country is one of SE, NO, DK"),
        ("country not in (SE, NO)", "country is not SE nor NO"),
        ("app_version>=8.9", "app version is at least 8.9.0"),
        ("app_version!=8.9", "not (app version is 8.9.0)"),
        ("app_build<463 and os_version>14", "app build is below 463 and system version is above 14.0.0"),
        ("client_type=tv and (country=SE or country=NO)", "client type is tv and (country is SE or country is NO)"),
        ('locale starts with sv or locale = "a b"', 'locale starts with sv or locale is "a b"'),
    ],
)
def test_conditions_read_as_sentences(line: str, words: str) -> None:
    """What a person typed comes back as what it means."""
    assert condition_in_words(condition(line)) == words


@given(rules())
def test_all_that_one_line_can_say_has_words(line: str) -> None:
    """No JSON is left in them."""
    assert not set(condition_in_words(condition(line))) & set("`{}[]")


@pytest.mark.parametrize(
    ("definition", "words"),
    [
        (flag(), "everyone: off"),
        (flag(defaultVariant=None), "everyone: each caller's own default"),
        (flag({"fractional": [["on", 1], ["off", 2]]}), "everyone: 33.33 % on, 66.67 % off"),
        (flag({"if": [True, "on"]}), "everyone: on"),
        (
            flag({"if": [{"==": [{"var": "client_type"}, "car"]}, {"fractional": [["on", 5], ["off", 95]]}]}),
            "where client type is car: 5 % on, 95 % off\notherwise: off",
        ),
        (
            flag(
                {
                    "if": [
                        {"!!": [{"var": "targetingKey"}]},
                        {"fractional": [{"cat": ["s/", {"var": "targetingKey"}]}, ["on"]]},
                    ]
                }
            ),
            "where user is known: 100 % on, drawn by user with s/\notherwise: off",
        ),
        (
            flag({"if": [{"$ref": "insiders"}, "on", {"var": "x"}, {"if": [{"!": {"var": "y"}}, "on"]}, "off"]}),
            (
                "where the shared rule insiders holds: on\n"
                "where x is known: (where y is not known: on; otherwise: off)\n"
                "otherwise: off"
            ),
        ),
        (
            flag({"if": [True, "on"]}, state="DISABLED"),
            "killed: each caller's own default holds; restored it would be:\neveryone: on",
        ),
        ({"in": ["beta", {"var": "plan"}]}, "holds where plan contains beta"),
        (condition("client_type=car and country=SE"), "holds where client type is car and country is SE"),
        ({"%": [{"var": "app_build"}, 2]}, 'everyone: `{"%": [{"var": "app_build"}, 2]}`'),
        ({"fractional": [["on", 1], ["off", 1]]}, "everyone: 50 % on, 50 % off"),
        ({"if": [{"var": "x"}, "on"]}, "where x is known: on\notherwise: null"),
    ],
)
def test_rules_read_as_lines(definition: dict[str, Any], words: str) -> None:
    """A line for each branch, the last for the rest."""
    assert rule_in_words(definition) == words


def test_what_has_no_words_is_shown_as_it_is() -> None:
    """As JSON between backquotes, with the rest around it in words."""
    rule = {"and": [{"==": [{"var": "client_type"}, "car"]}, {">": [{"%": [{"var": "app_build"}, 2]}, 0]}]}
    assert condition_in_words(rule) == 'client type is car and `{"%": [{"var": "app_build"}, 2]}` is above 0'


@given(JSON)
def test_no_definition_does_harm(rule: Any) -> None:  # noqa: ANN401 - any JSON there is
    """Whatever is in it, there are words, on as many lines as branches."""
    assert rule_in_words(flag({"if": [rule, rule, rule]})).startswith(("where ", "everyone"))
    assert rule_in_words({"variants": rule, "defaultVariant": rule, "targeting": rule, "state": rule})


def test_what_people_named_cannot_look_like_something_else() -> None:
    """A variant with a line break or a comma in its name is shown as the text that it is."""
    assert rule_in_words(flag(defaultVariant="off\notherwise: on")) == 'everyone: "off\\notherwise: on"'
