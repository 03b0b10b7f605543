"""One-line rules: what they mean, and what is said of one that cannot be read."""

import operator
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.flags.domain.targeting import MOST_CHARS, Unclear, condition
from services.flags.domain.vocabulary import VOCABULARY, Attribute, Kind, context_of
from services.kit.context import Caller, ClientType
from services.kit.errors import Invalid
from services.kit.flags.attributes import VOCABULARY as NAMES
from services.kit.flags.attributes import attributes
from services.kit.flags.faults import faults
from services.kit.flags.values import Json
from tests.flags.one_flag import holds
from tests.flags.written_rules import comparisons, contexts, rules

ORDERS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "starts with": str.startswith,
    "ends with": str.endswith,
}
COMPARISON = re.compile(r"(?P<name>\w+) (?P<operator>not in|in|starts with|ends with|\S+) (?P<values>.*)")


def meant(comparison: str, context: Mapping[str, Any]) -> bool:
    """Return what a comparison means, without JsonLogic."""
    found = COMPARISON.fullmatch(comparison)
    assert found is not None
    word, asked = VOCABULARY[found["name"]], found["operator"]
    opposite = asked in {"!=", "not in"}
    values = [word.read(value) for value in found["values"].strip("()").split(", ")]
    positive = {"!=": "=", "in": "=", "not in": "="}.get(asked, asked)
    seen = context.get(word.name)
    held = seen is not None and any(ORDERS[positive](comparable(word, seen), comparable(word, each)) for each in values)
    return held is not opposite


def comparable(word: Attribute, value: Json) -> Json:
    """Return a value as Python compares it in the same way."""
    return tuple(map(int, value.split("."))) if word.kind is Kind.VERSION else value


def test_the_line_of_the_documentation_is_flagd_s_json() -> None:
    """Versions compare as versions, lists as lists."""
    assert condition("client_type=car and app_version>=8.9 and country in (SE, NO)") == {
        "and": [
            {"==": [{"var": "client_type"}, "car"]},
            {"sem_ver": [{"var": "app_version"}, ">=", "8.9.0"]},
            {"in": [{"var": "country"}, ["SE", "NO"]]},
        ]
    }


@given(comparisons(), contexts())
def test_a_comparison_means_what_it_says(comparison: str, context: dict[str, Any]) -> None:
    """Of all attributes, present or not: none holds for what is not known, and every opposite does."""
    assert holds(condition(comparison), context) is meant(comparison, context)


@given(rules(), rules(), contexts())
def test_and_or_and_not_join_rules(one: str, other: str, context: dict[str, Any]) -> None:
    """As in any language, `and` before `or`, `not` before both."""
    left, right = holds(condition(one), context), holds(condition(other), context)
    assert holds(condition(f"{one} and {other}"), context) is (left and right)
    assert holds(condition(f"{one} or {other}"), context) is (left or right)
    assert holds(condition(f"NOT {one}"), context) is not left
    assert holds(condition(f"{one} or {one} and not {one}"), context) is left


@given(rules())
def test_every_rule_is_a_definition_that_flagd_takes(rule: str) -> None:
    """By flagd's schema."""
    definition = {
        "state": "ENABLED",
        "variants": {"on": True, "off": False},
        "defaultVariant": "off",
        "targeting": {"if": [condition(rule), "on"]},
    }
    assert faults(definition) == []


@pytest.mark.parametrize(
    ("line", "under", "sentence"),
    [
        ("client_typ=car", "client_typ", "There is no attribute client_typ; did you mean client_type?"),
        ("client_type=cra", "cra", "cra is no client type; did you mean car?"),
        ("country=UK", "UK", "UK is no country; did you mean GB?"),
        ("country=Sweden", "Sweden", "Sweden is no country; countries are two letters of ISO 3166, such as SE."),
        ("app_version>=8.9.30.463", "8.9.30.463", "write app_version 8.9.30 and app_build 463."),
        ("app_version>=new", "new", "new is no version; write up to 3 numbers with dots between them, such as 8.9."),
        ("app_build=x", "x", "x is no number; app_build is compared with whole ones, such as 463."),
        ("locale<sv", "<", "After locale, any text, comes one of =, !=, in, not in, starts with, ends with."),
        ("client_type car", "car", "After client_type, one of a known set, comes one of =, !=, in, not in."),
        ("client_type=car country=SE", "country", "After a comparison comes and, or, or the end, not country."),
        ("(client_type=car", "(", "This parenthesis is never closed."),
        ("country in SE", "SE", "Here has to be a list in parentheses, such as country in (…, …)."),
        ("country in (SE NO)", "NO", "Here has to be a comma and another value, or the closing parenthesis."),
        ("client_type=car and", "", "Here has to be an attribute, such as client_type."),
        ("client_type=", "", "Here has to be a value for client_type."),
        ("client_type ! car", "!", "Nothing can be read from ! here."),
        ("", "", "The rule is empty; write for example client_type=car."),
    ],
)
def test_what_cannot_be_read_is_shown_with_its_place(line: str, under: str, sentence: str) -> None:
    """One sentence that says what to write instead, and a caret below every character at fault."""
    with pytest.raises(Unclear) as refused:
        condition(line)
    assert refused.value.sentence.endswith(sentence)
    assert line[refused.value.start : refused.value.end] == under
    said, shown, carets = str(refused.value).split("\n")
    assert said == refused.value.sentence
    assert shown.strip() == line
    assert carets == f"  {' ' * refused.value.start}{'^' * max(1, len(under))}"


@pytest.mark.parametrize("line", ["(" * 1_000, "not " * 400 + "client_type=car", "client_type=car or " * 1_000])
def test_what_is_too_deep_or_too_long_is_refused(line: str) -> None:
    """Before it costs anything."""
    with pytest.raises(Invalid):
        condition(line)
    assert MOST_CHARS < 10_000


@given(st.text(max_size=200))
def test_no_text_does_harm(line: str) -> None:
    """It is read or refused."""
    with suppress(Unclear):
        assert condition(line)


def test_words_may_be_written_as_people_do() -> None:
    """Large or small letters, blanks or none, `==`, quotes, a version with v."""
    plain = condition("client_type = car and country = SE and app_version = 8.9.0 and locale = sv")
    assert condition('client_type=CAR AND country==se And app_version="v8.9"  and\n locale="sv"') == plain
    either = """targetingKey in ('a user, of two words', "Bo's")"""
    assert condition(either) == {"in": [{"var": "targetingKey"}, ["a user, of two words", "Bo's"]]}


def test_the_vocabulary_is_what_the_edge_makes_of_a_caller() -> None:
    """No attribute more or less, so that every rule can hold for somebody."""
    caller = Caller(ClientType.CAR, "8.9.30", "463", "14.1", "user-1", "SE", "sv-SE")
    assert {*VOCABULARY} == {*NAMES} == {*attributes(caller)}


def test_attributes_written_by_hand_become_what_the_edge_sends() -> None:
    """Versions with three parts, builds as numbers, other clients' attributes as they are."""
    written = {"app_version": "8.9", "app_build": "463", "client_type": "car", "plan": "family"}
    assert context_of(written) == {"app_version": "8.9.0", "app_build": 463, "client_type": "car", "plan": "family"}
    assert context_of({"app_build": "beta"}) == {"app_build": "beta"}
    with pytest.raises(Invalid, match="did you mean country"):
        context_of({"contry": "SE"})
