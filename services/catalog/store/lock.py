"""The lock that makes a folder belong to one process."""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from services.kit.errors import Conflict, Unavailable

LOCK_NAME = "catalog.lock"


@contextmanager
def locked(folder: Path) -> Generator[None, None, None]:
    """Hold the folder, made if it is not there. Raises Conflict where another process holds it.

    The kernel drops the lock with the process, however it ends; the file stays, and says who holds the folder.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise Unavailable(f"{folder} cannot hold a catalogue: {error.strerror}.") from error
    try:
        _take(file, folder)
        yield
    finally:
        os.close(file)


def _take(file: int, folder: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(file, 20, 0).decode().strip() or "another one"
        raise Conflict(f"The catalogue in {folder} is in use by process {holder}; stop that first.") from None
    os.ftruncate(file, 0)
    os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
