"""The system as real processes, started as a person starts it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import sleep

import httpx

from services.commands.announcement import Announcement, announced
from tests.stack.conftest import ANY_PORTS

READY = "ready: "


@dataclass(frozen=True, slots=True)
class Up:
    """A running `backline up`."""

    process: "subprocess.Popen[str]"
    home: Path
    log: Path
    url: str

    def announcement(self, name: str) -> Announcement:
        """Return where a process of it listens."""
        announcement = self.announcement_or_none(name)
        assert announcement is not None
        return announcement

    def announcement_or_none(self, name: str) -> Announcement | None:
        """Return where a process of it listens; None while it does not."""
        return announced(self.home / name)

    def pids(self) -> set[int]:
        """Return the processes that announce themselves."""
        files = self.home.glob("*/listening.json")
        return {announcement.pid for file in files if (announcement := announced(file.parent))}

    def answers(self) -> bool:
        """Whether a search is answered with what is in the catalogue, and an item read."""
        try:
            found = httpx.get(f"{self.url}/v1/search", params={"q": "a"}, trust_env=False).json()
            first = found["results"][0]
            item = httpx.get(f"{self.url}/v1/{first['kind']}s/{first['id']}", trust_env=False)
        except (httpx.HTTPError, KeyError, ValueError):
            return False
        return item.status_code == httpx.codes.OK

    def interrupt(self) -> None:
        """Press Ctrl-C: the terminal sends SIGINT to everything in the foreground group."""
        os.killpg(self.process.pid, signal.SIGINT)


def environment(home: Path, **more: str) -> dict[str, str]:
    """Return an environment with the state in the folder and any free ports."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("BACKLINE_")}  # noqa: TID251 - handed on
    return {**inherited, **ANY_PORTS, "BACKLINE_HOME": str(home), **more}


def backline(home: Path, *arguments: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end."""
    return subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "services", *arguments],
        env=environment(home, **environ),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@contextmanager
def up(home: Path, *arguments: str, environ: Mapping[str, str] | None = None) -> Iterator[Up]:
    """Start the system and wait until it says that it is ready; end all of it afterwards."""
    log = home / "up.log"
    with (
        log.open("w") as lines,
        subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "services", "up", *arguments],
            env=environment(home, **(environ or {})),
            stdout=subprocess.PIPE,
            stderr=lines,
            text=True,
            start_new_session=True,
        ) as process,
    ):
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith(READY), log.read_text()
            yield Up(process, home, log, line.removeprefix(READY).strip())
        finally:
            process.terminate()
            process.wait(timeout=60)


def alive(pid: int) -> bool:
    """Whether a process is there and not merely waiting to be buried."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def wait_until_gone(pids: set[int]) -> None:
    """Wait until none of the processes is there; the test's own time limit ends the wait."""
    while any(map(alive, pids)):
        sleep(0.02)
