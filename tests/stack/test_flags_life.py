"""Kills while processes hang, die and come back, under `backline up` with two processes of search."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import sleep

import pytest

from tests.stack.processes import Up, backline, environment, up

SETTINGS = {"BACKLINE_FLAGS_SETTLE_S": "0", "BACKLINE_FLAGS_HEARTBEAT_S": "1"}
"""A flags service that starts again has nobody's word for it that it knows all."""
USERS = {"catalog", "edge", "indexer", "search", "search-2"}
"""Processes that use flags."""


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """Run the system; each test leaves it whole."""
    home = tmp_path_factory.mktemp("life")
    made = backline(home, "import", "generate", "--tracks", "400")
    assert made.returncode == 0, made.stderr
    with up(home, "--replicas", "search=2", environ=SETTINGS) as running:
        yield running


class Killing:
    """`backline flags kill`, while it runs."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def line_with(self, words: str) -> str:
        """Return the next line that it prints with the words."""
        assert self._process.stdout is not None
        while words not in (line := self._process.stdout.readline()):
            assert line, "the command ended"
        return line

    def ends_well(self) -> None:
        """Wait until it says that all have applied it."""
        self.line_with("processes of ours have applied it.")
        assert self._process.wait() == 0


@contextmanager
def killing(system: Up, flag: str) -> Iterator[Killing]:
    """Kill a flag, and restore it in the end."""
    command = (sys.executable, "-m", "services", "flags", "kill", flag, "--reason", "a test")
    with subprocess.Popen(  # noqa: S603 - our own command
        command, env=environment(system.home, PYTHONUNBUFFERED="1"), stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Killing(process)
        finally:
            process.kill()
    restored = backline(system.home, "flags", "restore", flag, "--reason", "a test")
    assert restored.returncode == 0, restored.stderr


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    """Let a process stand still for the block."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def standings(system: Up) -> dict[str, str]:
    """Return how each process stands to what is in force, by its name without the machine's."""
    lines = backline(system.home, "flags", "who").stdout.splitlines()[2:]
    found = [re.fullmatch(r"\S+ +(\S+)@\S+ +\d+  +(.*)", line) for line in lines]
    return {each[1]: each[2] for each in found if each}


def until_all_are_current(system: Up) -> None:
    """Wait until each process that uses flags is there once, and current."""
    while standings(system) != dict.fromkeys(USERS, "current"):
        sleep(0.1)


def test_a_process_that_hangs_is_named_until_it_goes_on(system: Up) -> None:
    """Of two of one service it is the one that is named; the kill is confirmed as soon as it has applied it."""
    until_all_are_current(system)
    with stopped(system.announcement("search-2").pid), killing(system, "view-results") as kill:
        for _ in range(3):
            line = kill.line_with("Not yet: ")
            assert "search search-2@" in line
        assert "search search@" not in line
        assert standings(system) == {**dict.fromkeys(USERS, "current"), "search-2": "behind"}
        os.kill(system.announcement("search-2").pid, signal.SIGCONT)
        kill.ends_well()


def test_a_process_that_died_is_silent_until_its_successor_is_there(system: Up) -> None:
    """Nobody knows that it is dead and not merely cut off; started again under its name it is the same process."""
    until_all_are_current(system)
    with stopped(system.process.pid):
        os.kill(system.announcement("search-2").pid, signal.SIGKILL)
        while not standings(system)["search-2"].startswith("silent for "):
            sleep(0.1)
        with killing(system, "view-layout") as kill:
            for _ in range(2):
                assert re.search(r"Not yet: .*search search-2@\S+ \(silent for \d+ s\)", kill.line_with("Not yet: "))
            os.kill(system.process.pid, signal.SIGCONT)
            kill.ends_well()
    until_all_are_current(system)


def test_a_kill_outlives_the_service_that_was_asked_for_it(system: Up) -> None:
    """Killed before all have applied it, the service is found again where it is then, and whom it waited for too."""
    until_all_are_current(system)
    with stopped(system.announcement("search-2").pid), killing(system, "view-explicit") as kill:
        assert "search search-2@" in kill.line_with("Not yet: ")
        os.kill(system.announcement("flags").pid, signal.SIGKILL)
        assert "view-explicit is killed all the same" in kill.line_with("asking again")
        assert "search search-2@" in kill.line_with("nobody has heard of them since the service was away: ")
        os.kill(system.announcement("search-2").pid, signal.SIGCONT)
        kill.ends_well()
    until_all_are_current(system)


def test_two_processes_cannot_have_one_name(system: Up) -> None:
    """A kill would be confirmed once either has applied it: the second is told to take another, and does nothing."""
    until_all_are_current(system)
    refused = backline(system.home, "run", "search", "--process", "search-2")
    assert refused.returncode != 0
    assert refused.stderr.count("\n") == 1
    assert f"search-2 is in use by process {system.announcement('search-2').pid}; give this one" in refused.stderr
    until_all_are_current(system)
