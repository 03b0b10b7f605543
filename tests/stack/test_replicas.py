"""Several catalog processes over one PostgreSQL: reads outlive any of them."""

import asyncio
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.postgres_server import found, shared
from tests.stack.processes import Up, backline, up

READERS, READS = 8, 150
KILLED_AFTER = READERS * READS // 4
PATIENT = {
    "BACKLINE_EDGE_LIMIT_S": "20",
    "BACKLINE_EDGE_CATALOG_LIMIT_S": "10",
    "BACKLINE_CATALOG_LIMIT_S": "10",
}
"""A busy machine must not look like a failed read."""


@pytest.fixture
def store(tmp_path: Path, require: Callable[[str, bool], None]) -> Iterator[dict[str, str]]:
    """Return the environment of a system whose catalogue is a small one in PostgreSQL."""
    require("postgres", found())
    with shared().database() as database:
        environ = {"BACKLINE_CATALOG_STORE": database.url, **PATIENT}
        made = backline(tmp_path, "import", "generate", "--tracks", "400", **environ)
        assert made.returncode == 0, made.stderr
        yield environ


@dataclass
class Reading:
    """Reads that are under way: how many are over, and what was not answered."""

    over: int = 0
    refused: list[str] = field(default_factory=list)
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once a good part of the reads is over."""

    async def read(self, client: httpx.AsyncClient, paths: list[str]) -> None:
        """Read the items one after the other."""
        for path in paths:
            try:
                answer = await client.get(path)
            except httpx.HTTPError as error:
                self.refused.append(f"{path}: {error!r}")
            else:
                if answer.status_code != httpx.codes.OK:
                    self.refused.append(f"{path}: {answer.status_code} {answer.text}")
            self.over += 1
            if self.over == KILLED_AFTER:
                self.begun.set()


async def read_while_killing(system: Up, victim: str) -> Reading:
    """Read items from several sides and kill a process in the middle."""
    reading = Reading()
    async with httpx.AsyncClient(base_url=system.url, trust_env=False, timeout=30) as client:
        found = await client.get("/v1/search", params={"q": "a", "kinds": "track", "limit": "50"})
        paths = [f"/v1/tracks/{each['id']}" for each in found.json()["results"]]
        assert paths
        async with asyncio.TaskGroup() as group:
            for _ in range(READERS):
                group.create_task(reading.read(client, (paths * READS)[:READS]))
            await reading.begun.wait()
            # Held first, so that it is sure to die with calls in its hands.
            pid = system.announcement(victim).pid
            os.kill(pid, signal.SIGSTOP)
            await asyncio.sleep(0.2)
            os.kill(pid, signal.SIGKILL)
            assert reading.over < READERS * READS // 2
    assert reading.over == READERS * READS
    return reading


@pytest.mark.parametrize("victim", ["catalog", "catalog-2"])
def test_a_killed_replica_costs_no_read(tmp_path: Path, store: dict[str, str], victim: str) -> None:
    """Of two catalogs over one PostgreSQL one is killed under load, and every read is answered."""
    with up(tmp_path, "--replicas", "catalog=2", environ=store) as system:
        assert asyncio.run(read_while_killing(system, victim)).refused == []


def test_commands_find_the_catalogue_in_the_database(tmp_path: Path, store: dict[str, str]) -> None:
    """An import goes where the setting says, whole and once; doctor finds it there; the folder stays empty."""
    again = backline(tmp_path, "import", "generate", "--tracks", "400", **store)
    assert "Nothing changed" in again.stdout
    assert "in PostgreSQL, 400 tracks" in backline(tmp_path, "doctor", **store).stdout
    assert not (tmp_path / "catalog").exists()


def test_the_first_import_of_all_may_be_one_into_the_database(tmp_path: Path, store: dict[str, str]) -> None:
    """A folder for the state that is not there yet is made."""
    new = backline(tmp_path / "new", "import", "generate", "--tracks", "400", **store)
    assert new.returncode == 0, new.stderr


def test_doctor_looks_at_every_replica(tmp_path: Path, store: dict[str, str]) -> None:
    """Each process of a service has a line with its name."""
    with up(tmp_path, "--replicas", "catalog=2", environ=store):
        examined = backline(tmp_path, "doctor", **store).stdout
    ready = [line.split()[1] for line in examined.splitlines() if ", ready" in line]
    assert [name for name in ready if name.startswith("catalog")] == ["catalog", "catalog-2"]


@pytest.mark.parametrize("command", [("import", "generate", "--tracks", "1"), ("run", "catalog")])
def test_a_database_that_is_away_is_one_sentence(tmp_path: Path, command: tuple[str, ...]) -> None:
    """It says what cannot be reached and what to look at, and neither password nor stack."""
    away = backline(tmp_path, *command, BACKLINE_CATALOG_STORE="postgresql://backline:hush@127.0.0.1:1/catalogue")
    assert away.returncode != 0
    last = away.stderr.splitlines()[-1]
    assert "'catalogue' at 127.0.0.1:1 cannot be reached" in last
    assert "hush" not in away.stdout + away.stderr
    assert "Traceback" not in away.stderr


def test_an_embedded_catalogue_has_one_process(tmp_path: Path) -> None:
    """Two catalogs over SQLite are refused in one sentence, which says what to do."""
    refused = backline(tmp_path, "up", "--replicas", "catalog=2")
    assert refused.returncode != 0
    assert refused.stderr.count("\n") == 1
    assert "BACKLINE_CATALOG_STORE" in refused.stderr
