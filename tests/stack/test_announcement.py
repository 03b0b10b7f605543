"""Where a process listens, as others read it."""

from pathlib import Path

import pytest

from services.commands.announcement import FILE_NAME, Announcement, announced, announced_in

HERE = Announcement(1, {"toy": {"grpc": "127.0.0.1:1"}})


def test_an_announcement_is_there_for_its_block(tmp_path: Path) -> None:
    """Whoever shares the folder finds the process while it runs."""
    with announced_in(tmp_path, HERE):
        assert announced(tmp_path) == HERE
    assert announced(tmp_path) is None
    assert not list(tmp_path.iterdir())


def test_another_processs_announcement_is_left_alone(tmp_path: Path) -> None:
    """The one that ends takes away its own word only."""
    with announced_in(tmp_path, HERE):
        with announced_in(tmp_path, Announcement(2, {})):
            pass
        assert announced(tmp_path) is None
        successor = announced_in(tmp_path, Announcement(3, {}))
        successor.__enter__()
    assert announced(tmp_path) == Announcement(3, {})


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"pid": "x", "addresses": {}}', '{"pid": 1, "addresses": {"a": 1}}']
)
def test_what_is_no_announcement_counts_as_none(tmp_path: Path, text: str) -> None:
    """A damaged file stops nobody."""
    (tmp_path / FILE_NAME).write_text(text)
    assert announced(tmp_path) is None
