"""`backline import csv`, used as a person uses it."""

import json
from pathlib import Path

import pytest

from tests.stack.processes import backline

TABLE = "Nr;Liedtitel;Künstler (Band);Abrufe\n1;Slow Ferry;Nell Varding;1.204\n2;Späte Fähre;Nell Varding;7\n"
AMBIGUOUS = 'Its Abrufe "1.204" is a whole number or a fraction; write it without the point.'
MAPPED = ("--map", "title=Liedtitel", "--map", "artist=Künstler (Band)", "--map", "popularity=Abrufe")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a table with headers of its own, one of whose rows is bad."""
    path = tmp_path / "lieder.csv"
    path.write_text(TABLE, encoding="cp1252")
    return path


def test_a_table_of_ones_own_is_imported_in_one_command(file: Path, tmp_path: Path) -> None:
    """What was understood, what became of it, and what was rejected is said; a second time changes nothing."""
    home = tmp_path / "home"
    first = backline(home, "import", "csv", str(file), *MAPPED)
    assert first.returncode == 0, first.stderr
    assert "separated by semicolons; the first line is the header" in first.stdout
    assert "Imported 1 track, 1 artist, 0 albums." in first.stdout
    assert "1 row was rejected; " in first.stdout
    assert "Popularity is what column Abrufe says" in first.stdout
    [reject] = map(json.loads, (home / "rejects" / "csv.jsonl").read_text().splitlines())
    assert (reject["row"], reject["reason"]) == (
        2,
        'Its Abrufe "1.204" is a whole number or a fraction; write it without the point.',
    )
    assert "Nothing changed" in backline(home, "import", "csv", str(file), *MAPPED).stdout


def test_a_table_without_rows_is_told_from_one_that_is_there_already(file: Path, tmp_path: Path) -> None:
    """Nothing to bring in is said as such, and does not empty the catalogue even with --replace."""
    home = tmp_path / "home"
    backline(home, "import", "csv", str(file), *MAPPED)
    file.write_text("title,artist\n")
    assert "there was nothing to bring in" in backline(home, "import", "csv", str(file), "--replace").stdout
    kept = backline(home, "import", "generate", "--tracks", "9", "--if-empty")
    assert kept.stdout.startswith("There is a catalogue already: 1 track,")


def test_a_dry_run_shows_what_would_come_and_touches_nothing(file: Path, tmp_path: Path) -> None:
    """The first rows are shown with their items or their reason, and not even the state's folder is made."""
    home = tmp_path / "home"
    shown = backline(home, "import", "csv", str(file), *MAPPED, "--dry-run", "7")
    assert shown.returncode == 0, shown.stderr
    assert (
        'rejected  line 2: Its Abrufe "1.204" is a whole number or a fraction; write it without the point.'
        in shown.stdout
    )
    assert "track     Späte Fähre, by Nell Varding; popularity 7" in shown.stdout
    assert "So much for the first 2 rows; nothing was imported." in shown.stdout
    assert not home.exists()


@pytest.mark.parametrize("source", ["csv", "musicbrainz-canonical", "music-routes"])
def test_every_source_teaches_itself(tmp_path: Path, source: str) -> None:
    """--help says what a source reads and how."""
    helped = backline(tmp_path, "import", source, "--help")
    assert helped.returncode == 0
    assert f"usage: backline import {source}" in helped.stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--map", "name=1"), "expected FIELD=COLUMN with one of the fields title, artist"),
        (("--map", "title"), "expected FIELD=COLUMN"),
        (("--delimiter", "::"), "expected one character"),
        (("--map", "title=Liedtite"), 'There is no column "Liedtite" (did you mean "Liedtitel"?)'),
        (("--dry-run", "0"), "expected a whole number from 1"),
    ],
)
def test_a_wrong_argument_is_told(file: Path, tmp_path: Path, arguments: tuple[str, ...], sentence: str) -> None:
    """Status 2, the sentence, and no import."""
    refused = backline(tmp_path / "home", "import", "csv", str(file), *arguments)
    assert refused.returncode == 2
    assert sentence in refused.stderr
