"""Ours and flagd-core answer alike, whatever the flag and whatever the context."""

import json
from collections.abc import Mapping

import pytest
from hypothesis import example, given, settings
from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import OpenFeatureError

from services.kit.errors import Invalid
from services.kit.flags.compile import compile_flags
from services.kit.flags.explain import explain
from services.kit.flags.rule import Compiler, UnknownOperator
from services.kit.flags.scope import Scope
from services.kit.flags.snapshot import Kind, typed
from services.kit.flags.values import Json
from tests.kit.flags.logic import CONTEXTS, RULES
from tests.kit.flags.oracle import NOON, Oracle, core_of, expected_value
from tests.kit.flags.space import SCALARS, Space

SAME = {"if": [{"==": [{"var": "current"}, {"var": "accumulator"}]}, "same", {"var": "current"}]}
SAME_ITEM = {"if": [{"in": [{"var": "current"}, [{"var": "accumulator"}]]}, "same", {"var": "current"}]}
"""Tell whether two values that look alike are one, which JsonLogic's lists and NaN let a rule see."""

DOCUMENTS, FLAGS, CONTEXTS_EACH = 25, 50, 80


@pytest.mark.parametrize("seed", range(DOCUMENTS))
def test_flags_by_chance_are_decided_alike(seed: int) -> None:
    """Value, variant, reason and error are the same: 100,000 pairs of a flag and a context, usual and odd ones."""
    space = Space(seed)
    oracle = Oracle(json.dumps(space.document(FLAGS)))
    contexts = [space.context() for _ in range(CONTEXTS_EACH)]
    differences = [oracle.difference(f"flag-{number}", context) for number in range(FLAGS) for context in contexts]
    assert len(differences) == FLAGS * CONTEXTS_EACH
    assert not [difference for difference in differences if difference][:3]


@settings(max_examples=2_000)
@given(RULES, CONTEXTS)
@example({"==": [{"var": ""}, {"var": ""}]}, {})
@example({"reduce": [{"map": [[1, 2], [7]]}, {"==": [{"var": "current"}, {"var": "accumulator"}]}, 0]}, {})
@example({"reduce": [[1, 2], {"in": [{"var": ""}, [{"var": ""}]]}, 0]}, {})
@example({"in": [{"+": [{}]}, [{"+": [{}]}]]}, {})
@example({"in": [{"max": [{}]}, [{"max": [{}]}]]}, {})
@example({"reduce": [{"map": [[1, 2], [7]]}, SAME, 0]}, {})
@example({"reduce": [{"map": [[1, 2], {"+": ["x"]}]}, SAME_ITEM, 0]}, {})
@example({"+": [" inf "]}, {})
@example({"all": [[], True]}, {})
@example({"some": [[], True]}, {})
@example({"none": [[], True]}, {})
@example({"var": ["a", 1, 2]}, {})
@example({"map": [["a"], {"fractional": [["on", 1]]}]}, {"targetingKey": "x"})
@example({"map": [[{"a": 1, "targetingKey": "t"}], {"fractional": [["on", 1], ["off", 1]]}]}, {})
@example({"fractional": [{"var": "tags"}, ["on", 1], ["off", 1]]}, {"tags": ["a", 1], "targetingKey": "x"})
def test_rules_come_to_the_same_value(rule: Json, context: Mapping[str, Json]) -> None:
    """Any rule comes to the same value of the same type, or fails in the same way, by shortcuts and without."""
    expected = expected_value(rule, context)
    for general in (False, True):
        assert _value(rule, context, general=general) == expected


def _value(rule: Json, context: Mapping[str, Json], *, general: bool) -> str:
    scope = Scope("flag", general=general)
    run = Compiler(scope).compile(rule).run
    data: Mapping[str, Json] = context
    if scope.reads.whole:
        data = {
            **context,
            "$flagd": {"flagKey": "flag", "timestamp": NOON},
            "targetingKey": context.get("targetingKey"),
        }
    try:
        return repr(run(data))
    except UnknownOperator:
        return "PARSE_ERROR"
    except Exception:  # noqa: BLE001 - whatever it is, it has to be one in both
        return "GENERAL"


@settings(max_examples=1_000)
@given(RULES, CONTEXTS)
def test_an_explanation_agrees_with_the_evaluation(rule: Json, context: Mapping[str, Json]) -> None:
    """What is explained is what is decided, and the rule's value stands at the top of its trace."""
    flag = {"state": "ENABLED", "variants": {"true": 1, "false": 0, "on": 2}, "defaultVariant": "on", "targeting": rule}
    snapshot = compile_flags(json.dumps({"flags": {"flag": flag}}), now=lambda: NOON)
    explanation = explain(snapshot, "flag", context)
    assert repr(explanation.decision) == repr(snapshot.evaluate("flag", context))
    assert explanation.rule is not None
    assert (explanation.rule.fault != "") == (_value(rule, context, general=True) in {"PARSE_ERROR", "GENERAL"})


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("value", [*SCALARS, [1], {}], ids=repr)
def test_types_are_checked_alike(kind: Kind, value: Json) -> None:
    """A caller who asks for a type gets the same value of the same type, or the same refusal."""
    for targeting in ({}, {"if": [True, "on"]}):
        flag = {"state": "ENABLED", "variants": {"on": value}, "defaultVariant": "on", "targeting": targeting}
        oracle = Oracle(json.dumps({"flags": {"flag": flag}}))
        found = typed(oracle.ours.evaluate("flag", {}), kind)
        assert (repr(found.value), found.error and found.error.value) == _resolved(oracle, kind)


