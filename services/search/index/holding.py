"""Folders of generations that are open somewhere, and the removal of those that are not.

Whoever has a generation open holds a shared lock on its folder, which the kernel drops with the process, and nobody
here removes a folder that somebody holds.
"""

import fcntl
import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from services.kit.files import one_sentence
from services.search.index.generations import Generation

ASIDE = ".aside"
"""Holds what is not whole yet, below `gen` and `delta`, or no longer wanted; what a killed process left there goes with
the next fetch or removal."""
_DROPPED = "dropped-"


@contextmanager
def held(generation: Generation) -> Generator[None, None, None]:
    """Keep the generation's folder from being removed. Raises Unavailable where it is gone."""
    with one_sentence(generation.folder):
        folder = os.open(generation.folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(folder, fcntl.LOCK_SH)
        yield
    finally:
        os.close(folder)


def remove_unless_held(path: Path) -> bool:
    """Remove the folder unless somebody holds it; what several want to remove, one does."""
    with suppress(OSError):
        folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            drop(path)
        finally:
            os.close(folder)
        return True
    return False


def drop(path: Path) -> None:
    """Take the folder away; its name is free at once, even if this process is killed now."""
    aside = path.parent / ASIDE
    aside.mkdir(exist_ok=True)
    for leftover in aside.glob(f"{_DROPPED}*"):
        shutil.rmtree(leftover, ignore_errors=True)
    dropped = path.rename(aside / f"{_DROPPED}{path.name}")
    shutil.rmtree(dropped, ignore_errors=True)
