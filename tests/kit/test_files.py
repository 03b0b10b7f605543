"""Files of state: written in one step, whoever else writes."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from services.kit.errors import Unavailable
from services.kit.files import write_whole


def test_writers_of_one_process_do_not_meet(tmp_path: Path) -> None:
    """Two threads may write one file at once: it holds what one of them wrote, and nothing is left beside it."""
    path, texts, together = tmp_path / "state", ["a" * 100_000, "b" * 50_000], Barrier(2)

    def write(text: str) -> None:
        together.wait()
        for _ in range(50):
            write_whole(path, text)

    with ThreadPoolExecutor(2) as threads:
        for written in [threads.submit(write, text) for text in texts]:
            written.result()
    assert path.read_text() in texts
    assert [*tmp_path.iterdir()] == [path]


def test_a_disk_that_takes_nothing_is_told(tmp_path: Path) -> None:
    """By the path, and nothing is left beside it."""
    (tmp_path / "state").mkdir()
    with pytest.raises(Unavailable, match="state cannot be used"):
        write_whole(tmp_path / "state", "text")
    assert [*tmp_path.iterdir()] == [tmp_path / "state"]
