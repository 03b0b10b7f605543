"""Versions for `sem_ver`: read once, remembered, and compared as tuples."""

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from semver import Version

from services.kit.flags.values import Json

VersionKey: TypeAlias = tuple[Any, ...]
"""A version as a tuple that orders as SemVer 2.0.0 has it: the build counts for nothing, a release follows its own
pre-releases."""

Comparison: TypeAlias = Callable[[VersionKey, VersionKey], bool]

_MOST_REMEMBERED, _LONGEST_REMEMBERED = 4_096, 64
_UNREAD: VersionKey = ()
_RELEASE = (1,)
_DOTS = 2
_NO_CORE = re.compile("[-+]")


def _same_major(a: VersionKey, b: VersionKey) -> bool:
    return bool(a[0] == b[0])


def _same_minor(a: VersionKey, b: VersionKey) -> bool:
    return a[:2] == b[:2]


COMPARISONS: Mapping[str, Comparison] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "^": _same_major,
    "~": _same_minor,
}


class Versions:
    """What texts were read as. Reading a version costs ten times what all else about a comparison does."""

    def __init__(self) -> None:
        self.known: dict[str, VersionKey | None] = {}
        """By text; bounded, emptied when full. A dict's own operations are atomic, so there is no lock."""

    def key(self, value: Json) -> VersionKey | None:
        """Return a value as a version, None where it is none: a leading v falls, 1 and 1.2 are filled up with zeros."""
        try:
            written = str(value)
        except ValueError:  # a number of more digits than Python writes
            return None
        key = self.known.get(written, _UNREAD)
        if key is _UNREAD:
            key = _read(written)
            self._remember(written, key)
        return key

    def _remember(self, written: str, key: VersionKey | None) -> None:
        if len(written) > _LONGEST_REMEMBERED:
            return
        if len(self.known) >= _MOST_REMEMBERED:
            self.known.clear()
        self.known[written] = key


def _read(written: str) -> VersionKey | None:
    bare = written[1:] if written.startswith(("v", "V")) else written
    core = _NO_CORE.split(bare, maxsplit=1)[0]
    try:
        version = Version.parse(core + ".0" * max(0, _DOTS - core.count(".")) + bare[len(core) :])
    except ValueError:
        return None
    return version.major, version.minor, version.patch, _stage(version.prerelease)


def _stage(prerelease: str | None) -> VersionKey:
    """Return what orders versions of one core: numbers by size, before words; by as many identifiers as there are."""
    if prerelease is None:
        return _RELEASE
    return 0, *((0, len(part), part) if part.isdigit() else (1, 0, part) for part in prerelease.split("."))
