"""A PostgreSQL server of the tests' own: real, thrown away at the end, and gone at the latest when its process is.

    with server() as running, running.database() as database:
        … database.url …

Needs no pytest, so that benchmarks measure against it too.
"""

import atexit
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from itertools import count
from pathlib import Path

from tests.ports import lasting_port

USER, PASSWORD = "backline", "open-sesame"
"""The password is asked for over TCP and not on the Unix socket."""

_LEASH = '"$@" & server=$!; cat >/dev/null; kill -QUIT $server 2>/dev/null; wait $server'
"""Runs a command until its own standard input ends: when we close it, or however we die."""
_SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "log_min_messages": "warning",
    "max_connections": "40",
    "shared_buffers": "64MB",
    "unix_socket_directories": "..",
}
_AS_NOBODY = """
import os, pwd, sys
nobody = pwd.getpwnam("nobody")
os.setgroups([])
os.setgid(nobody.pw_gid)
os.setuid(nobody.pw_uid)
os.execv(sys.argv[1], sys.argv[1:])
"""
"""Runs a command as somebody else. subprocess could, but by a fork, and where gRPC runs such a child may crash."""
_READY = "ready"
_STATUS_LINE = 7
"""Of postmaster.pid: the last one."""


@cache
def programs() -> Path | None:
    """Return the folder of the newest server installed here that has all it takes; None where there is none."""
    on_path = shutil.which("postgres")
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: float(folder.parent.name))
    folders = [*versions[::-1], *([Path(on_path).resolve().parent] if on_path else [])]
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


def found() -> bool:
    """Whether there is all that a test against a server takes."""
    return programs() is not None and find_spec("psycopg") is not None


