"""Cuts text into records of cells. One that is broken costs its own line, never those after it.

Python's csv module reads the cells. What stands in front of it hands it lines, keeps those of the record that is being
read, and takes them back where a quote turns out to have no end: all but the first are then read again.
"""

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeAlias

MAX_RECORD_CHARS = 2**17
"""The csv module's own bound on a cell."""
MAX_RECORD_LINES = 1_000
MAX_SKIPPED_CHARS = 2**24
"""How far to look for the end of a quoted cell that is too large: what is kept meanwhile has to fit into memory."""


class Record(NamedTuple):
    """The cells of a row, and the line it begins on, counted from 1."""

    line: int
    cells: list[str]


class Broken(NamedTuple):
    """A line that is no row, and why not, in one sentence."""

    line: int
    reason: str


Read: TypeAlias = Record | Broken


def records(text: Iterable[str], delimiter: str) -> Iterator[Read]:
    """Yield the rows of the text, which comes in parts of any size. Empty lines are none."""
    lines = _Lines(_lines(text))
    reader = csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=True)
    while True:
        line = lines.begin()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (csv.Error, _TooLong) as error:
            yield Broken(line, _give_up(lines, error, delimiter))
        else:
            if cells:
                yield Record(line, cells)


class _TooLong(Exception):  # noqa: N818 - an outcome, which the caller always takes
    """A record has more characters or lines than a row may have."""


class _Lines:
    """Lines for the csv module, and those among them that the record being read has taken."""

    def __init__(self, lines: Iterator[str]) -> None:
        self.taken: list[str] = []
        self._lines = lines
        self._again: deque[str] = deque()
        self._done = 0
        self._room_chars = 0

    def begin(self) -> int:
        """Begin a record, and return the number of its first line."""
        self._done += len(self.taken)
        self.taken.clear()
        self._room_chars = MAX_RECORD_CHARS
        return self._done + 1

    def give_back(self) -> None:
        """Let all lines that the record has taken, but its first, be read again."""
        self._again.extendleft(reversed(self.taken[1:]))
        del self.taken[1:]

    def take(self) -> str | None:
        """Return the next line, whatever its size; None at the end."""
        line = self._again.popleft() if self._again else next(self._lines, None)
        if line is not None:
            self.taken.append(line)
        return line

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self.take()
        if line is None:
            raise StopIteration
        self._room_chars -= len(line)
        if self._room_chars < 0 or len(self.taken) > MAX_RECORD_LINES:
            raise _TooLong
        # Only a line with a quote can end within a cell, or begin in one and go on.
        return f"{line}\n" if len(self.taken) > 1 or '"' in line else line


def _lines(text: Iterable[str]) -> Iterator[str]:
    """Yield lines without their ends; of one that is too long, enough to see that."""
    rest = ""
    for part in text:
        *whole, rest = (rest + part).split("\n")
        yield from whole
        rest = rest[: MAX_RECORD_CHARS + 1]
    if rest:
        yield rest


def _give_up(lines: _Lines, error: Exception, delimiter: str) -> str:
    """Decide how many lines the broken record has, and return why it is broken."""
    if isinstance(error, _TooLong) and (len(lines.taken) == 1 or _closes(lines, delimiter)):
        return f"The row is longer than {MAX_RECORD_CHARS} characters or {MAX_RECORD_LINES} lines."
    several = len(lines.taken) > 1
    lines.give_back()
    return "A quote is opened in the row and not closed." if several else f"The row cannot be read: {error}."


def _closes(lines: _Lines, delimiter: str) -> bool:
    """Look for the end of a quoted cell, and take the lines up to it.

    Where the next lone quote is not at the end of a cell, it opens another row's: this one's was never closed.
    """
    end = re.compile(f'(?:[^"]|"")*"(?:{re.escape(delimiter)}|$)')
    line: str | None = lines.taken[-1]
    room_chars = MAX_SKIPPED_CHARS
    while line is not None and room_chars > 0:
        if '"' in line.replace('""', ""):
            return bool(end.match(line))
        room_chars -= len(line)
        line = lines.take()
    return False
