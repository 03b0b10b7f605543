"""An import may be killed at any moment: doing it again ends where an unbroken one would have."""

import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Generator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from random import Random

import pytest

from services.catalog.imports.run import BATCH_ENTRIES
from services.catalog.store.sqlite.catalog import FILE_NAME

TRACKS = 10_000
BATCHES = 12_100 // BATCH_ENTRIES
ROOT = Path(__file__).parents[2]


@contextmanager
def importing(folder: Path) -> "Generator[subprocess.Popen[str], None, None]":
    """Run an import in a process of its own."""
    command = [sys.executable, "-m", "tests.catalog.importing", str(folder), str(TRACKS)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own
        try:
            yield process
        finally:
            process.kill()


def imported(folder: Path) -> Mapping[str, int]:
    """Import to the end and return what the process says it did."""
    with importing(folder) as process:
        output, _ = process.communicate()
    assert process.returncode == 0
    summary: Mapping[str, int] = json.loads(output.splitlines()[-1])
    return summary


def content(folder: Path) -> list[object]:
    """Return every row of every table but the generation, which counts the writes it took."""
    with closing(sqlite3.connect(folder / FILE_NAME)) as connection:
        return [
            connection.execute("SELECT kind, id, wire FROM item ORDER BY kind, id").fetchall(),
            connection.execute("SELECT * FROM placement ORDER BY owner_kind, owner, place, track").fetchall(),
            connection.execute("SELECT artists, albums, tracks FROM catalog").fetchall(),
        ]


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> list[object]:
    """Return the content that an unbroken import leaves."""
    folder = tmp_path_factory.mktemp("unbroken")
    imported(folder)
    return content(folder)


@pytest.mark.parametrize("seed", range(3))
def test_an_import_killed_again_and_again_ends_the_same(tmp_path: Path, unbroken: list[object], seed: int) -> None:
    """Killed at three random moments, what was acknowledged is there, and one more run completes the catalogue.

    After it, another run finds nothing to do and leaves the generation alone.
    """
    chance = Random(seed)  # noqa: S311 - the same moments every time, as far as a clock can say
    for _ in range(3):
        acknowledged = killed(tmp_path, batches=chance.randrange(BATCHES), then_s=chance.random() * 0.05)
        assert stored(tmp_path) >= acknowledged
    last = imported(tmp_path)
    assert content(tmp_path) == unbroken
    again = imported(tmp_path)
    assert (again["added"], again["updated"], again["generation"]) == (0, 0, last["generation"])


def killed(folder: Path, batches: int, then_s: float) -> int:
    """Kill an import some time after it has acknowledged that many batches; return the items it acknowledged."""
    with importing(folder) as process:
        assert process.stdout
        lines = [process.stdout.readline() for _ in range(batches)]
        time.sleep(then_s)
        process.kill()
        process.wait()
    return int(lines[-1]) if lines else 0


def stored(folder: Path) -> int:
    """Return how many items are stored; none where the process came to no table."""
    try:
        with closing(sqlite3.connect(f"file:{folder / FILE_NAME}?mode=rw", uri=True)) as connection:
            (items,) = connection.execute("SELECT count(*) FROM item").fetchone()
    except sqlite3.OperationalError:
        return 0
    return int(items)
