"""An explanation of a decision as data for programs, and as lines for people.

"on" by variant on: TARGETING_MATCH
if: "on"
  == "tv": true
    var client_type: "tv"
  fractional: "on"
    bucket 47 of 100: on has 0 to 49, off has 50 to 99
"""

import json
from collections.abc import Iterator
from math import isfinite
from typing import Any

from services.flags.domain.targeting import NO_NUMBER
from services.flags.domain.vocabulary import VOCABULARY, Kind
from services.kit.flags.decision import Decision, Reason
from services.kit.flags.explain import Bucket, Explanation, Step

_MOST_CHARS = 200
"""Of one value: a step may come to all of the context."""
_MOST_STEPS = 1_000
_INDENT = "  "
_KILLED = "killed"
"""What people call it; programs read the reason."""
_BRANCHING = frozenset({"if", "?:", "fractional"})
"""Operators whose values are outcomes, and so told already."""


def as_data(explanation: Explanation) -> dict[str, Any]:
    """Return the explanation as values of JSON: the decision, and the steps of its rule within one another."""
    decision, rule = explanation.decision, explanation.rule
    return {
        "value": decision.value,
        "variant": decision.variant,
        "reason": decision.reason,
        "error": decision.error,
        "detail": decision.detail,
        "metadata": dict(decision.metadata),
        "rule": _step(rule) if rule else None,
    }


def as_lines(explanation: Explanation) -> list[str]:
    """Return the explanation as lines: what was decided, then each step, those within another one behind it."""
    lines = [_decided(explanation.decision), *(_lines(explanation.rule, "") if explanation.rule else ())]
    return lines if len(lines) <= _MOST_STEPS else [*lines[:_MOST_STEPS], "…"]


def _decided(decision: Decision) -> str:
    if decision.error:
        return f"{decision.error}: {decision.detail}"
    if decision.variant is None:
        return f"each caller's own default: {_KILLED if decision.reason is Reason.DISABLED else decision.reason}"
    return f"{_shown(decision.value)} by variant {decision.variant}: {decision.reason}"


def _lines(step: Step, indent: str) -> Iterator[str]:
    if step.operator:
        yield f"{indent}{_named(step)}: {_outcome(step)}"
        if step.bucket:
            yield f"{indent}{_INDENT}{_drawn(step.bucket)}"
        for inner in step.steps:
            yield from _lines(inner, indent + _INDENT)


def _named(step: Step) -> str:
    """Return an operator with what it reads, or with the values that stand in the rule."""
    if step.operator in _BRANCHING:
        return step.operator
    constants = ", ".join(_shown(inner.value) for inner in step.steps if not inner.operator)
    return f"{step.operator} {step.attribute or constants}".strip()


def _outcome(step: Step) -> str:
    if step.fault:
        return f"cannot be evaluated ({step.fault})"
    if step.unusable and _draws_by_key(step):
        return "null: nobody is drawn, since there is no targetingKey; add targetingKey=… to see a draw"
    if step.value == NO_NUMBER and _is_number(step):
        return _shown(None)
    unusable = step.unusable or (_is_number(step) and isinstance(step.value, str))
    return f"{_shown(step.value)}, which is of no use here" if unusable else _shown(step.value)


def _draws_by_key(step: Step) -> bool:
    """Whether a step is a fraction that says nothing else to be drawn by."""
    return step.operator == "fractional" and isinstance(step.steps[0].value, list)


def _is_number(step: Step) -> bool:
    """Whether a step reads what compares by size only where it is a number."""
    word = VOCABULARY.get(step.attribute)
    return step.operator == "var" and word is not None and word.kind is Kind.NUMBER


def _drawn(bucket: Bucket) -> str:
    shares = (
        f"{_word(share.variant)} has {share.first} to {share.end - 1}"
        for share in bucket.shares
        if share.end > share.first
    )
    return f"bucket {bucket.number} of {bucket.total}: {', '.join(shares)}"


def _step(step: Step) -> dict[str, Any]:
    """Return a step without what it has nothing of."""
    said = {
        "path": step.path,
        "operator": step.operator,
        "value": _bounded(step.value),
        "attribute": step.attribute,
        "unusable": step.unusable,
        "bucket": _bucket(step.bucket) if step.bucket else None,
        "fault": step.fault,
        "steps": [_step(inner) for inner in step.steps],
    }
    return {name: value for name, value in said.items() if value or name == "value"}


def _bucket(bucket: Bucket) -> dict[str, Any]:
    shares = [{"variant": _bounded(each.variant), "first": each.first, "end": each.end} for each in bucket.shares]
    return {"unit": _bounded(bucket.unit), "number": bucket.number, "total": bucket.total, "shares": shares}


def _bounded(value: Any) -> Any:  # noqa: ANN401 - a value of JSON
    """Return a value that JSON can carry and a page can show: one that is not finite, or too long, as text."""
    if isinstance(value, float) and not isfinite(value):
        return str(value)
    text = json.dumps(value, ensure_ascii=False)
    return value if len(text) <= _MOST_CHARS else _shown(value)


def _shown(value: Any) -> str:  # noqa: ANN401 - a value of JSON
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _MOST_CHARS else f"{text[:_MOST_CHARS]}…"


def _word(value: Any) -> str:  # noqa: ANN401 - a value of JSON
    return value if isinstance(value, str) else _shown(value)
