"""`backline index …` against real processes, and against the folder when nothing runs."""

from collections.abc import Iterator
from pathlib import Path
from time import sleep

import httpx
import pytest

from services.search.index.generations import names
from services.search.index.pointer import read_pointer
from tests.stack.processes import Up, backline, up

QUICK = {"BACKLINE_INDEXER_ROLLOUT_CANARY_S": "0", "BACKLINE_INDEXER_ROLLOUT_STAGGER_S": "0"}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a state folder with a small catalogue in it."""
    made = backline(tmp_path, "import", "generate", "--tracks", "400")
    assert made.returncode == 0, made.stderr
    return tmp_path


@pytest.fixture
def system(home: Path) -> Iterator[Up]:
    """Return a running system that rolls generations out without waiting."""
    with up(home, environ=QUICK) as running:
        yield running


def serving(system: Up) -> str:
    """Return the generation that the edge's answers come from."""
    answer = httpx.get(f"{system.url}/v1/search", params={"q": "a"}, trust_env=False).json()
    return str(answer["index_generation"])


def until_serving(system: Up, generation: str) -> None:
    """Wait until answers come from that generation; the test's own time limit ends the wait."""
    while serving(system) != generation:
        sleep(0.05)


@pytest.mark.parametrize("action", [[], ["list"], ["build"], ["publish"], ["rollback"], ["verify"]])
def test_every_action_explains_itself(tmp_path: Path, action: list[str]) -> None:
    """A stranger learns from --help what it does, and nothing is done."""
    helped = backline(tmp_path, "index", *action, "--help")
    assert helped.returncode == 0
    assert len(helped.stdout.splitlines()) > 4
    assert not list(tmp_path.iterdir())


def test_build_and_rollback_reach_search_and_are_recorded(system: Up, home: Path) -> None:
    """A build is served once it is done, a rollback gives the one before, and list tells both with their reasons."""
    first = serving(system)
    built = backline(home, "index", "build", "--reason", "to see it done", "--actor", "ops")
    assert built.returncode == 0, built.stderr
    second = max(name for name in names(home / "index") if name.startswith("gen-"))
    assert second in built.stdout
    until_serving(system, second)
    while read_pointer(home / "index").current != second:
        sleep(0.05)
    back = backline(home, "index", "rollback", "--reason", "to see it undone", "--actor", "ops")
    assert back.returncode == 0, back.stderr
    until_serving(system, first)
    while not read_pointer(home / "index").held:
        sleep(0.05)
    listed = backline(home, "index", "list").stdout
    standings = {line.split()[0]: line.split()[1] for line in listed.splitlines() if line.startswith("gen-")}
    assert standings == {first: "serving", second: "bad"}
    assert "ops  build  index  to see it done" in listed
    assert f"ops  rollback  {second} {first}  to see it undone" in listed
    assert "Nothing new is rolled out: rolled back by ops: to see it undone." in listed
    assert "backline index build" in backline(home, "doctor").stdout


def test_an_order_needs_its_reason_and_an_indexer(home: Path) -> None:
    """Without either nothing happens, and the sentence says what is missing."""
    refused = backline(home, "index", "rollback")
    assert (refused.returncode, "--reason" in refused.stderr) == (2, True)
    refused = backline(home, "index", "rollback", "--reason", "x")
    assert refused.returncode == 1
    assert refused.stderr.startswith("backline: No indexer runs from ")
    refused = backline(home, "index", "rollback", "--reason", "x", "--address", "127.0.0.1:1")
    assert refused.returncode == 1
    assert "No indexer answers at 127.0.0.1:1" in refused.stderr


def test_what_the_indexer_says_against_an_order_is_passed_on(system: Up, home: Path) -> None:
    """Nothing to go back to, nothing that was refused, no such generation: a sentence each."""
    assert system.answers()
    for arguments, sentence in (
        (("rollback",), "There is no sound generation before this one to go back to."),
        (("publish", "--override"), "No generation that a gate refused is here any more."),
        (("publish", "gen-20260101T000000Z-00000000"), "There is no generation 'gen-20260101T000000Z-00000000'."),
    ):
        refused = backline(home, "index", *arguments, "--reason", "x")
        assert (refused.returncode, refused.stderr) == (1, f"backline: {sentence}\n")


def test_verify_finds_a_changed_byte_without_anything_running(home: Path) -> None:
    """Every byte is read; the status says whether all is well."""
    assert "There is no index in" in backline(home, "index", "list").stdout
    with up(home, environ=QUICK):
        pass
    sound = backline(home, "index", "verify")
    assert sound.returncode == 0
    assert sound.stdout.startswith("ok  gen-")
    index = next((home / "index").glob("gen-*/index.db"))
    content = bytearray(index.read_bytes())
    content[len(content) // 2] ^= 1
    index.write_bytes(content)
    spoilt = backline(home, "index", "verify")
    assert spoilt.returncode == 1
    assert f"!!  {index.parent.name} is damaged: the checksum of index.db is not the manifest's." in spoilt.stdout
