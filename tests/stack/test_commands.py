"""The command line, used as a person uses it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from time import sleep

import pytest

from services.commands.search import display_width, footing, heading, table
from services.search.domain.candidates.sources import SOURCES
from services.stack import STACK
from tests.stack.processes import backline, environment, up

ROUTES = Path(__file__).parent.parent / "catalog" / "music_routes"


@pytest.mark.parametrize("command", [[], ["up"], ["run"], ["import"], ["import", "generate"], ["search"], ["doctor"]])
def test_every_command_explains_itself(tmp_path: Path, command: list[str]) -> None:
    """A stranger learns from --help what a command does, and nothing is done."""
    helped = backline(tmp_path, *command, "--help")
    assert helped.returncode == 0
    assert "usage: backline" in helped.stdout
    assert len(helped.stdout.splitlines()) > 4
    assert not list(tmp_path.iterdir())


def test_an_import_says_what_it_did_and_a_second_one_changes_nothing(tmp_path: Path) -> None:
    """Counts by kind, rejects with their reasons, and the honest word that nothing had to be done."""
    first = backline(tmp_path, "import", "music-routes", str(ROUTES))
    assert first.returncode == 0, first.stderr
    assert "tracks, " in first.stdout
    assert "rows were rejected; " in first.stdout
    rejects = tmp_path / "rejects" / "music-routes.jsonl"
    assert str(rejects) in first.stdout
    assert all(json.loads(line)["reason"] for line in rejects.read_text().splitlines())
    second = backline(tmp_path, "import", "music-routes", str(ROUTES))
    assert "Nothing changed" in second.stdout
    generation = [line for line in first.stdout.splitlines() if "generation" in line]
    assert generation == [line for line in second.stdout.splitlines() if "generation" in line]


def test_an_import_into_a_running_system_goes_through_its_catalog(tmp_path: Path) -> None:
    """The store belongs to the running catalog; the import reaches it with the admin token."""
    backline(tmp_path, "import", "generate", "--tracks", "200")
    with up(tmp_path) as system:
        added = backline(tmp_path, "import", "music-routes", str(ROUTES))
        assert added.returncode == 0, added.stderr
        assert "into the catalog that runs at" in added.stdout
        again = backline(tmp_path, "import", "music-routes", str(ROUTES))
        assert "Nothing changed" in again.stdout
        assert system.answers()


def test_without_the_token_a_running_catalog_takes_nothing(tmp_path: Path) -> None:
    """Whoever cannot read the token file cannot change the catalogue."""
    backline(tmp_path, "import", "generate", "--tracks", "200")
    with up(tmp_path):
        (tmp_path / "admin-token").write_text("another")
        refused = backline(tmp_path, "import", "music-routes", str(ROUTES))
    assert refused.returncode == 1
    assert refused.stderr.endswith("backline: This call needs the admin token.\n")


def test_a_folder_that_is_not_what_it_claims_leaves_the_catalogue_as_it_was(tmp_path: Path) -> None:
    """One sentence, status 2, and even --replace has emptied nothing."""
    backline(tmp_path, "import", "generate", "--tracks", "200")
    refused = backline(tmp_path, "import", "music-routes", str(tmp_path), "--replace")
    assert refused.returncode == 2
    assert len(refused.stderr.splitlines()) == 1
    kept = backline(tmp_path, "import", "generate", "--tracks", "200")
    assert "Nothing changed" in kept.stdout


def test_a_catalogue_that_is_there_is_used_as_it_is(tmp_path: Path) -> None:
    """`make run` invents a catalogue only where there is none."""
    backline(tmp_path, "import", "music-routes", str(ROUTES))
    kept = backline(tmp_path, "import", "generate", "--if-empty")
    assert kept.returncode == 0
    assert kept.stdout.startswith("There is a catalogue already: ")


def test_a_catalogue_whose_making_was_broken_off_is_made_whole(tmp_path: Path) -> None:
    """A first start that was killed leaves no small catalogue behind as if it were the one that was asked for."""
    command = [sys.executable, "-m", "services", "import", "generate", "--tracks", "60000", "--if-empty"]
    with subprocess.Popen(command, env=environment(tmp_path), stdout=subprocess.DEVNULL) as making:  # noqa: S603 - ours
        while not (tmp_path / "unfinished-import").exists():
            sleep(0.01)
        making.kill()
    assert "was broken off" in backline(tmp_path, "doctor").stdout
    whole = backline(tmp_path, "import", "generate", "--tracks", "60000", "--if-empty")
    assert "Imported 60,000 tracks" in whole.stdout
    assert "was broken off" not in backline(tmp_path, "doctor").stdout
    kept = backline(tmp_path, "import", "generate", "--tracks", "60000", "--if-empty")
    assert kept.stdout.startswith("There is a catalogue already: 60,000 tracks")


def test_an_import_that_is_interrupted_says_how_to_go_on(tmp_path: Path) -> None:
    """Ctrl-C ends it with one sentence, no stack, and the status that shells know."""
    command = [sys.executable, "-m", "services", "import", "generate", "--tracks", "60000"]
    with subprocess.Popen(command, env=environment(tmp_path), stderr=subprocess.PIPE, text=True) as making:  # noqa: S603 - ours
        while not (tmp_path / "unfinished-import").exists():
            sleep(0.01)
        making.send_signal(signal.SIGINT)
        _, said = making.communicate()
    assert (making.returncode, said) == (130, "Broken off. What is in stays; the same command again completes it.\n")


def test_search_prints_a_table_and_where_it_came_from(tmp_path: Path) -> None:
    """What is found stands in columns; finding nothing is status 1 and advice."""
    backline(tmp_path, "import", "music-routes", str(ROUTES))
    with up(tmp_path):
        found = backline(tmp_path, "search", "a", "--limit", "3")
        explained = backline(tmp_path, "search", "a", "--limit", "3", "--explain")
        nothing = backline(tmp_path, "search", "zzzzzzzz")
        refused = backline(tmp_path, "search", "a", "--limit", "999")
    assert found.returncode == 0
    assert len(found.stdout.splitlines()) == 3
    assert "results in" in found.stderr
    sources = tuple(source.name.replace("_", " ") for source in SOURCES)
    assert [line.startswith(sources) for line in explained.stdout.splitlines()] == [True] * 3
    assert "ordered by match-and-popularity" in explained.stderr
    assert nothing.returncode == 1
    assert nothing.stdout.startswith("Nothing found.")
    assert "The edge answered 422: limit has to be a whole number from 1 to 50." in refused.stderr


CORRECTED = {
    "query": "papr\x1b[2J",
    "correction": {"query": "paper", "changed": [[0, 5]]},
    "results": [
        {"kind": "track", "title": "Paper", "credit": "Ana", "match": {"source": "drop_tokens"}},
        {"kind": "artist", "title": "Paper", "match": {"source": "speller"}},
    ],
    "degraded": ["candidates_cut"],
    "index_generation": "gen-1",
    "index_delta": "delta-1",
    "took_ms": 1.25,
    "sources": ["speller", "drop_tokens"],
    "ranker": "popular",
}
PLAIN = {**CORRECTED, "correction": None, "degraded": [], "index_delta": None}


def test_what_was_corrected_and_left_out_is_told_before_the_results() -> None:
    """Whoever reads the table knows by then what it answers; and nothing is told of what was searched for as typed."""
    assert heading(CORRECTED) == [
        "Showing results for “paper” instead of “papr [2J”.",
        "A partial answer, to be in time: candidates cut.",
    ]
    assert heading(PLAIN) == []


def test_an_answer_explains_itself_to_who_asks() -> None:
    """How many, how fast and from which index is always told; sources and ranker are with --explain."""
    plain, explained = footing(PLAIN, explain=False), footing(CORRECTED, explain=True)
    assert plain == ["2 results in 1.2 ms from gen-1"]
    assert explained == [
        "2 results in 1.2 ms from gen-1 and delta-1",
        "found by speller, drop tokens; ordered by popular",
    ]


def test_search_with_nothing_running_says_how_to_start(tmp_path: Path) -> None:
    """One sentence, and the command to type."""
    refused = backline(tmp_path, "search", "a", "--edge", "http://127.0.0.1:1")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "start the system with `backline up`" in refused.stderr
    asked = backline(tmp_path, "search", "a", BACKLINE_EDGE_HTTP_PORT="1").stderr
    assert asked.startswith("backline: Nobody answers at http://127.0.0.1:1;")


def test_wide_and_joined_characters_keep_the_columns_straight() -> None:
    """A column is as wide as what the terminal shows, not as the number of characters."""
    assert [display_width(text) for text in ("abc", "夜", "é", "e\u0301")] == [3, 2, 1, 1]
    lines = table([("track", "夜行バス", "Nightbus"), ("track", "Paper", "Ana")], 80).splitlines()
    assert display_width(lines[0].partition("Nightbus")[0]) == display_width(lines[1].partition("Ana")[0])


def test_a_narrow_terminal_cuts_cells_and_never_lines() -> None:
    """Long titles give way with an ellipsis, and control characters never reach the terminal."""
    text = table([("track", "x" * 200, "y" * 50, "\x1b[2J"), ("album", "short", "z", "w")], 60)
    assert all(display_width(line) <= 60 for line in text.splitlines())
    assert "…" in text
    assert "\x1b" not in text


def test_doctor_finds_what_is_wrong_and_what_to_do(tmp_path: Path) -> None:
    """An empty folder needs a catalogue, a bad setting is named, a running system is well."""
    empty = backline(tmp_path, "doctor")
    assert empty.returncode == 1
    assert "!!  catalogue    there is none" in empty.stdout
    assert "backline import generate" in empty.stdout
    backline(tmp_path, "import", "generate", "--tracks", "200")
    bad = backline(tmp_path, "doctor", BACKLINE_SEARCH_SHARE_S="9")
    assert "BACKLINE_SEARCH_SHARE_S='9': expected" in bad.stdout
    with up(tmp_path):
        well = backline(tmp_path, "doctor")
    assert well.returncode == 0, well.stdout
    assert well.stdout.count(", ready") == len(STACK)


@pytest.mark.skipif(os.geteuid() != 0, reason="mounts a small disk, which only root may")
def test_a_full_disk_is_one_sentence_and_nothing_is_lost(tmp_path: Path) -> None:
    """An import that does not fit says so; what was there before is there afterwards, and room makes it whole."""
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(  # noqa: S603 - a disk of our own
        ["/bin/mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(small)], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("this machine lets nobody mount a disk")
    try:
        backline(small, "import", "generate", "--tracks", "400")
        full = backline(small, "import", "generate", "--tracks", "40000")
        assert full.returncode == 1
        assert full.stderr.endswith("is on a full disk; make room and try again.\n")
        assert "Traceback" not in full.stderr
        subprocess.run(["/bin/mount", "-o", "remount,size=64m", str(small)], check=True)  # noqa: S603 - as above
        whole = backline(small, "import", "generate", "--tracks", "40000")
        assert "40,000 tracks" in whole.stdout
        assert " 0 updated" in whole.stdout
    finally:
        subprocess.run(["/bin/umount", str(small)], check=True)  # noqa: S603 - as above


def test_make_names_a_python_that_is_too_old_or_has_no_ensurepip(tmp_path: Path) -> None:
    """One sentence each, with what to type, and no environment half made."""
    root = Path(__file__).parent.parent.parent
    for name in ("Makefile", "pyproject.toml", "requirements.lock", "requirements-dev.lock"):
        (tmp_path / name).write_text((root / name).read_text())
    for script, sentence in (
        ("exit 1", "needs Python 3.11"),
        ('case "$2" in *ensurepip*) exit 1;; esac', "python3-venv"),
    ):
        python = tmp_path / "python"
        python.write_text(f"#!/bin/sh\n{script}\n")
        python.chmod(0o755)
        refused = subprocess.run(  # noqa: S603 - our own Makefile
            ["/usr/bin/make", "run", f"PYTHON={python}"],
            cwd=tmp_path,
            env=environment(tmp_path),
            capture_output=True,
            text=True,
            check=False,
        )
        assert refused.returncode == 2
        assert sentence in refused.stderr
        assert not (tmp_path / ".venv").exists()
