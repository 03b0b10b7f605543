"""The lock that makes a folder belong to one process."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from services.kit.errors import Conflict, Unavailable
from services.kit.files import lock
from services.kit.sqlite.file import SqliteFile


@contextmanager
def locked(folder: Path, file: SqliteFile) -> Generator[None, None, None]:
    """Hold the folder, made if it is not there. Raises Conflict where another process holds it."""

    def taken(holder: str) -> Conflict:
        return Conflict(f"The {file.noun} in {folder} is in use by process {holder}; stop that first.")

    try:
        folder.mkdir(parents=True, exist_ok=True)
        held = lock(folder / f"{file.stem}.lock", taken)
    except OSError as error:
        raise Unavailable(f"{folder} cannot hold a {file.noun}: {error.strerror}.") from error
    with held:
        yield
