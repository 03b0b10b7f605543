"""Folders and small files of state, with one sentence for a disk that does not take them."""

import fcntl
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from services.kit.errors import Conflict, Unavailable

_HOLDER_BYTES = 20


def made(folder: Path) -> Path:
    """Return the folder, made with those above it if it is not there. Raises Unavailable where it cannot be."""
    with one_sentence(folder):
        folder.mkdir(parents=True, exist_ok=True)
    return folder


def write_whole(path: Path, text: str) -> None:
    """Write a file in one step: a reader sees the old text or the new, also after the power has failed.

    Raises Unavailable where it cannot be written.
    """
    aside = path.with_name(f".{path.name}-{os.getpid()}-{threading.get_ident()}")
    with one_sentence(path):
        try:
            with aside.open("w") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            aside.replace(path)
        finally:
            aside.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Put a file or folder on disk for good. Raises OSError where the disk does not take it."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def lock(path: Path, taken: Callable[[str], Conflict]) -> BinaryIO:
    """Take the lock that the file is, and return the file, which holds it until it is closed.

    The kernel drops it with the process, however that ends; the file stays, and says which process has it. Raises what
    `taken` makes of the holder's number where another process has it, OSError where there can be no such file.
    """
    file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = file.read(_HOLDER_BYTES).decode(errors="replace").strip()
        file.close()
        raise taken(holder or "another one") from None
    file.truncate(0)
    file.write(b"%d\n" % os.getpid())
    file.flush()
    return file


@contextmanager
def one_sentence(path: Path) -> Iterator[None]:
    """Turn an error of the file system into Unavailable, which names the path and what to do."""
    try:
        yield
    except OSError as fault:
        raise Unavailable(
            f"{path} cannot be used: {fault.strerror}. Make room or set BACKLINE_HOME to a folder of your own."
        ) from fault
