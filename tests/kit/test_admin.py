"""The tokens: made once, read by their owner only, and each its own."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from services.kit.admin import FILE_NAME, PEERS_FILE_NAME, admin_token, bearer, peers_token, shows
from services.kit.errors import Unavailable


def test_the_token_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    """Every process that shares the folder reads the same token, and nobody else reads it."""
    token = admin_token(tmp_path / "home")
    assert len(token) >= 32
    assert admin_token(tmp_path / "home") == token
    assert peers_token(tmp_path / "home") == peers_token(tmp_path / "home") != token
    made = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "home").iterdir()}
    assert made == {FILE_NAME: 0o600, PEERS_FILE_NAME: 0o600}


def test_processes_that_start_together_agree_on_one_token(tmp_path: Path) -> None:
    """The first one's token is everyone's."""
    with ThreadPoolExecutor(8) as pool:
        tokens = set(pool.map(lambda _: admin_token(tmp_path), range(32)))
    assert len(tokens) == 1


def test_an_empty_file_is_a_clear_sentence_and_no_open_door(tmp_path: Path) -> None:
    """A truncated token never lets everyone in."""
    (tmp_path / FILE_NAME).write_text("\n")
    with pytest.raises(Unavailable, match="is empty"):
        admin_token(tmp_path)


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer ", "Bearer secre", "Bearer secret2", "secret", "bearer secret"]
)
def test_only_the_whole_token_is_accepted(authorization: str) -> None:
    """Nothing but the exact header shows the token."""
    assert not shows("secret", authorization)
    assert shows("secret", bearer("secret")[1])
