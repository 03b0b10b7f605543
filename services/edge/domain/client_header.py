"""Reads X-Backline-Client: `car/8.9.30.463; os=14.1; build=20260101; country=SE`.

The type comes first, with the application's version behind a slash. Attributes follow in any order; of one given twice
the first holds. Whatever cannot be used is dropped with a word on why, and the rest is used all the same.
"""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from services.edge.domain.facts import MAX_HEADER_CHARS, Dropped, Fact, Reading, Source, joined
from services.edge.domain.versions import parse_version
from services.kit.context import ClientType

TYPES: Mapping[str, ClientType] = MappingProxyType(
    {each.word: each for each in ClientType if each is not ClientType.UNKNOWN}
)
"""The types that a client may call itself."""

MAX_ATTRIBUTES = 16
_LABEL = re.compile("[0-9A-Za-z][0-9A-Za-z ._+()/-]{0,63}")
_LABEL_EXPECTED = "is not 1 to 64 letters, digits, spaces and ._+()/-, beginning with a letter or a digit"
_TOO_LONG = f"goes on after {MAX_HEADER_CHARS} characters or {MAX_ATTRIBUTES} attributes"
_COUNTRY = re.compile("[A-Za-z]{2}")

Read: TypeAlias = Callable[[str], str | None]


class Attribute(NamedTuple):
    """How an attribute is read: into which field of Caller, by what, and what to say where it cannot be."""

    field: str
    read: Read
    expected: str


def _label(text: str) -> str | None:
    return text if _LABEL.fullmatch(text) else None


def _country(text: str) -> str | None:
    return text.upper() if _COUNTRY.fullmatch(text) else None


ATTRIBUTES: Mapping[str, Attribute] = MappingProxyType(
    {
        "os": Attribute("os_version", _label, _LABEL_EXPECTED),
        "build": Attribute("app_build", _label, _LABEL_EXPECTED),
        "country": Attribute("country", _country, "is not the two letters of a country (ISO 3166 alpha-2)"),
    }
)


def read_client_header(header: str) -> Reading:
    """Return what X-Backline-Client says."""
    program, *attributes = header[:MAX_HEADER_CHARS].split(";")
    whole = len(header) <= MAX_HEADER_CHARS
    if not whole:
        # What the cut went through would say something else now.
        attributes = attributes[:-1]
    # A build of its own counts for more than what a version has too much.
    readings = [*map(_attribute, attributes[:MAX_ATTRIBUTES]), _program(program.strip())]
    if not whole or len(attributes) > MAX_ATTRIBUTES:
        readings.append(_dropped("header", header, _TOO_LONG))
    return joined(readings)


def _program(text: str) -> Reading:
    if not text:
        return Reading()
    word, slash, version = text.partition("/")
    return joined([_type(word), _version(version) if slash else Reading()])


def _type(word: str) -> Reading:
    if word.lower() in TYPES:
        return _known("client_type", word.lower())
    return _dropped("client_type", word, f"is none of {', '.join(TYPES)}")


def _version(text: str) -> Reading:
    version = parse_version(text)
    if version is None:
        return _dropped("app_version", text, "does not begin with whole numbers separated by dots")
    build = _known("app_build", version.build) if version.build else Reading()
    return joined([_known("app_version", version.text), build])


def _attribute(part: str) -> Reading:
    key, equals, text = (piece.strip() for piece in part.partition("="))
    attribute = ATTRIBUTES.get(key.lower())
    if attribute is None:
        return _dropped(key, text, f"is none of {', '.join(ATTRIBUTES)}") if key or equals else Reading()
    value = attribute.read(text)
    return _dropped(attribute.field, text, attribute.expected) if value is None else _known(attribute.field, value)


def _known(name: str, value: str) -> Reading:
    return Reading((Fact(name, value, Source.CLIENT),))


def _dropped(name: str, value: str, why: str) -> Reading:
    return Reading(dropped=(Dropped(name, value, Source.CLIENT, why),))
