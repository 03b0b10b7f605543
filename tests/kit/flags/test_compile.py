"""Definitions into snapshots: what is refused and where, what is known of a flag, and what a snapshot promises."""

import gc
import json
from collections.abc import Callable
from contextlib import suppress

import pytest

from services.kit.errors import Invalid
from services.kit.flags.bounds import DEEPEST
from services.kit.flags.compile import compile_flags
from services.kit.flags.decision import Decision, ErrorCode, Reason
from services.kit.flags.snapshot import Snapshot
from services.kit.flags.values import Json
from tests.kit.flags.oracle import Oracle

ON_OFF: dict[str, Json] = {"state": "ENABLED", "variants": {"on": True, "off": False}, "defaultVariant": "off"}
HALVES = {"fractional": [["on", 1], ["off", 1]]}


def snapshot(
    *, cached: bool = False, on_invalid: Callable[[str], None] = lambda _: None, metadata: Json = None, **flags: Json
) -> Snapshot:
    """Return the flags, each ON_OFF with something else in place."""
    document = {"flags": {key: {**ON_OFF, **flag} for key, flag in flags.items()}, "metadata": metadata or {}}
    return compile_flags(json.dumps(document), now=lambda: 1_000.7, on_invalid=on_invalid, cached=cached)


def test_every_fault_is_told_with_its_path() -> None:
    """A document that cannot be used as a whole is refused with all that is wrong with it."""
    flags = {"a": {**ON_OFF, "state": "on"}, "b": {**ON_OFF, "variants": {}}, "c": {**ON_OFF, "metadata": {"x": []}}}
    with pytest.raises(Invalid) as refusal:
        compile_flags(json.dumps({"flags": flags}), now=lambda: 0)
    for path in ("$.flags.a.state", "$.flags.b.variants", "$.flags.c.metadata.x"):
        assert f"{path}: " in str(refusal.value)
    assert refusal.value.field == "$.flags.a.state"


@pytest.mark.parametrize("definitions", ["", "{", b"\xff", "[" * 100_000, '{"flags": {}} {}', "1" * 5_000])
def test_what_is_no_json_is_refused(definitions: str | bytes) -> None:
    """Whatever the bytes are, the refusal is one of ours."""
    with pytest.raises(Invalid, match=r"^\$"):
        compile_flags(definitions, now=lambda: 0)


def _nested(depth: int) -> Json:
    rule: Json = {"var": "x"}
    for _ in range(depth):
        rule = {"!": rule}
    return rule


