"""`backline up` with real processes: kills, stops, replicas, and what goes wrong at the start."""

import os
import signal
import socket
from pathlib import Path
from time import sleep

import pytest

from services.catalog.store.sqlite.catalog import FILE_NAME
from services.flags.store.sqlite.flags import FLAGS
from tests.stack.processes import Up, alive, backline, up, wait_until_gone

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="looks processes up in /proc")
NAMES = ("flags", "catalog", "indexer", "search", "edge")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a state folder with a small catalogue in it."""
    made = backline(tmp_path, "import", "generate", "--tracks", "400")
    assert made.returncode == 0, made.stderr
    return tmp_path


def restarted(system: Up, name: str, killed: int) -> None:
    """Wait until another process has taken the place of the one that was killed, and the system answers."""
    while (announcement := system.announcement_or_none(name)) is None or announcement.pid == killed:
        sleep(0.02)
    while not system.answers():
        sleep(0.02)


def test_each_process_may_be_killed_and_the_system_is_whole_again(home: Path) -> None:
    """A kill -9 of any process, one after the other, needs no hand to mend."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with up(home, environ={"BACKLINE_EDGE_HTTP_PORT": str(port)}) as system:
        assert system.answers()
        for name in NAMES:
            pid = system.announcement(name).pid
            os.kill(pid, signal.SIGKILL)
            restarted(system, name, pid)


def test_a_killed_supervisor_leaves_no_orphan(home: Path) -> None:
    """A kill -9 of `backline up` itself takes everything along."""
    with up(home) as system:
        pids = system.pids()
        assert len(pids) == len(NAMES)
        system.process.kill()
        wait_until_gone(pids)


def test_a_hung_process_is_left_alone_and_goes_with_the_rest(home: Path) -> None:
    """A process that merely hangs is not restarted, and does not stay behind when all stops."""
    with up(home, environ={"BACKLINE_GRACE_S": "0.5"}) as system:
        pids, hung = system.pids(), system.announcement("search").pid
        os.kill(hung, signal.SIGSTOP)
        sleep(0.5)
        assert alive(hung)
        assert system.announcement("search").pid == hung
        system.interrupt()
        wait_until_gone(pids)
        assert system.process.wait(timeout=60) == 0
    assert "search  | did not end within" in system.log.read_text()


def test_one_ctrl_c_stops_everything_in_order(home: Path) -> None:
    """The edge drains before what it needs, every process ends by itself, and the status is 0."""
    with up(home) as system:
        pids = system.pids()
        system.interrupt()
        assert system.process.wait(timeout=60) == 0
        wait_until_gone(pids)
    lines = [line for line in system.log.read_text().splitlines() if line.endswith("service.stopped")]
    assert [line.split()[0] for line in lines] == ["edge", "search", "indexer", "catalog", "flags"]
    assert "Traceback" not in system.log.read_text()


def test_a_second_ctrl_c_stops_at_once(home: Path) -> None:
    """Whoever presses twice does not wait for anyone's grace."""
    with up(home, environ={"BACKLINE_DRAIN_S": "60"}) as system:
        pids = system.pids()
        system.interrupt()
        while "edge    | " not in system.log.read_text() or "draining" not in system.log.read_text():
            sleep(0.02)
        system.interrupt()
        wait_until_gone(pids)


def test_replicas_share_the_calls_and_cover_for_each_other(home: Path) -> None:
    """Two search processes share one index, and the edge goes on while one of them is killed."""
    with up(home, "--replicas", "search=2") as system:
        first, second = system.announcement("search"), system.announcement("search-2")
        assert first.addresses != second.addresses
        listed = (home / "endpoints" / "search").read_text().splitlines()
        assert sorted(listed) == sorted(each.addresses["search"]["grpc"] for each in (first, second))
        assert len(list((home / "index").glob("gen-*"))) == 1
        # The supervisor stands still, so that nobody starts the killed one again before the other was asked.
        os.kill(system.process.pid, signal.SIGSTOP)
        os.kill(first.pid, signal.SIGKILL)
        while not system.answers():
            sleep(0.02)
        os.kill(system.process.pid, signal.SIGCONT)
        restarted(system, "search", first.pid)


