"""`backline catalog …`, used as a person uses it."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.stack.processes import Up, backline, up

TRACK_ONLY, OTHER_TRACK_ONLY = "music-routes:39", "music-routes:40"
EVERY_KIND = "music-routes:2"
ROUTES = Path(__file__).parent.parent / "catalog" / "music_routes"


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """Give a system that runs over the Music Routes fixture; no test takes the same item as another."""
    home = tmp_path_factory.mktemp("home")
    backline(home, "import", "music-routes", str(ROUTES))
    with up(home) as running:
        yield running


def status(system: Up, path: str) -> int:
    """Return how the edge answers."""
    return httpx.get(f"{system.url}{path}", trust_env=False).status_code


@pytest.mark.parametrize("command", [[], ["takedown"], ["restore"], ["journal"]])
def test_every_action_explains_itself(tmp_path: Path, command: list[str]) -> None:
    """A stranger learns from --help what is done, and what is not done yet."""
    helped = backline(tmp_path, "catalog", *command, "--help")
    assert helped.returncode == 0
    assert "usage: backline catalog" in helped.stdout
    assert not list(tmp_path.iterdir())


def test_an_item_is_taken_down_and_restored(system: Up) -> None:
    """It is gone when the command returns, which says how to undo that; restored it is back; both are recorded."""
    name = TRACK_ONLY
    assert status(system, f"/v1/tracks/{name}") == 200
    arguments = (name, "--kind", "track", "--actor", "ops")
    down = backline(system.home, "catalog", "takedown", *arguments, "--reason", "claim 81")
    assert down.returncode == 0, down.stderr
    assert f"Track {name}" in down.stdout
    assert "is taken down" in down.stdout
    assert f"To undo: backline catalog restore {name} --kind track" in down.stdout
    assert "Search finds it no more in a few seconds" in down.stdout
    assert status(system, f"/v1/tracks/{name}") == 404
    again = backline(system.home, "catalog", "takedown", *arguments, "--reason", "claim 82")
    assert again.returncode == 0
    assert "is taken down already" in again.stdout
    assert "ops did it at" in again.stdout
    assert "claim 81" in again.stdout
    back = backline(system.home, "catalog", "restore", name, "--reason", "withdrawn", "--actor", "law")
    assert back.returncode == 0, back.stderr
    assert "is shown again" in back.stdout
    assert status(system, f"/v1/tracks/{name}") == 200
    journal = backline(system.home, "catalog", "journal", "--verify")
    assert journal.returncode == 0
    lines = [line for line in journal.stdout.splitlines() if f"track {name}" in line]
    assert [line.split("  ")[2:4] for line in lines] == [["ops", "takedown"], ["law", "restore"]]
    assert "entries are as they were written" in journal.stdout


def test_an_id_of_several_kinds_is_asked_about(system: Up) -> None:
    """Nothing is taken down while it is not clear what is meant."""
    asked = backline(system.home, "catalog", "takedown", EVERY_KIND, "--reason", "claim")
    assert asked.returncode == 2
    assert asked.stderr.startswith(f"backline: {EVERY_KIND} names several: album, artist, track")
    assert "--kind" in asked.stderr
    assert status(system, f"/v1/tracks/{EVERY_KIND}") == 200


def test_a_kind_is_found_where_the_id_has_only_one(system: Up) -> None:
    """It is taken down without further questions, in the user's own name."""
    done = backline(system.home, "catalog", "takedown", OTHER_TRACK_ONLY, "--reason", "claim")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"Track {OTHER_TRACK_ONLY} (")
    assert status(system, f"/v1/tracks/{OTHER_TRACK_ONLY}") == 404


def test_what_cannot_be_done_is_said_in_one_sentence(system: Up) -> None:
    """An unknown id, one that is not taken down, and an empty reason."""
    for arguments, sentence in (
        (["takedown", "demo:nobody", "--reason", "x"], "There is nothing here by the id 'demo:nobody'."),
        (["takedown", "demo:nobody", "--kind", "album", "--reason", "x"], "There is no album 'demo:nobody'."),
        (["restore", EVERY_KIND, "--kind", "artist", "--reason", "x"], "is taken down."),
        (["restore", "demo:nobody", "--reason", "x"], "Nothing with the id 'demo:nobody' is taken down."),
        (["takedown", EVERY_KIND, "--kind", "artist", "--reason", " "], "The reason is missing."),
    ):
        refused = backline(system.home, "catalog", *arguments)
        assert refused.returncode in (1, 2)
        assert refused.stderr.strip().splitlines()[-1].startswith("backline: ")
        assert refused.stderr.strip().endswith(sentence)


def test_where_no_catalog_runs_that_is_said(tmp_path: Path) -> None:
    """One sentence, with what to do about it."""
    refused = backline(tmp_path, "catalog", "journal")
    assert refused.returncode == 1
    assert refused.stderr.startswith("backline: No catalog runs from ")
    assert len(refused.stderr.splitlines()) == 1


def test_a_catalog_that_does_not_answer_is_said(tmp_path: Path) -> None:
    """An address where nobody listens ends in one sentence."""
    refused = backline(tmp_path, "catalog", "journal", "--address", "127.0.0.1:1")
    assert refused.returncode == 1
    assert "backline: " in refused.stderr
    assert "Traceback" not in refused.stderr
