"""Guesses the client from its User-Agent: a table, read from the top, of what real agents have in common.

The type is that of the device, also where a browser runs on it (a browser on a television is a tv), but for computers:
a browser there is web, an application desktop. Programs that are nobody's device, such as libraries and robots, stay
unknown: a partner says that it is one.

Texts are looked for, not patterns, so that no agent takes longer than its length.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from services.edge.domain.facts import MAX_HEADER_CHARS, Fact, Reading, Source
from services.edge.domain.versions import parse_version
from services.kit.context import ClientType


class Row(NamedTuple):
    """Agents that have all the marks are of this type; their system's version stands behind `system`, if anywhere."""

    client_type: ClientType
    marks: tuple[str, ...]
    system: str = ""


def _row(client_type: ClientType, *marks: str, system: str = "") -> Row:
    return Row(client_type, marks, system)


ROWS = (
    _row(ClientType.UNKNOWN, "bot/"),
    _row(ClientType.TV, "playstation"),
    _row(ClientType.IOS, "iphone", system="iphone os "),
    _row(ClientType.ANDROID, "android", system="android "),
    _row(ClientType.WEB, "mozilla/5.0"),
)
"""The first row that fits holds. Marks are lower case; one that begins with a blank begins a word."""

_NUMBERS = re.compile("[0-9]{1,9}(?:[._][0-9]{1,9}){0,3}")
_PRODUCT = re.compile("([A-Za-z][0-9A-Za-z_-]{0,31})/([0-9A-Za-z.+-]{1,64})")
_NO_APPLICATION = frozenset({"mozilla", "dalvik", "opera"})
"""First words of agents that are a browser's or a system's own, whose version is no application's."""


def read_agent(agent: str) -> Reading:
    """Return what the User-Agent says; of one that no row fits, nothing."""
    text = f" {agent[:MAX_HEADER_CHARS]}"
    row = next((row for row in ROWS if all(mark in text.lower() for mark in row.marks)), None)
    if row is None or row.client_type is ClientType.UNKNOWN:
        return Reading()
    return Reading((_fact("client_type", row.client_type.word), *_system(row, text.lower()), *_application(text)))


def _system(row: Row, text: str) -> Iterable[Fact]:
    _, found, behind = text.partition(row.system) if row.system else ("", "", "")
    numbers = _NUMBERS.match(behind) if found else None
    return [_fact("os_version", numbers[0].replace("_", "."))] if numbers else []


def _application(text: str) -> Iterable[Fact]:
    product = _PRODUCT.match(text, 1)
    version = parse_version(product[2]) if product and product[1].lower() not in _NO_APPLICATION else None
    if version is None:
        return []
    build = [_fact("app_build", version.build)] if version.build else []
    return [_fact("app_version", version.text), *build]


def _fact(name: str, value: str) -> Fact:
    return Fact(name, value, Source.AGENT)
