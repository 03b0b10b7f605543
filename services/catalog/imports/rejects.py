"""The file that says what an import refused, and why: one JSON object per line."""

import json
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TextIO

from services.catalog.imports.source import Reject
from services.kit.errors import Unavailable


class RejectsFile:
    """Collects rejects beside their final place. The file appears with the first one; no reject, no file."""

    def __init__(self, path: Path) -> None:
        self.count = 0
        self._path = path
        self._aside = path.with_name(f"{path.name}.partial")
        self._lines: TextIO | None = None

    def add(self, reject: Reject) -> None:
        """Write one reject. Raises Unavailable where the file cannot be written."""
        with _writing(self._path):
            if self._lines is None:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                # A lone surrogate, which UTF-8 cannot carry, becomes the escape that JSON has for it.
                self._lines = self._aside.open("w", encoding="utf-8", errors="backslashreplace")
            self._lines.write(json.dumps(asdict(reject), ensure_ascii=False) + "\n")
        self.count += 1

    def keep(self) -> None:
        """Put this run's rejects in the place of an earlier run's. Raises Unavailable where that cannot be done."""
        with _writing(self._path):
            if self._lines:
                self._lines.close()
                self._aside.replace(self._path)
            else:
                self._path.unlink(missing_ok=True)
                self._aside.unlink(missing_ok=True)

    def discard(self) -> None:
        """Forget this run's rejects and leave an earlier run's as they are."""
        if self._lines:
            self._lines.close()
            self._aside.unlink(missing_ok=True)


@contextmanager
def open_rejects(path: Path) -> Generator[RejectsFile, None, None]:
    """Collect rejects for as long as the block lasts, and keep them if it ends well."""
    rejects = RejectsFile(path)
    try:
        yield rejects
        rejects.keep()
    finally:
        rejects.discard()


@contextmanager
def _writing(path: Path) -> Generator[None, None, None]:
    try:
        yield
    except OSError as error:
        raise Unavailable(f"The rejects file {path} cannot be written: {error.strerror}.") from error
