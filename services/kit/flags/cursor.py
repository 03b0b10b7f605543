"""A place in a JSON text: walks over an object's members, and reads of their values only those that are asked for."""

import json
import re
from collections.abc import Iterator

from services.kit.flags.values import Json

_SPACE = r"[ \t\n\r]*"
_OPENING = re.compile(rf"{_SPACE}\{{{_SPACE}")
_NAME = re.compile(rf'{_SPACE}"((?:[^"\\\x00-\x1f]|\\.)*)"{_SPACE}:{_SPACE}')
_NEXT = re.compile(rf"{_SPACE}([,}}])")
_REST = re.compile(rf"{_SPACE}\Z")
_VALUE = json.JSONDecoder().raw_decode


class Cursor:
    """Stands at the beginning of a text. What is not JSON, or not what is looked for, is a ValueError."""

    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0

    def members(self) -> Iterator[str]:
        """Yield the names of the object here, standing at the value of each, which the caller steps over."""
        self._at = self._past(_OPENING).end()
        if self._text.startswith("}", self._at):
            self._at += 1
            return
        more = True
        while more:
            name = self._past(_NAME)[1]
            yield json.loads(f'"{name}"') if "\\" in name else name
            more = self._past(_NEXT)[1] == ","

    def value(self) -> tuple[Json, str]:
        """Step over the value that begins here, and return it with its text."""
        start = self._at
        value, self._at = _VALUE(self._text, start)
        return value, self._text[start : self._at]

    def steps_over(self, known: str) -> bool:
        """Step over an object that is known, without reading it, where it stands here."""
        is_here = self._text.startswith(known, self._at)
        if is_here:
            self._at += len(known)
        return is_here

    def end(self) -> None:
        """Make sure that the text ends here."""
        self._past(_REST)

    def _past(self, pattern: re.Pattern[str]) -> re.Match[str]:
        found = pattern.match(self._text, self._at)
        if found is None:
            raise ValueError(f"something is missing at character {self._at}")
        self._at = found.end()
        return found
