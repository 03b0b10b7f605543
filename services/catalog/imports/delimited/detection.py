"""Finds out how a text file is written: its encoding, its delimiter, and whether its first line is a header."""

import codecs
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from charset_normalizer import from_bytes

from services.catalog.imports.delimited.cells import printable
from services.catalog.imports.delimited.columns import known, listed
from services.catalog.imports.records import Record, records
from services.catalog.imports.stream import UNREADABLE, Meter, chunks, text
from services.kit.errors import Invalid

SAMPLE_BYTES = 2**20
SAMPLE_ROWS = 200
DELIMITERS: Mapping[str, str] = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}

_GUESSED_BYTES = 2**16
_BROKEN_SHARE = 4
"""So many bytes beyond ASCII for each that is not UTF-8 make a file UTF-8 nevertheless."""
_MARKS: Mapping[bytes, str] = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""The longer mark first where one begins with another."""


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

    def __str__(self) -> str:
        """Return what was found out, in one sentence."""
        separated = DELIMITERS.get(self.delimiter, f'"{self.delimiter}"')
        encoding = self.encoding.removesuffix("-sig").replace("_", "-").upper()
        first = "the first line is the header" if self.has_header else "there is no header, columns have numbers"
        return f"Read as {encoding}, separated by {separated}; {first}: {listed(self.headers)}."


def detect(path: Path, asked: Asked, mapped: Mapping[str, str]) -> Format:
    """Look at the beginning of the file. Raises Invalid where it cannot be a table, or its encoding cannot be told."""
    sample = _sample(path)
    encoding = _checked(asked.encoding) if asked.encoding else _encoding(sample, path)
    beginning = "".join(text([sample], encoding))
    delimiter = asked.delimiter or max(DELIMITERS, key=lambda each: _agreement(_rows(beginning, each)))
    rows = _rows(beginning, delimiter)
    if not rows:
        raise Invalid(f"{path} has no row that can be read.")
    has_header = _is_header(rows, mapped) if asked.header is None else asked.header
    named = [printable(cell.strip()) if has_header else "" for cell in rows[0]]
    headers = [name or str(number) for number, name in enumerate(named, start=1)]
    return Format(encoding, delimiter, tuple(headers), has_header)


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


def _checked(encoding: str) -> str:
    try:
        b" ".decode(encoding, errors="ignore")
        codecs.getincrementaldecoder(encoding)
    except LookupError as error:
        raise Invalid(f"There is no encoding {encoding}; utf-8, utf-16, cp1252 and latin-1 are some.") from error
    return encoding


def _encoding(sample: bytes, path: Path) -> str:
    marked = next((encoding for mark, encoding in _MARKS.items() if sample.startswith(mark)), None)
    if marked:
        return marked
    # A file that is broken in places is still what most of it is.
    unreadable = sum(part.count(UNREADABLE) for part in text([sample], "utf-8"))
    beyond_ascii = len(sample.translate(None, bytes(range(128))))
    if _BROKEN_SHARE * unreadable <= beyond_ascii:
        return "utf-8"
    telling = b"\n".join(line for line in sample.splitlines() if not line.isascii())[:_GUESSED_BYTES]
    guess = from_bytes(telling).best()
    if guess is None:
        raise Invalid(f"The encoding of {path} cannot be told; say it with --encoding.")
    return guess.encoding


def _rows(beginning: str, delimiter: str) -> Sequence[list[str]]:
    read = records([beginning], delimiter)
    return [record.cells for record in islice(read, SAMPLE_ROWS) if isinstance(record, Record)]


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
