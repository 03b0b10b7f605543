"""Walking over a JSON text comes to what reading it comes to."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kit.flags.cursor import Cursor

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(st.text(), values, max_size=5)
spaces = st.text(" \t\n\r", max_size=2)


def walked(text: str) -> dict[str, Any]:
    """Return the members that are met on the way."""
    cursor = Cursor(text)
    found = {name: cursor.value()[0] for name in cursor.members()}
    cursor.end()
    return found


@given(objects, spaces, st.booleans())
def test_members_are_met_in_order(document: dict[str, Any], space: str, ascii_only: bool) -> None:  # noqa: FBT001 - drawn
    """Whatever their names and values are, and however it is spaced."""
    separators = f"{space},{space}", f"{space}:{space}"
    text = space + json.dumps(document, ensure_ascii=ascii_only, separators=separators) + space
    assert [*walked(text).items()] == [*json.loads(text).items()]


@given(objects, st.data())
def test_what_is_not_json_is_no_walk(document: dict[str, Any], data: st.DataObject) -> None:
    """A text from which a character is missing is walked over if and only if it is JSON still."""
    text = json.dumps(document)
    place = data.draw(st.integers(0, len(text) - 1))
    damaged = text[:place] + text[place + 1 :]
    try:
        expected = json.loads(damaged)
    except ValueError:
        with pytest.raises(ValueError):  # noqa: PT011 - json's own has no words to rely on
            walked(damaged)
    else:
        assert walked(damaged) == expected


@pytest.mark.parametrize("text", ["", "[]", "1", "{} {}", '{"a": 1,}', '{"a" 1}', "{a: 1}", '{"\t": 1}', '{"\\x": 1}'])
def test_what_is_no_object_is_no_walk(text: str) -> None:
    """Nor is what comes close to one."""
    with pytest.raises(ValueError):  # noqa: PT011 - as above
        walked(text)


def test_what_is_known_is_stepped_over() -> None:
    """An object is, where it stands; where another one does, the cursor stays."""
    cursor = Cursor('{"a": {"x": 1}, "b": {"x": 12}}')
    known = '{"x": 1}'
    assert [cursor.steps_over(known) or cursor.value()[1] for _ in cursor.members()] == [True, '{"x": 12}']
    cursor.end()
