"""What commands print: texts of others, which a terminal must not obey."""

import json
from pathlib import Path

import pytest

from services.__main__ import main
from services.commands.person import say


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("where country is SE: 5 % on;\n  otherwise:\toff", "where country is SE: 5 % on;\n  otherwise:\toff"),
        ("grüße, Ελληνικά, 車, 👩\u200d🚀", "grüße, Ελληνικά, 車, 👩\u200d🚀"),
        ("owner\x1b[2K\rnobody", r"owner\u001b[2K\u000dnobody"),
        ("\x1b]0;title\x07", r"\u001b]0;title\u0007"),
        ("\x9b31m", r"\u009b31m"),
        ("\u202eon for everybody", r"\u202eon for everybody"),
        ("half \ud800", r"half \ud800"),
    ],
)
def test_a_terminal_shows_what_it_would_obey(written: str, printed: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Spelled out, so that no owner, reason or description can hide a line or write another one."""
    say(written)
    assert capsys.readouterr().out == f"{printed}\n"


def test_a_definition_printed_is_the_same_definition(capsys: pytest.CaptureFixture[str]) -> None:
    """What is spelled out is spelled as JSON does."""
    definition = {"metadata": {"owner": "\x9b2J\x7f\u202e"}}
    say(json.dumps(definition, ensure_ascii=False))
    assert json.loads(capsys.readouterr().out) == definition


def test_what_went_wrong_is_harmless_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A failure names what was asked for."""
    assert main(["import", "music-routes", str(tmp_path / "no\x1b[2Jwhere")]) == 2
    assert r"no\u001b[2Jwhere" in capsys.readouterr().err
