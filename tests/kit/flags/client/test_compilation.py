"""A snapshot that takes over what has not changed is the snapshot that would have been made from nothing."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kit.errors import Invalid
from services.kit.flags.client.compilation import Compilation, Compiled
from services.kit.flags.client.local import NOTHING
from services.kit.flags.compile import compile_flags
from services.kit.flags.decision import Reason
from services.kit.flags.snapshot import Snapshot

CONTEXTS: Sequence[Mapping[str, Any]] = ({}, {"country": "SE"}, {"country": "NO", "targetingKey": "u-1"})
RULES = (None, {"if": [{"==": [{"var": "country"}, "SE"]}, "a", "b"]}, {"$ref": "nordic"}, {"fractional": ["a", "b"]})
VALUES = (1, 1.0, True, 0, False, "1", None, [1], [True], {"n": 1}, {"n": 1.0})
"""Many of them equal to Python."""

flags = st.dictionaries(
    st.sampled_from(["x", "y", "z", "é"]),
    st.fixed_dictionaries(
        {
            "state": st.sampled_from(["ENABLED", "DISABLED"]),
            "variants": st.fixed_dictionaries({"a": st.sampled_from(VALUES), "b": st.sampled_from(VALUES)}),
            "defaultVariant": st.sampled_from(["a", "b"]),
            "targeting": st.sampled_from(RULES),
        }
    ),
)
documents = st.fixed_dictionaries(
    {
        "flags": flags,
        "$evaluators": st.sampled_from([{"nordic": rule} for rule in RULES if rule and "$ref" not in rule]),
        "metadata": st.sampled_from([{"flagSetId": "one"}, {"flagSetId": "two"}]),
    }
)


def compilation() -> Compilation:
    """Return one whose time stands still."""
    return Compilation(lambda: 0.0, lambda _attribute: None)


def told(snapshot: Snapshot) -> list[str]:
    """Return all that a snapshot says to the contexts, exactly: to Python 1, 1.0 and True are equal."""
    return [repr((key, snapshot.evaluate(key, context))) for key in snapshot.flags for context in CONTEXTS]


@given(st.lists(st.tuples(documents, st.booleans()), min_size=2, max_size=5))
async def test_taking_over_changes_nothing(history: list[tuple[dict[str, Any], bool]]) -> None:
    """Whatever the documents before were, the last one decides as if it had come first."""
    compiled = Compiled(NOTHING)
    for document, cached in history:
        definitions = json.dumps(document).encode()
        compiled = await compilation().compiled(definitions, compiled, cached=cached)
        assert told(compiled.snapshot) == told(compile_flags(definitions, now=lambda: 0.0, cached=cached))


async def test_what_is_the_same_is_taken_over() -> None:
    """One changed flag costs one compilation, however many there are."""
    document = {f"flag-{number}": _flag(1) for number in range(10)}
    before = await compilation().compiled(_document(document), Compiled(NOTHING))
    after = await compilation().compiled(_document({**document, "flag-3": _flag(2)}), before)
    same = {key for key, flag in after.snapshot.flags.items() if flag is before.snapshot.flags[key]}
    assert same == document.keys() - {"flag-3"}
    assert after.snapshot.evaluate("flag-3", {}).value == 2


async def test_a_shared_rule_that_changes_reaches_those_that_follow_it() -> None:
    """Flags that refer to it decide anew; what does not is taken over."""
    rule = {"targeting": {"$ref": "pair"}}
    flags_by_key = {"x": {**_flag(1), **rule}, "y": _flag(2)}
    before = await compilation().compiled(_document(flags_by_key, pair="a"), Compiled(NOTHING))
    assert before.snapshot.evaluate("x", {}).value == 1
    after = await compilation().compiled(_document(flags_by_key, pair="z"), before)
    assert after.snapshot.evaluate("x", {}).reason is Reason.ERROR
    assert after.snapshot.flags["y"] is before.snapshot.flags["y"]


async def test_flags_that_are_gone_are_gone() -> None:
    """What is taken over is only what the document still has."""
    before = await compilation().compiled(_document({"x": _flag(1), "y": _flag(2)}), Compiled(NOTHING))
    after = await compilation().compiled(_document({"y": _flag(2)}), before)
    assert list(after.snapshot.flags) == ["y"]
    assert after.snapshot.evaluate("x", {}).reason is Reason.ERROR


@pytest.mark.parametrize("value", ["NaN", "1e999", str(2**80), r'"\ud800"'])
async def test_values_that_have_no_sure_text_are_compiled_each_time(value: str) -> None:
    """What cannot be compared for sure is never taken over, and decides as it should."""
    text = _document({"x": _flag("here")}).replace(b'"here"', value.encode())
    compiled = Compiled(NOTHING)
    for definitions in (text, _document({"x": _flag(None)}), text):
        compiled = await compilation().compiled(definitions, compiled)
        assert told(compiled.snapshot) == told(compile_flags(definitions, now=lambda: 0.0))


@pytest.mark.parametrize("count", [1, 100, 1_000])
async def test_size_decides_only_where_it_is_done(count: int) -> None:
    """Large documents, and large changes, are compiled beside the event loop, with the same outcome."""
    document = {f"flag-{number}": _flag(number) for number in range(count)}
    before = await compilation().compiled(_document(document), Compiled(NOTHING))
    after = await compilation().compiled(_document({**document, "flag-0": _flag(-1)}), before)
    assert after.snapshot.evaluate("flag-0", {}).value == -1
    assert after.snapshot.evaluate(f"flag-{count - 1}", {}).value == (count - 1 or -1)


@pytest.mark.parametrize("definitions", [b"", b"[]", b'{"flags": []}', b'{"flags": {"x": 1}}', b"\xff"])
async def test_what_is_of_no_use_is_invalid(definitions: bytes) -> None:
    """The compiler has the say in what can be used."""
    before = await compilation().compiled(_document({"x": _flag(1)}), Compiled(NOTHING))
    with pytest.raises(Invalid):
        await compilation().compiled(definitions, before)


def _flag(value: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {"state": "ENABLED", "variants": {"a": value}, "defaultVariant": "a"}


def _document(flags_by_key: dict[str, Any], **variants: str) -> bytes:
    """Return a document in which each shared rule comes to a variant."""
    rules = {name: {"if": [True, variant]} for name, variant in variants.items()}
    return json.dumps({"flags": flags_by_key, "$evaluators": rules, "metadata": {}}).encode()
