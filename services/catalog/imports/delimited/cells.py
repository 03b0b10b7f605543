"""What the text of a cell says. Each function takes text without blanks around it that is not empty."""

import re
from collections.abc import Mapping

_SHOWN_CHARS = 40
_GROUPED = re.compile(r"(\d{1,3})(?:(?:,\d{3})+|(?:[ \u00a0\u202f']\d{3})+|(?:\.\d{3}){2,})")
"""A whole number in groups of three. One group behind a point is left out: 1.234 may be a fraction."""
_ZEROS = re.compile(r"(\d+)[.,]0+")
"""A whole number written as a fraction, unless the zeros are a group: 2.000 may be two thousand."""
_AMBIGUOUS = re.compile(r"\d{1,3}\.\d{3}")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_CLOCK = re.compile(r"(?:(\d+):)?(\d+):([0-5]\d(?:\.\d+)?)")
_YEAR = re.compile(r"(?<!\d)[12]\d{3}(?!\d)")
_PLACE = re.compile(r"(\d+)(?:\s*(?:/|of)\s*\d+)?")
_NO_YEAR = frozenset({"0", "0000"})
_TRUTH: Mapping[str, bool] = {
    **dict.fromkeys(("true", "t", "yes", "y", "1", "1.0", "explicit"), True),
    **dict.fromkeys(("false", "f", "no", "n", "0", "0.0", "clean"), False),
}
_MAX_DIGITS = 30
_SHORTEST_MS = 10_000
"""A number from here on is milliseconds: as seconds it would be hours, and below it, it would be a blink."""


class Unusable(Exception):  # noqa: N818 - an outcome, which the caller always takes
    """The cell does not say what it should. The text is what is wrong, to be read after the cell's name."""


def printable(text: str) -> str:
    """Return the text with a mark for what cannot be shown, or must not be: a terminal obeys some characters."""
    return text if text.isprintable() else "".join(each if each.isprintable() else "\ufffd" for each in text)


def shown(text: str) -> str:
    """Return the text, or its beginning, to stand in a sentence."""
    return f'"{printable(text)}"' if len(text) <= _SHOWN_CHARS else f'"{printable(text[:_SHOWN_CHARS])}…"'


def count(text: str) -> int:
    """Return a whole number, which may be grouped by thousands."""
    if text.isdecimal() and len(text) <= _MAX_DIGITS:
        return int(text)
    number = text if len(text) <= _MAX_DIGITS else ""
    if _AMBIGUOUS.fullmatch(number):
        raise Unusable(f"{shown(text)} is a whole number or a fraction; write it without the point")
    if _GROUPED.fullmatch(number):
        return int(re.sub(r"\D", "", number))
    zeros = _ZEROS.fullmatch(number)
    if zeros:
        return int(zeros[1])
    raise Unusable(f"{shown(text)} is not a whole number")


def milliseconds(text: str) -> int:
    """Return a number of milliseconds."""
    return round(_number(text))


def seconds(text: str) -> int:
    """Return a number of seconds in milliseconds."""
    return round(_number(text) * 1_000)


def duration(text: str) -> int:
    """Return h:mm:ss, m:ss or a bare number, in milliseconds; a bare number below 10,000 is seconds."""
    if ":" not in text:
        number = _number(text)
        return round(number if number >= _SHORTEST_MS else number * 1_000)
    match = _CLOCK.fullmatch(text) if len(text) <= _MAX_DIGITS else None
    if not match:
        raise Unusable(f"{shown(text)} is not a duration such as 3:45")
    hours, minutes, rest = match.groups()
    return round((int(hours or 0) * 3_600 + int(minutes) * 60 + float(rest)) * 1_000)


def year(text: str) -> int:
    """Return the year of a date, in any order of its parts."""
    match = _YEAR.search(text)
    if match and text.isprintable() and len(text) <= _SHOWN_CHARS:
        return int(match[0])
    if text in _NO_YEAR:
        return 0
    raise Unusable(f"{shown(text)} has no year")


def truth(text: str) -> bool:
    """Return whether the text means yes."""
    answer = _TRUTH.get(text.lower())
    if answer is None:
        raise Unusable(f"{shown(text)} is neither yes nor no")
    return answer


def position(text: str) -> int:
    """Return a place such as 3 or 3/12."""
    match = _PLACE.fullmatch(text) if len(text) <= _MAX_DIGITS else None
    if not match:
        raise Unusable(f"{shown(text)} is not a place such as 3")
    return int(match[1])


def isrc(text: str) -> str:
    """Return a recording code without its hyphens."""
    return text.replace("-", "").replace(" ", "").upper()


def codes(text: str) -> tuple[str, ...]:
    """Return countries' codes, whatever stands between them."""
    return tuple(dict.fromkeys(re.split(r"[^\w]+", text.strip("[]{}()'\"").upper())))


def _number(text: str) -> float:
    if len(text) <= _MAX_DIGITS and _NUMBER.fullmatch(text):
        return float(text.replace(",", "."))
    raise Unusable(f"{shown(text)} is not a number")
