"""Application versions, normalised to three whole numbers so that they can be compared whoever wrote them.

8            8.0.0
v8.9         8.9.0
08.9.30      8.9.30
8.9.30.463   8.9.30   and build 463
8.9-beta+1   8.9.0    and build beta+1
"""

import re
from typing import NamedTuple

_PART = "([0-9]{1,9})"
_REST = "([0-9A-Za-z][0-9A-Za-z.+-]{0,31})"
_VERSION = re.compile(rf"[vV]?{_PART}(?:\.{_PART}(?:\.{_PART}(?:\.{_REST})?)?)?(?:[-+]{_REST})?")


class Version(NamedTuple):
    """A version in three parts, and what else was written after them: a build, as far as anyone can tell."""

    text: str
    build: str = ""


def parse_version(text: str) -> Version | None:
    """Return the version that a text names; None where it names none."""
    found = _VERSION.fullmatch(text)
    if found is None:
        return None
    major, minor, patch, fourth, suffix = found.groups(default="")
    return Version(f"{int(major)}.{int(minor or 0)}.{int(patch or 0)}", fourth or suffix)
