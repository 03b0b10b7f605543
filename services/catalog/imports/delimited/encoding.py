"""Tells the encoding of a text file by its mark, by what most of it is, or else by which one makes its words words."""

import codecs
from collections.abc import Mapping
from pathlib import Path

from charset_normalizer import from_bytes

from services.catalog.imports.stream import UNREADABLE, text
from services.kit.errors import Invalid

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
_USUAL = "cp1252"
"""What most spreadsheets write that do not write UTF-8; its letters are those of Latin-1."""
_AS_TIDY = 0.1
"""So much more mess than in the best guess is none to speak of, in a sample that may be a few words."""


def checked(encoding: str) -> str:
    """Return the encoding. Raises Invalid where there is none of that name."""
    try:
        b" ".decode(encoding, errors="ignore")
        codecs.getincrementaldecoder(encoding)
    except LookupError as error:
        raise Invalid(f"There is no encoding {encoding}; utf-8, utf-16, cp1252 and latin-1 are some.") from error
    return encoding


def told(sample: bytes) -> str:
    """Return the encoding that the bytes themselves tell; empty where it has to be guessed."""
    marked = next((encoding for mark, encoding in _MARKS.items() if sample.startswith(mark)), "")
    if marked:
        return marked
    # A file that is broken in places is still what most of it is.
    unreadable = sum(part.count(UNREADABLE) for part in text([sample], "utf-8"))
    beyond_ascii = len(sample.translate(None, bytes(range(128))))
    return "utf-8" if _BROKEN_SHARE * unreadable <= beyond_ascii else ""


def guessed(sample: bytes, path: Path) -> str:
    """Return the likeliest encoding. Raises Invalid where none makes text of the bytes."""
    telling = b"\n".join(line for line in sample.splitlines() if not line.isascii())[:_GUESSED_BYTES]
    matches = from_bytes(telling)
    best = matches.best()
    if best is None:
        raise Invalid(f"{path} is not text, or in an encoding that cannot be told; if it is text, say --encoding.")
    likely = [
        (-_letters(telling, encoding), -match.coherence, encoding != _USUAL, place, encoding)
        for place, match in enumerate(matches)
        if match.chaos <= best.chaos + _AS_TIDY
        for encoding in match.could_be_from_charset
    ]
    # Several encodings often fit a few words equally well, and the library then names the first by alphabet.
    return min(likely)[-1]


def _letters(telling: bytes, encoding: str) -> float:
    """Return which share of the characters beyond ASCII are letters."""
    beyond_ascii = [char for char in telling.decode(encoding, errors="replace") if not char.isascii()]
    return sum(map(str.isalpha, beyond_ascii)) / max(1, len(beyond_ascii))
