"""What is wrong with a definition is found before it is written, each fault at its place."""

import json

import pytest

from services.kit.flags.compile import compile_flags
from services.kit.flags.faults import faults
from services.kit.flags.values import Json
from tests.kit.flags.space import Space

ON_OFF: dict[str, Json] = {"state": "ENABLED", "variants": {"on": True, "off": False}, "defaultVariant": "off"}
VERSION = {"sem_ver": [{"var": "app_version"}, ">=", "8.9.0"]}
RULE = {
    "if": [
        {"and": [{"==": [{"var": "client_type"}, "car"]}, VERSION, {"in": [{"var": "country"}, ["SE", "NO"]]}]},
        {"fractional": [["on", 5], ["off", 95]]},
        {"some": [{"var": "tags"}, {"==": [{"var": ""}, "x"]}]},
        "on",
        {"fractional": [{"cat": [{"var": "$flagd.flagKey"}, {"var": "email"}]}, ["on"], ["off", {"var": "share"}]]},
    ]
}


@pytest.mark.parametrize(
    "definition",
    [
        ON_OFF,
        {**ON_OFF, "defaultVariant": None, "metadata": {"owner": "me", "size": 1, "old": False}},
        {**ON_OFF, "targeting": {}},
        {**ON_OFF, "targeting": RULE},
        {"state": "DISABLED", "variants": {"a": 1, "b": 2.5}},
        {"state": "ENABLED", "variants": {"true": {}, "false": {"x": []}}, "targeting": VERSION},
        {**ON_OFF, "targeting": {"if": [{"or": [{"missing": ["a", "b"]}, {"missing_some": [1, ["a"]]}]}, None, "on"]}},
        {**ON_OFF, "targeting": {"if": [{"<": [1, {"var": ["build", 0]}, 9]}, "on"]}},
    ],
    ids=repr,
)
def test_sound_definitions_have_no_fault(definition: Json) -> None:
    """What people write in flagd's documentation may be written here."""
    assert faults(definition) == []


