"""The process that holds the flags may be killed at any moment: what it acknowledged is there, and numbered once."""

import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest

from services.flags.store.sqlite.flags import open_sqlite_flags
from services.kit.clock import ManualClock
from tests.contract.flag_stores import journal, verified

ROOT = Path(__file__).parents[3]


def killed(folder: Path, writes: int, then_s: float) -> dict[int, str]:
    """Kill a writer some time after it has acknowledged that many writes; return all it acknowledged, by generation."""
    command = [sys.executable, "-m", "tests.flags.store.killed", str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own
        assert process.stdout
        lines = [process.stdout.readline() for _ in range(writes)]
        time.sleep(then_s)
        process.kill()
        lines += process.stdout.readlines()
    whole = [line.split() for line in lines if line.endswith("\n")]
    return {int(generation): hashed for generation, hashed in whole}


@pytest.mark.parametrize("seed", range(2))
async def test_what_a_killed_writer_acknowledged_is_there(tmp_path: Path, seed: int) -> None:
    """Killed at three random moments, every acknowledged write is in the journal with its hash, each number once."""
    chance = Random(seed)  # noqa: S311 - the same moments every time, as far as a clock can say
    acknowledged: dict[int, str] = {}
    for _ in range(3):
        more = killed(tmp_path, writes=chance.randrange(1, 30), then_s=chance.random() * 0.02)
        assert not more.keys() & acknowledged.keys()
        acknowledged |= more
    async with open_sqlite_flags(tmp_path, ManualClock()) as store:
        kept = {entry.sequence: entry.hash for entry in await journal(store)}
        assert acknowledged.items() <= kept.items()
        assert await verified(store) == len(kept) == await store.generation()
