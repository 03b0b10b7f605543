"""Folders and small files of state, with one sentence for a disk that does not take them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.kit.errors import Unavailable


def made(folder: Path) -> Path:
    """Return the folder, made with those above it if it is not there. Raises Unavailable where it cannot be."""
    with one_sentence(folder):
        folder.mkdir(parents=True, exist_ok=True)
    return folder


def write_whole(path: Path, text: str) -> None:
    """Write a file in one step: a reader sees the old text or the new. Raises Unavailable where that fails."""
    aside = path.with_name(f".{path.name}-{os.getpid()}")
    with one_sentence(path):
        try:
            aside.write_text(text)
            aside.replace(path)
        finally:
            aside.unlink(missing_ok=True)


@contextmanager
def one_sentence(path: Path) -> Iterator[None]:
    """Turn an error of the file system into Unavailable, which names the path and what to do."""
    try:
        yield
    except OSError as fault:
        raise Unavailable(
            f"{path} cannot be used: {fault.strerror}. Make room or set BACKLINE_HOME to a folder of your own."
        ) from fault