class PostgresServer:
    """One server with its data in a folder: start it, stop it, kill it, and start it again."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self.port = lasting_port()
        self._programs = programs
        self._folder = folder
        self._data = folder / "data"
        self._numbers = count(1)
        self._leash: subprocess.Popen[bytes] | None = None

    def create(self) -> None:
        """Make the data folder."""
        secret = self._folder / "password"
        secret.write_text(PASSWORD)
        _give_away(secret)
        asked = ["--auth-local=trust", "--auth-host=scram-sha-256", f"--username={USER}", f"--pwfile={secret}"]
        command: list[str | Path] = [
            *_unprivileged(),
            self._programs / "initdb",
            "--no-sync",
            "--encoding=UTF8",
            "--locale=C",
            *asked,
            self._data,
        ]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=self._folder)  # noqa: S603 - a program found by ourselves

    def start(self, **settings: str) -> None:
        """Start the server with settings of one's own, and return when it takes connections."""
        options = [f"--{name}={value}" for name, value in (_SETTINGS | settings).items()]
        listening: list[str | Path] = ["-D", self._data, "-h", "127.0.0.1", "-p", str(self.port)]
        with (self._folder / "log").open("ab") as log:
            self._leash = subprocess.Popen(  # noqa: S603 - as above
                [*_unprivileged(), "/bin/sh", "-c", _LEASH, "sh", self._programs / "postgres", *listening, *options],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=self._folder,
            )
        while _READY not in self._status():
            if self._leash.poll() is not None:
                raise RuntimeError((self._folder / "log").read_text())
            time.sleep(0.01)

    def stop(self) -> None:
        """Stop the server as an administrator would: connections are closed, what was committed is on disk."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """End the server as a crash would: at once and without a word, to recover when it is started again."""
        self._end(signal.SIGQUIT)

    @contextmanager
    def frozen(self) -> Generator[None, None, None]:
        """Stop every process of the server for the block: connections stay, and nothing answers any more."""
        sessions = self.execute("SELECT pid FROM pg_stat_activity WHERE pid != pg_backend_pid()").split()
        processes = [self._main_process(), *map(int, sessions)]
        _send(signal.SIGSTOP, processes)
        try:
            yield
        finally:
            _send(signal.SIGCONT, processes)

    def url(self, database: str = "postgres", *, user: str = USER, password: str = PASSWORD) -> str:
        """Return the address of a database, over TCP and with a password."""
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/{database}"

    def execute(self, statement: str, database: str = "postgres") -> str:
        """Run a statement as the administrator and return what it prints, columns separated by tabs."""
        done = subprocess.run([*self._psql(database), "-c", statement], check=True, capture_output=True, text=True)  # noqa: S603 - as above
        return done.stdout.strip()

    @contextmanager
    def database(self) -> "Generator[Database, None, None]":
        """Give a database of one's own, empty, and drop it afterwards."""
        name = f"test_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name}")
        try:
            yield Database(self, name)
        finally:
            self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def holding(self, statement: str, database: str) -> Generator[None, None, None]:
        """Run a statement in a transaction of another session, which ends with the block."""
        psql = subprocess.Popen(self._psql(database), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603 - as above
        with psql:
            assert psql.stdin is not None
            assert psql.stdout is not None
            psql.stdin.write(f"BEGIN; {statement};\n\\echo held\n")
            psql.stdin.flush()
            if not psql.stdout.readline():
                raise RuntimeError(f"{statement} failed")
            yield

    def _psql(self, database: str) -> list[str | Path]:
        program: list[str | Path] = [self._programs / "psql", "-qAtX", "-F\t", "-v", "ON_ERROR_STOP=1"]
        return [*program, "-h", self._folder, "-p", str(self.port), "-U", USER, "-d", database]

    def _status(self) -> str:
        with suppress(FileNotFoundError, IndexError):
            return (self._data / "postmaster.pid").read_text().splitlines()[_STATUS_LINE]
        return ""

    def _main_process(self) -> int:
        return int((self._data / "postmaster.pid").read_text().splitlines()[0])

    def _end(self, how: signal.Signals) -> None:
        leash, self._leash = self._leash, None
        if leash is None:
            return
        with suppress(FileNotFoundError, ProcessLookupError):
            os.kill(self._main_process(), how)
            while self._status():
                time.sleep(0.01)
        assert leash.stdin is not None
        leash.stdin.close()
        leash.wait()


@dataclass(frozen=True, slots=True)
class Database:
    """A database of that name on a server."""

    server: PostgresServer
    name: str

    @property
    def url(self) -> str:
        """The address, over TCP and with the password."""
        return self.server.url(self.name)

    def execute(self, statement: str) -> str:
        """Run a statement as the administrator and return what it prints, columns separated by tabs."""
        return self.server.execute(statement, self.name)

    def holding(self, statement: str) -> AbstractContextManager[None]:
        """Run a statement in a transaction of another session, which ends with the block."""
        return self.server.holding(statement, self.name)


@contextmanager
def server() -> Iterator[PostgresServer]:
    """Run a server for the block. Raises LookupError where none is installed."""
    found = programs()
    if found is None:
        raise LookupError("No PostgreSQL server is installed on this machine.")
    with tempfile.TemporaryDirectory(prefix="backline-postgres-") as name:
        folder = Path(name)
        _give_away(folder)
        running = PostgresServer(found, folder)
        running.create()
        running.start()
        try:
            yield running
        finally:
            running.kill()


@cache
def shared() -> PostgresServer:
    """Return the one server of this process, running until the process ends: each user takes a database of it."""
    until_the_end = ExitStack()
    atexit.register(until_the_end.close)
    return until_the_end.enter_context(server())


def _send(what: signal.Signals, processes: Sequence[int]) -> None:
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(process, what)


def _unprivileged() -> Sequence[str]:
    """Return what a command has to begin with to run as whom the server runs: it refuses to be root."""
    return (sys.executable, "-ISc", _AS_NOBODY) if os.geteuid() == 0 else ()


def _give_away(path: Path) -> None:
    if os.geteuid() == 0:
        shutil.chown(path, "nobody")
