"""Finds out how a text file is written: its encoding, its delimiter, and whether its first line is a header."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from services.catalog.imports.delimited.cells import printable, shown
from services.catalog.imports.delimited.columns import known, listed
from services.catalog.imports.delimited.encoding import checked, guessed, told
from services.catalog.imports.records import Record, records
from services.catalog.imports.stream import Meter, chunks, text
from services.kit.errors import Invalid

SAMPLE_BYTES = 2**20
SAMPLE_ROWS = 200
DELIMITERS: Mapping[str, str] = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}

_DECLARED = re.compile(r'"?sep=([^\n"])"?\n', re.IGNORECASE)
"""A first line by which spreadsheets tell each other the delimiter."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person says about the file; None is found out."""

    encoding: str | None = None
    delimiter: str | None = None
    header: bool | None = None


@dataclass(frozen=True, slots=True)
class Format:
    """How the file is written."""

    encoding: str
    delimiter: str
    headers: tuple[str, ...]
    """The columns' names; its number, from 1, where a column has none."""
    has_header: bool
    is_guess: bool = False
    """Whether the encoding may be another."""
    has_declaration: bool = False
    """Whether a line that declares the delimiter stands before all others."""
    examples: tuple[str, ...] = ()
    """What the first row has in each column, where these have no header to tell them by."""

    @property
    def leading(self) -> int:
        """How many records stand before the rows."""
        return self.has_header + self.has_declaration

    def __str__(self) -> str:
        """Return what was found out, in one sentence."""
        separated = DELIMITERS.get(self.delimiter, f'"{self.delimiter}"')
        encoding = self.encoding.removesuffix("-sig").replace("_", "-").upper()
        guess = " (a guess; --encoding names another)" if self.is_guess else ""
        first = "the first line is the header" if self.has_header else "there is no header, columns have numbers"
        named = listed(self.headers, self.examples)
        return f"Read as {encoding}{guess}, separated by {separated}; {first}: {named}."


def detect(path: Path, asked: Asked, mapped: Mapping[str, str]) -> Format:
    """Look at the beginning of the file. Raises Invalid where it cannot be a table, or its encoding cannot be told."""
    sample = _sample(path)
    known_encoding = checked(asked.encoding) if asked.encoding else told(sample)
    encoding = known_encoding or guessed(sample, path)
    beginning = "".join(text([sample], encoding))
    declaration = _DECLARED.match(beginning)
    beginning = beginning[declaration.end() :] if declaration else beginning
    delimiter = asked.delimiter or (declaration[1] if declaration else _likeliest(beginning))
    rows = _rows(beginning, delimiter)
    if not rows:
        raise Invalid(f"{path} has no row that can be read.")
    has_header = _is_header(rows, mapped) if asked.header is None else asked.header
    named = [printable(cell.strip()) if has_header else "" for cell in rows[0]]
    return Format(
        encoding,
        delimiter,
        headers=tuple(name or str(number) for number, name in enumerate(named, start=1)),
        has_header=has_header,
        is_guess=not known_encoding,
        has_declaration=declaration is not None,
        examples=() if has_header else tuple(shown(cell.strip()) for cell in rows[0]),
    )


def _sample(path: Path) -> bytes:
    sample = b""
    with closing(chunks(path, Meter())) as parts:
        for part in parts:
            sample += part
            if len(sample) >= SAMPLE_BYTES:
                break
    if not sample.strip():
        raise Invalid(f"{path} is empty.")
    return sample if len(sample) < SAMPLE_BYTES else sample[: sample.rfind(b"\n") + 1 or SAMPLE_BYTES]


def _rows(beginning: str, delimiter: str) -> Sequence[list[str]]:
    read = records([beginning], delimiter)
    return [record.cells for record in islice(read, SAMPLE_ROWS) if isinstance(record, Record)]


def _likeliest(beginning: str) -> str:
    return max(DELIMITERS, key=lambda each: _agreement(_rows(beginning, each)))


def _agreement(rows: Sequence[list[str]]) -> tuple[float, int]:
    """Say how well the delimiter fits: which part of the rows has the same number of cells, more than one; then it."""
    if not rows:
        return 0, 0
    [(cells, times)] = Counter(map(len, rows)).most_common(1)
    return (times / len(rows), cells) if cells > 1 else (0, 0)


def _is_header(rows: Sequence[list[str]], mapped: Mapping[str, str]) -> bool:
    """Say whether the first row names the columns: by a known name, or since it has no number where all others do."""
    first, *others = rows
    if known(first, mapped):
        return True
    numeric = (
        all(row[place].strip().isdecimal() for row in others if place < len(row)) and not cell.strip().isdecimal()
        for place, cell in enumerate(first)
        if cell.strip()
    )
    return bool(others) and all(cell.strip() for cell in first) and any(numeric)
