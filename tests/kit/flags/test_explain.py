"""An explanation tells which branch was taken, what was read, and where the hash fell."""

import json
from collections.abc import Iterator

from services.kit.flags.compile import compile_flags
from services.kit.flags.decision import ErrorCode, Reason
from services.kit.flags.explain import Bucket, Explanation, Share, Step, explain
from services.kit.flags.values import Json

VERSION = {"sem_ver": [{"var": "app_version"}, ">=", "8.9.0"]}
CAR = {"==": [{"var": "client_type"}, "car"]}
RULE = {"if": [{"and": [CAR, VERSION]}, {"fractional": [["on", 5], ["off", 95]]}, "off"]}


def explained(rule: Json, context: dict[str, Json], **flag: Json) -> Explanation:
    """Return the explanation of a flag with the rule."""
    definition = {
        "state": "ENABLED",
        "variants": {"on": 1, "off": 0},
        "defaultVariant": "off",
        "targeting": rule,
        **flag,
    }
    return explain(compile_flags(json.dumps({"flags": {"flag": definition}}), now=lambda: 0), "flag", context)


def steps(step: Step | None) -> Iterator[Step]:
    """Yield a step and all within it."""
    if step is not None:
        yield step
        for inner in step.steps:
            yield from steps(inner)


def test_what_was_read_and_which_branch_was_taken_is_told() -> None:
    """Each condition with its attribute's value, then the branch, at their places in the rule."""
    found = explained(RULE, {"client_type": "car", "app_version": "8.10.1", "targetingKey": "user-1"})
    told = {step.path: step for step in steps(found.rule)}
    assert found.rule is not None
    assert [step.path for step in found.rule.steps] == ["$.targeting.if[0]", "$.targeting.if[1]"]
    assert {step.attribute: step.value for step in told.values() if step.attribute} == {
        "client_type": "car",
        "app_version": "8.10.1",
    }
    assert told["$.targeting.if[0].and[1]"].operator == "sem_ver"
    assert told["$.targeting.if[0].and[1]"].value is True
    assert told["$.targeting.if[1]"].value == found.decision.variant
    assert not any(step.unusable or step.fault for step in told.values())


def test_the_bucket_and_the_ranges_of_all_parts_are_told() -> None:
    """The number is within the range of the variant that was given."""
    found = explained(RULE, {"client_type": "car", "app_version": "9", "targetingKey": "user-1"})
    [bucket] = [step.bucket for step in steps(found.rule) if step.bucket]
    assert bucket == Bucket(["flag", "user-1"], bucket.number, 100, (Share("on", 0, 5), Share("off", 5, 100)))
    [share] = [share for share in bucket.shares if share.first <= bucket.number < share.end]
    assert share.variant == found.decision.variant


def test_what_was_never_asked_is_not_told() -> None:
    """A condition behind one that failed is not in the trace, nor the branch that was not taken."""
    found = explained(RULE, {"client_type": "tv", "app_version": "9", "targetingKey": "user-1"})
    assert {step.attribute for step in steps(found.rule)} == {"", "client_type"}
    assert [step.path for step in steps(found.rule)][-1] == "$.targeting.if[2]"


def test_an_operand_that_is_no_version_is_marked() -> None:
    """Nobody falls into the else branch unseen."""
    found = explained(RULE, {"client_type": "car", "app_version": "8.9.30.463", "targetingKey": "user-1"})
    [marked] = [step for step in steps(found.rule) if step.unusable]
    assert (marked.path, marked.attribute, marked.value) == (
        "$.targeting.if[0].and[1].sem_ver[0]",
        "app_version",
        "8.9.30.463",
    )


def test_a_fraction_without_anybody_to_place_is_marked() -> None:
    """Without a targeting key there is no bucket, and the default holds."""
    found = explained({"fractional": [["on", 1], ["off", 1]]}, {})
    assert found.rule is not None
    assert found.rule.unusable
    assert found.rule.bucket is None
    assert found.decision.reason is Reason.DEFAULT


def test_where_a_rule_failed_is_told() -> None:
    """The fault stands at the expression that failed and at those around it."""
    found = explained({"if": [{"==": [{"/": [1, {"var": "n"}]}, 1]}, "on"]}, {"n": 0})
    assert found.decision.error is ErrorCode.GENERAL
    assert [step.path for step in steps(found.rule) if step.fault] == [
        "$.targeting",
        "$.targeting.if[0]",
        "$.targeting.if[0].==[0]",
    ]


def test_a_flag_without_a_rule_to_ask_is_explained_by_its_reason() -> None:
    """Disabled, static and unknown flags have a decision and no trace."""
    snapshot = compile_flags('{"flags": {}}', now=lambda: 0)
    assert explain(snapshot, "nowhere", {}).decision.error is ErrorCode.FLAG_NOT_FOUND
    assert explained({}, {}) == Explanation(explained({}, {}).decision, None)
    assert explained(RULE, {}, state="DISABLED").decision.reason is Reason.DISABLED
    assert explained(RULE, {}, state="DISABLED").rule is None
