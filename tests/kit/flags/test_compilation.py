"""A snapshot that takes over what has not changed is the snapshot that would have been made from nothing."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kit.errors import Invalid
from services.kit.flags.bounds import MOST_NODES
from services.kit.flags.compilation import Compilation, gone, let_go
from services.kit.flags.compile import NOTHING, compile_flags
from services.kit.flags.decision import Reason
from services.kit.flags.snapshot import Snapshot
from services.kit.lifecycle import background

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
    compiled = NOTHING
    for document, cached in history:
        definitions = json.dumps(document).encode()
        compiled = await compilation().compiled(definitions, compiled, cached=cached)
        assert told(compiled.snapshot) == told(compile_flags(definitions, now=lambda: 0.0, cached=cached))


async def test_what_is_the_same_is_taken_over() -> None:
    """One changed flag costs one compilation, however many there are."""
    document = {f"flag-{number}": _flag(1) for number in range(10)}
    before = await compilation().compiled(_document(document), NOTHING)
    after = await compilation().compiled(_document({**document, "flag-3": _flag(2)}), before)
    same = {key for key, flag in after.snapshot.flags.items() if flag is before.snapshot.flags[key]}
    assert same == document.keys() - {"flag-3"}
    assert after.snapshot.evaluate("flag-3", {}).value == 2


async def test_a_shared_rule_that_changes_reaches_those_that_follow_it() -> None:
    """Flags that refer to it decide anew; what does not is taken over."""
    rule = {"targeting": {"$ref": "pair"}}
    flags_by_key = {"x": {**_flag(1), **rule}, "y": _flag(2)}
    before = await compilation().compiled(_document(flags_by_key, pair="a"), NOTHING)
    assert before.snapshot.evaluate("x", {}).value == 1
    after = await compilation().compiled(_document(flags_by_key, pair="z"), before)
    assert after.snapshot.evaluate("x", {}).reason is Reason.ERROR
    assert after.snapshot.flags["y"] is before.snapshot.flags["y"]


async def test_flags_that_are_gone_are_gone() -> None:
    """What is taken over is only what the document still has."""
    before = await compilation().compiled(_document({"x": _flag(1), "y": _flag(2)}), NOTHING)
    after = await compilation().compiled(_document({"y": _flag(2)}), before)
    assert list(after.snapshot.flags) == ["y"]
    assert after.snapshot.evaluate("x", {}).reason is Reason.ERROR


async def test_a_name_is_a_reference_however_it_is_spelled() -> None:
    """JSON can write a letter as its number, and a shared rule that changes reaches those who are so written too."""
    flag = json.dumps({**_flag(1), "targeting": {"$ref": "pair"}}).replace("$ref", "\\u0024ref")
    one, other = (_document({"x": 0}, pair=variant).replace(b"0", flag.encode(), 1) for variant in ("a", "z"))
    before = await compilation().compiled(one, NOTHING)
    after = await compilation().compiled(other, before)
    decided = [made.snapshot.evaluate("x", {}).reason for made in (before, after)]
    assert decided == [Reason.TARGETING_MATCH, Reason.ERROR]


@pytest.mark.parametrize("value", ["NaN", "1e999", str(2**80), r'"\ud800"'])
async def test_values_are_the_same_where_their_texts_are(value: str) -> None:
    """What Python cannot compare for sure, or nobody else can read, is taken over like anything else."""
    text = _document({"x": _flag("here")}).replace(b'"here"', value.encode())
    compiled = NOTHING
    for definitions in (text, _document({"x": _flag(None)}), text, text):
        before, compiled = compiled, await compilation().compiled(definitions, compiled)
        assert told(compiled.snapshot) == told(compile_flags(definitions, now=lambda: 0.0))
    assert compiled.snapshot.flags["x"] is before.snapshot.flags["x"]


async def test_a_set_that_is_shared_as_a_whole_is_compared_too() -> None:
    """Nobody writes that; its metadata reaches its flags all the same."""
    made = NOTHING
    for name in ("one", "two"):
        rules = {"whole": {"x": _flag(1)}}
        document = {"flags": {"$ref": "whole"}, "$evaluators": rules, "metadata": {"flagSetId": name}}
        made = await compilation().compiled(json.dumps(document).encode(), made)
        assert made.snapshot.evaluate("x", {}).metadata == {"flagSetId": name}


async def test_what_is_taken_over_counts() -> None:
    """A document that is too large as a whole is refused, though only a little of it is new."""
    half = {**_flag(1), "targeting": {"if": [{"$ref": "large"}, "a"]}}
    rules = {"large": {"in": [1, [0] * (MOST_NODES // 3)]}}
    one, two = (json.dumps({"flags": flags, "$evaluators": rules}) for flags in ({"x": half}, {"x": half, "y": half}))
    before = await compilation().compiled(one.encode(), NOTHING)
    for known in (before, NOTHING):
        with pytest.raises(Invalid, match="values"):
            await compilation().compiled(two.encode(), known)


async def test_others_have_the_loop_meanwhile() -> None:
    """A large document is read, compiled and given up in slices: whoever waits for the loop gets it between them."""
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async with background(count()):
        compiled = await compilation().compiled(_document({f"flag-{n}": _flag(n) for n in range(1_000)}), NOTHING)
        assert turns > 10
        turns, flags_gone = 0, gone(compiled, NOTHING)
        del compiled
        await let_go(flags_gone)
        assert turns > 10


async def test_what_is_gone_is_what_was_not_taken_over() -> None:
    """Flags that decide on are not among those given up."""
    before = await compilation().compiled(_document({"x": _flag(1), "y": _flag(1), "z": _flag(1)}), NOTHING)
    after = await compilation().compiled(_document({"x": _flag(1), "y": _flag(2)}), before)
    assert [flag.key for flag in gone(before, after)] == ["y", "z"]


@pytest.mark.parametrize("definitions", [b"", b"[]", b'{"flags": []}', b'{"flags": {"x": 1}}', b"\xff"])
async def test_what_is_of_no_use_is_invalid(definitions: bytes) -> None:
    """The compiler has the say in what can be used."""
    before = await compilation().compiled(_document({"x": _flag(1)}), NOTHING)
    with pytest.raises(Invalid):
        await compilation().compiled(definitions, before)


def _flag(value: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {"state": "ENABLED", "variants": {"a": value}, "defaultVariant": "a"}


def _document(flags_by_key: dict[str, Any], **variants: str) -> bytes:
    """Return a document in which each shared rule comes to a variant."""
    rules = {name: {"if": [True, variant]} for name, variant in variants.items()}
    return json.dumps({"flags": flags_by_key, "$evaluators": rules, "metadata": {}}).encode()