def test_a_flags_service_that_cannot_start_keeps_nobody_from_serving(home: Path) -> None:
    """The system answers with the defaults in its code, and the flags service is started again and again."""
    (home / "flags").mkdir()
    damaged = home / "flags" / FLAGS.name
    damaged.write_bytes(b"not a database" * 100)
    with up(home) as system:
        assert system.answers()
        while system.log.read_text().count("flags   | ended with status 1; starting it again") < 2:
            sleep(0.02)
        damaged.unlink()
        while system.announcement_or_none("flags") is None:
            sleep(0.02)
        assert system.answers()


@pytest.mark.parametrize(
    ("replicas", "sentence"),
    [
        ("flags=2", "there is one flags at most, since its embedded store belongs to one process"),
        ("catalog=2", "there is one catalog at most, since its embedded store belongs to one process"),
        ("edge=2", "there is one edge at most, since there is no gateway"),
        ("indexer=2", "there is one indexer at most, since it alone says which index is served"),
        ("search=0", "expected NAME=N with N from 1 to 16"),
        ("searching=2", "there is no service 'searching'"),
    ],
)
def test_replicas_that_cannot_be_are_refused_in_one_sentence(tmp_path: Path, replicas: str, sentence: str) -> None:
    """Nothing is started, and the reason is said."""
    refused = backline(tmp_path, "up", "--replicas", replicas)
    assert refused.returncode == 2
    assert sentence in refused.stderr
    assert len(refused.stderr.splitlines()) == 1


def test_a_taken_port_stops_the_start_with_one_sentence(home: Path) -> None:
    """The sentence names port and setting, nothing keeps running, and the catalogue is as it was."""
    before = (home / "catalog" / FILE_NAME).read_bytes()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = backline(home, "up", BACKLINE_EDGE_HTTP_PORT=str(port))
    assert refused.returncode == 1
    assert f"Port {port} on 127.0.0.1 is taken" in refused.stderr
    assert "BACKLINE_EDGE_HTTP_PORT" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not list(home.glob("*/listening.json"))
    assert (home / "catalog" / FILE_NAME).read_bytes() == before


def test_bad_settings_stop_the_start_with_all_of_them_named(home: Path) -> None:
    """Each variable is named with its value and what was expected."""
    refused = backline(home, "up", BACKLINE_CATALOG_GRPC_PORT="many", BACKLINE_CATALOG_LIMIT="1")
    assert refused.returncode == 1
    assert "BACKLINE_CATALOG_GRPC_PORT='many': expected a whole number" in refused.stderr
    assert "BACKLINE_CATALOG_LIMIT: there is no such setting; did you mean BACKLINE_CATALOG_LIMIT_S?" in refused.stderr


def test_bad_settings_of_several_services_in_one_process_are_named_together(tmp_path: Path) -> None:
    """No service's faults hide another's, and nothing was opened."""
    bad = {"BACKLINE_CATALOG_GRPC_PORT": "many", "BACKLINE_SEARCH_SHARE_S": "9"}
    refused = backline(tmp_path, "run", "catalog", "search", **bad)
    assert refused.returncode == 2
    assert refused.stderr.splitlines() == [
        "backline: These settings cannot be used:",
        "BACKLINE_CATALOG_GRPC_PORT='many': expected a whole number",
        "BACKLINE_SEARCH_SHARE_S='9': expected at least 0.0005 and at most 0.1",
    ]
    assert not list(tmp_path.iterdir())


def test_a_corrupt_catalogue_is_one_sentence_and_stays_as_it_is(home: Path) -> None:
    """What cannot be read is named and not touched."""
    file = home / "catalog" / FILE_NAME
    for beside in (home / "catalog").glob(f"{FILE_NAME}-*"):
        beside.unlink()
    file.write_bytes(b"not a catalogue" * 1000)
    refused = backline(home, "up")
    assert refused.returncode == 1
    assert str(file) in refused.stderr
    assert "Traceback" not in refused.stderr
    assert file.read_bytes() == b"not a catalogue" * 1000


def test_a_second_system_on_the_same_folder_is_refused(home: Path) -> None:
    """The second is told so, and the first does not notice."""
    with up(home) as system:
        refused = backline(home, "up")
        assert refused.returncode == 1
        assert refused.stderr == f"backline: A system runs in {home} already; stop it first, or set BACKLINE_HOME.\n"
        assert system.answers()


def test_a_second_catalog_on_the_same_store_is_refused(home: Path) -> None:
    """The catalogue belongs to one process, and the sentence says to which."""
    with up(home) as system:
        refused = backline(home, "run", "catalog", "--process", "catalog")
        assert refused.returncode == 1
        assert f"is in use by process {system.announcement('catalog').pid}" in refused.stderr
        assert system.answers()
