"""An explanation, as lines for people and as data for programs."""

import json
from typing import Any

import pytest

from services.flags.domain.explained import as_data, as_lines
from services.flags.domain.targeting import condition
from services.kit.flags.compile import compile_flags
from services.kit.flags.explain import Explanation, explain
from tests.flags.writing import NOW, switch

RULE = {
    "if": [
        {"and": [{"==": [{"var": "client_type"}, "tv"]}, {"sem_ver": [{"var": "app_version"}, ">=", "8.9.0"]}]},
        {"fractional": [["on", 10], ["off", 90]]},
        "off",
    ]
}


def explained(context: dict[str, Any], **definition: Any) -> Explanation:  # noqa: ANN401 - JSON
    """Return how a flag with that rule is evaluated."""
    flag = switch(on=False, **{"targeting": RULE, **definition})
    return explain(compile_flags(json.dumps({"flags": {"grid": flag}}), now=NOW.timestamp), "grid", context)


def test_lines_say_what_was_decided_and_each_step() -> None:
    """With what was read of the context, what it was compared with, and the bucket of whom was drawn."""
    context = {"client_type": "tv", "app_version": "8.9.1", "targetingKey": "somebody"}
    decided, *steps = as_lines(explained(context))
    assert decided == "false by variant off: TARGETING_MATCH"
    assert [step.strip() for step in steps] == [
        'if: "off"',
        "and: true",
        '== "tv": true',
        'var client_type: "tv"',
        'sem_ver ">=", "8.9.0": true',
        'var app_version: "8.9.1"',
        'fractional: "off"',
        "bucket 58 of 100: on has 0 to 9, off has 10 to 99",
    ]
    assert [len(step) - len(step.lstrip()) for step in steps] == [0, 2, 4, 6, 4, 6, 2, 4]


def test_what_could_not_be_used_is_marked() -> None:
    """A version of four parts is none, and the rule goes on without it."""
    lines = as_lines(explained({"client_type": "tv", "app_version": "8.9.30.463"}))
    assert '      var app_version: "8.9.30.463", which is of no use here' in lines


@pytest.mark.parametrize(
    ("context", "read"),
    [
        ({"app_build": "4x"}, '"4x", which is of no use here'),
        ({"app_build": 463}, "463"),
        ({}, "null"),
    ],
)
def test_a_build_is_marked_where_it_is_no_number(context: dict[str, Any], read: str) -> None:
    """One that is missing is told as any other attribute is."""
    lines = as_lines(explained(context, targeting={"if": [condition("app_build>=400"), "on"]}))
    assert f"    var app_build: {read}" in lines


def test_where_nobody_is_drawn_it_is_said_what_is_missing() -> None:
    """A fraction needs somebody's key."""
    lines = as_lines(explained({"client_type": "tv", "app_version": "8.9.1"}))
    assert (
        lines[-1] == "  fractional: null: nobody is drawn, since there is no targetingKey; "
        "add targetingKey=… to see a draw"
    )


def test_a_flag_that_asks_no_rule_has_one_line() -> None:
    """Also where it leaves the choice to its callers, and where there is none."""
    assert as_lines(explained({}, state="DISABLED")) == ["each caller's own default: killed"]
    missing = explain(compile_flags("{}", now=NOW.timestamp), "grid", {})
    assert as_lines(missing) == [f"FLAG_NOT_FOUND: {missing.decision.detail}"]


def test_data_is_json_whatever_a_rule_comes_to() -> None:
    """Numbers that JSON has not are texts, and long values are cut."""
    rule = {"if": [{"in": [{"+": ["no number"]}, {"cat": ["x" * 500, {"var": "country"}]}]}, "on", "off"]}
    data = as_data(explained({"country": "SE"}, targeting=rule))
    text = json.dumps(data, allow_nan=False)
    assert json.loads(text)["variant"] == "off"
    assert '"nan"' in text
    assert max(len(value) for value in _texts(data)) < 250


def _texts(data: Any) -> list[str]:  # noqa: ANN401 - JSON
    if isinstance(data, dict):
        return [text for value in data.values() for text in _texts(value)]
    if isinstance(data, list):
        return [text for value in data for text in _texts(value)]
    return [data] if isinstance(data, str) else []