def test_rules_are_as_deep_as_the_stack_can_walk() -> None:
    """The deepest rule that is taken is evaluated; a deeper one is refused before anything walks it."""
    deepest = _nested(DEEPEST - 5)
    found = snapshot(flag={"variants": {"true": 1, "false": 0}, "targeting": deepest}).evaluate("flag", {"x": 1})
    assert found.reason is Reason.TARGETING_MATCH
    with pytest.raises(Invalid, match="nested"):
        snapshot(flag={"targeting": _nested(DEEPEST)})
    evaluators = {"one": _nested(DEEPEST // 2), "two": 1}
    flag = {**ON_OFF, "targeting": {"!": [json.loads(json.dumps(_nested(DEEPEST // 2)).replace('"x"', "{}"))]}}
    text = json.dumps({"flags": {"flag": flag}, "$evaluators": evaluators}).replace("{}", '{"$ref": "one"}')
    with pytest.raises(Invalid, match="nested"):
        compile_flags(text, now=lambda: 0)


def test_shared_evaluators_cannot_multiply_without_end() -> None:
    """Evaluators that name others many times are refused before memory holds what they would become."""
    evaluators = {f"e{number}": {"and": [{"$ref": f"e{number + 1}"}] * 10} for number in range(12)}
    flag = {**ON_OFF, "targeting": {"if": [{"$ref": "e0"}, "on"]}}
    with pytest.raises(Invalid, match="values"):
        compile_flags(json.dumps({"flags": {"flag": flag}, "$evaluators": evaluators}), now=lambda: 0)


def test_a_set_of_flags_may_be_shared_as_a_whole() -> None:
    """Nobody writes that, and flagd-core takes it: the reference stands where the flags do."""
    whole = {"x": {**ON_OFF, "targeting": {"if": [{"$ref": "always"}, "on"]}}}
    evaluators: Json = {"whole": whole, "always": {"==": [1, 1]}}
    text = json.dumps({"$evaluators": evaluators, "flags": {"$ref": "whole"}})
    assert Oracle(text).difference("x", {}) == ""
    assert compile_flags(text, now=lambda: 0).evaluate("x", {}).reason is Reason.TARGETING_MATCH
    evaluators["whole"] = [1]
    with pytest.raises(Invalid, match="flags"):
        compile_flags(json.dumps({"$evaluators": evaluators, "flags": {"$ref": "whole"}}), now=lambda: 0)


def test_a_snapshot_is_gone_when_nobody_has_it() -> None:
    """No part of it refers back to itself, so it needs no collector, which may be told to leave it alone."""
    rules = [HALVES, {"if": [{"sem_ver": [{"var": "v"}, ">=", "1.0.0"]}, "on"]}, {"reduce": [[1], {"var": "x"}, 0]}]
    rules += [{"some": [[1], {"==": [{"var": ""}, 1]}]}, {"missing": ["a"]}, {"and": [1, {"cat": ["o", {"var": "n"}]}]}]
    document = {"flags": {f"flag-{n}": {**ON_OFF, "targeting": rule} for n, rule in enumerate(rules)}}
    gc.collect()
    gc.disable()
    try:
        made = compile_flags(json.dumps(document), now=lambda: 0)
        for key in made.flags:
            made.evaluate(key, {"targetingKey": "u"})
        del made
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_metadata_of_the_flag_lies_over_that_of_its_set() -> None:
    """Every decision about a flag carries what is known about it, and nobody can change it."""
    made = snapshot(
        metadata={"owner": "all", "set": 7},
        mine={"metadata": {"owner": "me"}},
        theirs={"targeting": {"if": [{"/": [1, 0]}, "on"]}},
        dead={"state": "DISABLED"},
    )
    assert made.evaluate("mine", {}).metadata == {"owner": "me", "set": 7}
    assert made.evaluate("theirs", {}).metadata == made.evaluate("dead", {}).metadata == {"owner": "all", "set": 7}
    read_only: tuple[Json, ...] = (made.evaluate("mine", {}).metadata, made.flags, made.flags["mine"].definition)
    for mapping in read_only:
        with pytest.raises(TypeError):
            mapping["owner"] = "you"


def test_a_flag_knows_what_its_rule_reads() -> None:
    """Attributes by name, and whether a decision may be kept although time passes."""
    rule = {"if": [{"in": [{"var": ["country", "SE"]}, ["SE"]]}, {"var": "device.os"}, HALVES]}
    late = {"if": [{">": [{"var": "$flagd.timestamp"}, 1_000]}, "on", {"missing": ["tier"]}]}
    named = {"fractional": [{"cat": [{"var": "$flagd.flagKey"}, {"var": "email"}]}, ["on", 1]]}
    made = snapshot(plain={}, rule={"targeting": rule}, late={"targeting": late}, named={"targeting": named})
    assert {key: (set(flag.attributes), flag.uses_time) for key, flag in made.flags.items()} == {
        "plain": (set(), False),
        "rule": ({"country", "device", "targetingKey"}, False),
        "late": ({"tier"}, True),
        "named": ({"email"}, False),
    }


def test_rules_read_the_time_in_whole_seconds() -> None:
    """The time is the one passed in, whatever a caller puts in its place."""
    rule = {"if": [{"===": [{"var": "$flagd.timestamp"}, 1_000]}, "on"]}
    made = snapshot(flag={"targeting": rule})
    assert made.evaluate("flag", {"$flagd": {"timestamp": 5}}).variant == "on"


def test_what_the_disk_remembers_says_so() -> None:
    """Successful decisions are CACHED; disabled flags and errors stay what they are."""
    flags: dict[str, Json] = {
        "static": {},
        "code": {"defaultVariant": None},
        "match": {"targeting": {"if": [True, "on"]}},
        "default": {"targeting": {"if": [False, "on"]}},
        "dead": {"state": "DISABLED"},
        "wrong": {"targeting": {"if": [True, "nowhere"]}},
    }
    kept, fresh = snapshot(cached=True, **flags), snapshot(**flags)
    reasons = [Reason.CACHED] * 4 + [Reason.DISABLED, Reason.ERROR]
    assert [kept.evaluate(key, {}).reason for key in flags] == reasons
    assert [kept.evaluate(key, {})[:2] for key in flags] == [fresh.evaluate(key, {})[:2] for key in flags]
    assert [fresh.evaluate(key, {}).uses_default for key in flags] == [False, True, False, False, True, True]


def test_attributes_that_cannot_be_used_are_told() -> None:
    """A version that is none is told by its name, and so is a targeting key that is none; absent versions are not."""
    told: list[str] = []
    version = {"if": [{"sem_ver": [{"var": "app_version"}, ">=", "8.9"]}, "on"]}
    either = {"if": [{"sem_ver": ["1.0.0", {"var": "how"}, {"var": "os_version"}]}, "on"]}
    made = snapshot(
        on_invalid=told.append, version={"targeting": version}, either={"targeting": either}, half={"targeting": HALVES}
    )
    for context in ({}, {"app_version": "8.9.30"}, {"app_version": None}, {"os_version": "12"}, {"targetingKey": "x"}):
        made.evaluate("version", context)
        made.evaluate("either", context)
    assert told == []
    for _ in range(2):
        assert made.evaluate("version", {"app_version": "8.9.30.463"}).variant == "off"
    made.evaluate("either", {"os_version": "a.b", "how": "<"})
    for key in (None, "", 5, ["x"]):
        assert made.evaluate("half", {"targetingKey": key}).variant == "off"
    assert told == ["app_version", "app_version", "os_version", *["targetingKey"] * 4]


@pytest.mark.parametrize("definitions", ['{"flags": {}}', "{"])
@pytest.mark.parametrize("enabled", [True, False])
def test_the_collector_is_left_as_it_was(definitions: str, enabled: bool) -> None:  # noqa: FBT001 - a parameter of pytest
    """A compilation that lets the collector rest wakes it, refused or not, unless somebody else put it to rest."""
    if not enabled:
        gc.disable()
    try:
        with suppress(Invalid):
            compile_flags(definitions, now=lambda: 0)
        assert gc.isenabled() is enabled
    finally:
        gc.enable()


def test_the_same_decision_is_handed_out_again() -> None:
    """A decision is made once: that is how a million a second are made."""
    made = snapshot(flag={"targeting": {"if": [{"var": "x"}, "on"]}}, plain={})
    for key, context in (("flag", {"x": 1}), ("flag", {}), ("plain", {})):
        assert made.evaluate(key, context) is made.evaluate(key, dict(context))


def test_an_unknown_flag_is_an_error_of_its_own() -> None:
    """The caller's own default holds, and the reason is told."""
    found = snapshot().evaluate("nowhere", {})
    assert found == Decision(None, None, Reason.ERROR, {}, ErrorCode.FLAG_NOT_FOUND, "There is no flag 'nowhere'.")
    assert found.uses_default
