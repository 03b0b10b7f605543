"""The indexer's journal on disk: who had a generation built, published against a gate, or rolled back, and why.

One line of JSON for each entry. What `append` has returned is on disk.
"""

import json
import os
from dataclasses import asdict
from datetime import datetime
from operator import index
from pathlib import Path

from services.kit.errors import Internal
from services.kit.files import one_sentence
from services.kit.journal import Entry, Record, linked, moment, verify

FILE_NAME = "journal.jsonl"


class JournalFile:
    """Appends to the file. One process at a time; a line that a crash cut short was never acknowledged, and goes."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE_NAME

    def entries(self) -> list[Entry]:
        """Return all entries, oldest first. Raises Internal where the file is not what was written."""
        entries = [_entry(line) for line in self._whole_lines()]
        verify(entries)
        return entries

    def append(self, record: Record) -> Entry:
        """Write what somebody did. Raises Unavailable where the disk does not take it, Internal as `entries` does."""
        entries = self.entries()
        entry = linked(entries[-1] if entries else None, record)
        with one_sentence(self._path), self._path.open("ab") as file:
            file.truncate(sum(map(len, self._whole_lines())))
            file.write(_line(entry))
            file.flush()
            os.fsync(file.fileno())
        return entry

    def _whole_lines(self) -> list[bytes]:
        with one_sentence(self._path):
            content = self._path.read_bytes() if self._path.exists() else b""
        return [line for line in content.splitlines(keepends=True) if line.endswith(b"\n")]


def _line(entry: Entry) -> bytes:
    record = {**asdict(entry.record), "at": moment(entry.record.at)}
    return json.dumps({**asdict(entry), "record": record}).encode() + b"\n"


def _entry(line: bytes) -> Entry:
    try:
        said = json.loads(line)
        record = Record(**{**said["record"], "at": datetime.fromisoformat(said["record"]["at"])})
        return Entry(**{**said, "record": record, "sequence": index(said["sequence"])})
    except (ValueError, TypeError, KeyError) as fault:
        raise Internal(f"The journal has a line that is no entry: {fault!r}.") from fault