FAULTY: list[tuple[Json, str]] = [
    ({"state": "on"}, "$.state"),
    ({"owner": "me"}, "$"),
    ({"variants": {}}, "$.variants"),
    ({"variants": {"on": 1, "off": "x"}}, "$.variants"),
    ({"variants": {"on": True, "off": 0}}, "$.variants"),
    ({"variants": {"on": None, "off": None}}, "$.variants.on"),
    ({"variants": {"on": [1], "off": [2]}}, "$.variants.on"),
    ({"variants": {"on": 2**53, "off": 0}}, "$.variants.on"),
    ({"variants": {"on": {"x": [-(2**53)]}, "off": {}}}, "$.variants.on.x[0]"),
    ({"metadata": {"ticket": 10**400}}, "$.metadata.ticket"),
    ({"targeting": {"if": [{"==": [{"var": "id"}, 2**53]}, "on"]}}, "$.targeting.if[0].==[1]"),
    ({"variants": {"": True, "off": False}}, "$.variants"),
    ({"defaultVariant": "nowhere"}, "$.defaultVariant"),
    ({"defaultVariant": True}, "$.defaultVariant"),
    ({"metadata": []}, "$.metadata"),
    ({"metadata": {"owner": None}}, "$.metadata.owner"),
    ({"metadata": {"": 1}}, "$.metadata"),
    ({"targeting": []}, "$.targeting"),
    ({"targeting": {"nonsense": []}}, "$.targeting.nonsense"),
    ({"targeting": {"$ref": "shared"}}, "$.targeting.$ref"),
    ({"targeting": {"if": [], "and": []}}, "$.targeting"),
    ({"targeting": {"if": [{"log": [1]}, "on"]}}, "$.targeting.if[0].log"),
    ({"targeting": {"if": [{"==": [1]}, "on"]}}, "$.targeting.if[0].=="),
    ({"targeting": {"if": [{"==": 1}, "on"]}}, "$.targeting.if[0].=="),
    ({"targeting": {"if": [{"<": [1, 2, 3, 4]}, "on"]}}, "$.targeting.if[0].<"),
    ({"targeting": {"if": [{"in": ["x", [{"no": 1}]]}, "on"]}}, "$.targeting.if[0].in[1][0].no"),
    ({"targeting": {"if": [{"var": 1}, "on"]}}, "$.targeting.if[0].var"),
    ({"targeting": {"if": [{"var": "$flagd.now"}, "on"]}}, "$.targeting.if[0].var"),
    ({"targeting": {"if": [{"var": ["a", []]}, "on"]}}, "$.targeting.if[0].var"),
    ({"targeting": {"if": [{"missing": [1]}, "on"]}}, "$.targeting.if[0].missing"),
    ({"targeting": {"if": [{"missing_some": ["1", ["a"]]}, "on"]}}, "$.targeting.if[0].missing_some[0]"),
    ({"targeting": {"if": [{"missing_some": [1, "a"]}, "on"]}}, "$.targeting.if[0].missing_some[1]"),
    ({"targeting": {"if": [{"sem_ver": [{"var": "v"}, "=>", "1.0.0"]}, "on"]}}, "$.targeting.if[0].sem_ver[1]"),
    ({"targeting": {"if": [{"sem_ver": [{"var": "v"}, ">", "1.2.3.4"]}, "on"]}}, "$.targeting.if[0].sem_ver[2]"),
    ({"targeting": {"if": [{"sem_ver": [{"var": "v"}, [], "1.0.0"]}, "on"]}}, "$.targeting.if[0].sem_ver[1]"),
    ({"targeting": {"if": [{"starts_with": [{"var": "v"}, 5]}, "on"]}}, "$.targeting.if[0].starts_with[1]"),
    ({"targeting": {"fractional": [["on", 0.5], ["off", 1]]}}, "$.targeting.fractional[0][1]"),
    ({"targeting": {"fractional": [["on", True], ["off", 1]]}}, "$.targeting.fractional[0][1]"),
    ({"targeting": {"fractional": [["on", -1], ["off", 1]]}}, "$.targeting.fractional[0][1]"),
    ({"targeting": {"fractional": [["on", 0], ["off", 0]]}}, "$.targeting.fractional"),
    ({"targeting": {"fractional": [["on", 1], "off"]}}, "$.targeting.fractional[1]"),
    ({"targeting": {"fractional": ["user", ["on", 1]]}}, "$.targeting.fractional[0]"),
    ({"targeting": {"fractional": [["on", 2**31 - 1], ["off", 1]]}}, "$.targeting.fractional"),
    ({"targeting": {"fractional": [["on", 1], ["of", 1]]}}, "$.targeting.fractional[1][0]"),
    ({"targeting": {"if": [True, {"fractional": [["on", 1], ["of", 1]]}]}}, "$.targeting.if[1].fractional[1][0]"),
    ({"targeting": {"if": [True, "on", False, "of"]}}, "$.targeting.if[3]"),
    ({"targeting": {"if": [True, "on", {"==": [1, 1]}]}}, "$.targeting.if[2]"),
    ({"targeting": {"and": [{"==": [1, 1]}, "on"]}}, "$.targeting.and[0]"),
    ({"targeting": {"or": [{"!": [1]}, "of"]}}, "$.targeting.or[1]"),
    ({"targeting": {"if": [True, 5]}}, "$.targeting.if[1]"),
]


@pytest.mark.parametrize(("part", "path"), FAULTY, ids=lambda case: case if isinstance(case, str) else json.dumps(case))
def test_a_fault_is_told_at_its_place(part: Json, path: str) -> None:
    """Whatever is wrong, the JSON path leads there and a sentence says what it is."""
    found = faults({**ON_OFF, **part})
    assert path in [fault.path for fault in found]
    assert all(fault.sentence.endswith(".") and str(fault) == f"{fault.path}: {fault.sentence}" for fault in found)


def test_a_definition_without_end_is_refused() -> None:
    """A rule deeper than any that is evaluated is told, not walked."""
    rule: Json = "on"
    for _ in range(10_000):
        rule = {"if": [True, rule]}
    assert [fault.path for fault in faults({**ON_OFF, "targeting": rule})] == ["$"]


def test_what_has_no_fault_never_comes_to_nothing() -> None:
    """By chance: a definition without fault that names what it decides has a decision for every context."""
    space, sound = Space(99), 0
    for _ in range(3_000):
        flag = {**space.flag(), "targeting": space.realistic()}
        if faults(flag) or "NaN" in json.dumps(flag):
            continue
        sound += 1
        snapshot = compile_flags(json.dumps({"flags": {"flag": flag}}), now=lambda: 0)
        for _ in range(20):
            assert snapshot.evaluate("flag", space.context()).error is None
    assert sound > 100