def _resolved(oracle: Oracle, kind: Kind) -> tuple[str, str | None]:
    try:
        answer = getattr(oracle.core, f"resolve_{kind}_value")("flag", None, EvaluationContext())
    except OpenFeatureError as error:
        return "None", error.error_code.value
    except Exception:  # noqa: BLE001 - as the OpenFeature client does
        return "None", "GENERAL"
    return repr(answer.value), None


ON: dict[str, Json] = {"state": "ENABLED", "variants": {"on": True}, "defaultVariant": "on"}
SHAPES: dict[str, list[Json]] = {
    "defaultVariant": [None, "", "off", True, False, 0, 1, [], ["on"], {}],
    "metadata": [None, {}, [], 0, "", "x", [1], {"a": 1}, {"a": None}, {"a": []}, {"": 1}],
    "targeting": [None, {}, [], 0, "", "x", [1], {"a": 1, "b": 2}, {"on": []}],
    "state": ["DISABLED", "", None, "enabled", 1],
    "variants": [{}, [], None, ["on"], {"on": None}, {"": 1}, {"false": 1}],
}


@pytest.mark.parametrize(
    "flag",
    [
        *({**ON, part: value} for part, values in SHAPES.items() for value in values),
        *({**ON, "extra": 1}, {**ON, "source": 1, "selector": 2}, {**ON, "key": "k"}, {"state": "ENABLED"}),
        *({"state": "ENABLED", "variants": {"on": 1}, "default_variant": "on"}, [], "x", 1, None),
    ],
    ids=repr,
)
def test_flags_of_any_shape_are_taken_or_refused_alike(flag: Json) -> None:
    """Where flagd-core takes a document, ours decides as it does; where it refuses one, so does ours."""
    _same({"flags": {"flag": flag, "other": ON}, "metadata": {"set": 1}})


def _same(document: Json) -> None:
    definitions = json.dumps(document)
    try:
        core_of(definitions)
    except Exception:  # noqa: BLE001 - not every refusal of flagd-core is a ParseError
        with pytest.raises(Invalid, match=r"\$"):
            compile_flags(definitions, now=lambda: NOON)
        return
    oracle = Oracle(definitions)
    assert [oracle.difference(key, {"targetingKey": "x", "a": 1}) for key in ("flag", "other", "none")] == [""] * 3


@pytest.mark.parametrize(
    "document",
    [
        *(
            {},
            [],
            1,
            "x",
            None,
            {"flags": None},
            {"flags": []},
            {"flags": {}, "metadata": None},
            {"metadata": {"a": []}},
        ),
        *({"$evaluators": [1]}, {"$evaluators": {}}, {"$evaluators": None}, {"$schema": "x", "flags": {"flag": ON}}),
    ],
    ids=repr,
)
def test_documents_of_any_shape_are_taken_or_refused_alike(document: Json) -> None:
    """A document that flagd-core cannot use as a whole is refused, with the path of what is wrong."""
    _same(document)


@pytest.mark.parametrize(
    "evaluators",
    [
        {"one": {"var": "a"}},
        {"one": {"$ref": "two"}, "two": True},
        {"two": True, "one": {"$ref": "two"}},
        {"one": {"$ref": "one"}},
        {"one": {"==": [{"$ref": "two"}, {"$ref": "two"}]}, "two": {}},
        {"one": {"$ref": {"$ref": "two"}}, "two": "three", "three": True},
        {"one": "two", "two": True},
        {"o.e": True, "o+e": False, "": True, "é": True},
        {"one": None},
        {"one": {"in": ["a", ["a"]]}, "two": {"if": [{"$ref": "one"}, "on"]}},
    ],
    ids=repr,
)
def test_shared_evaluators_are_put_in_alike(evaluators: Json) -> None:
    """One may name those after it and no other; a name that is not there fails as an unknown operator does."""
    for name in ("one", "two", "three", "o.e", "", "é"):
        for rule in ({"if": [{"$ref": name}, "on", "off"]}, {"$ref": name}, {"==": [{"$ref": name}, {"$ref": name}]}):
            flag = {"state": "ENABLED", "variants": {"on": {"$ref": name}, "off": 1, "true": 2}, "targeting": rule}
            _same({"flags": {"flag": flag}, "$evaluators": evaluators})


def test_an_evaluator_with_letters_outside_ascii_is_put_in() -> None:
    """What flagd-core cannot put in, since it puts in text, is put in as it was written."""
    rule = {"if": [{"$ref": "town"}, "on", "off"]}
    flag = {"state": "ENABLED", "variants": {"on": 1, "off": 0}, "targeting": rule}
    document = {"flags": {"flag": flag}, "$evaluators": {"town": {"==": [{"var": "town"}, "Örebro"]}}}
    snapshot = compile_flags(json.dumps(document), now=lambda: NOON)
    assert [snapshot.evaluate("flag", {"town": town}).variant for town in ("Örebro", "Oslo")] == ["on", "off"]
