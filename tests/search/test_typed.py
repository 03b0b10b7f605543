"""What a measured search is asked: all classes alike, whole queries and every keystroke."""

import pytest

from benchmarks.typed import SESSIONS, keystrokes, mean, mix, part, sessions


def test_any_part_of_the_mix_holds_the_classes_in_equal_number() -> None:
    """Classes take turns."""
    assert mix({"one": ["a", "b"], "two": ["c", "d"]}) == ["a", "c", "b", "d"]


def test_a_class_with_fewer_queries_is_refused() -> None:
    """A mix that would leave queries out is none."""
    with pytest.raises(ValueError, match="shorter"):
        mix({"one": ["a", "b"], "two": ["c"]})


def test_a_part_is_cut_from_every_class() -> None:
    """A round asks so many queries of each class."""
    assert part({"one": ["a", "b", "c"], "two": ["d", "e", "f"]}, 1, 2) == {"one": ["b", "c"], "two": ["e", "f"]}


def test_keystrokes_grow_to_the_query() -> None:
    """Each letter asks again; a space does not."""
    assert list(keystrokes("so w")) == ["s", "so", "so w"]


def test_sessions_are_typed_one_after_the_other() -> None:
    """A query is typed to its end before the next begins."""
    queries = {name: ["ab"] for name in (*SESSIONS, "pasted")}
    assert sessions(queries) == ["a", "ab"] * len(SESSIONS)


def test_every_class_weighs_the_same() -> None:
    """A class does not count more because more of its queries were asked."""
    assert mean({"one": [1.0, 1.0, 1.0], "two": [3.0]}) == pytest.approx(2.0)
