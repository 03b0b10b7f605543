"""What an item has to satisfy before it may enter a catalogue."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any, TypeAlias

from services.catalog.domain.items import (
    MAX_ID_CHARS,
    MAX_ITEM_BYTES,
    MAX_LIST_ITEMS,
    MAX_TEXT_CHARS,
    TEXT_BYTES,
    Album,
    Appearance,
    Artist,
    Item,
    Track,
    reference,
)
from services.kit.author import can_be_shown
from services.kit.errors import Invalid

MAX_UINT32 = 2**32 - 1
MAX_POPULARITY = 2**53 - 1
"""The largest whole number that every reader of JSON and every database keeps exact."""
EARLIEST_YEAR, LATEST_YEAR = 1000, 2100

_ID = re.compile(r"[a-z][a-z0-9-]{0,31}:[A-Za-z0-9._~-]+")
_ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}[0-9]{7}")
_MARKET = re.compile(r"[A-Z]{2}")

Fault: TypeAlias = str | None
"""What is wrong with a value, to be read after the field's name; None where nothing is."""


def check(item: Item) -> None:
    """Raise Invalid, with the first fault in one sentence and its field, where the item may not enter a catalogue."""
    values = _VALUES[type(item)](item)
    for (field, fault_of), value in zip(_RULES[type(item)], values, strict=True):
        # Nothing is wrong with an empty list, most are, and an import checks millions.
        if value != () and (fault := fault_of(value)):
            raise _invalid(item, field, fault)
    if _is_too_large(values):
        raise Invalid(f"The {reference(item).kind}'s texts and lists are larger than {MAX_ITEM_BYTES} bytes together.")


def _is_too_large(values: Sequence[object]) -> bool:
    texts = [value for value in values if isinstance(value, str)]
    for value in values:
        if isinstance(value, tuple) and value:
            texts += [each.album_id if isinstance(each, Appearance) else each for each in value]
    most = MAX_ITEM_BYTES - TEXT_BYTES * len(texts)
    # Counting characters is enough for nearly all: none takes more than four bytes.
    return 4 * sum(map(len, texts)) > most and sum(len(text.encode()) for text in texts) > most


def _invalid(item: Item, field: str, fault: str) -> Invalid:
    return Invalid(f"The {reference(item).kind}'s {field.replace('_', ' ')} {fault}.", field=field)


def _id(value: str) -> Fault:
    if _ID.fullmatch(value) and len(value) <= MAX_ID_CHARS:
        return None
    return f"is not <source>:<key> in at most {MAX_ID_CHARS} letters, digits and . _ ~ -"


def _text(value: str) -> Fault:
    if len(value) > MAX_TEXT_CHARS:
        return f"is longer than {MAX_TEXT_CHARS} characters"
    return None if can_be_shown(value) else "holds a character that cannot be shown"


def _name(value: str) -> Fault:
    return _text(value) if value and not value.isspace() else "is empty"


def _each(values: Sequence[str], fault_of: Callable[[str], Fault]) -> Fault:
    if len(values) > MAX_LIST_ITEMS:
        return f"are more than {MAX_LIST_ITEMS}"
    for place, value in enumerate(values, start=1):
        fault = fault_of(value)
        if fault:
            return f"are wrong: number {place} {fault}"
    if len(values) > 1 and len(set(values)) < len(values):
        return "name one twice"
    return None


def _names(values: Sequence[str]) -> Fault:
    return _each(values, _name)


@lru_cache(64)
def _ids(values: tuple[str, ...]) -> Fault:
    # Kept, since one track after the other is by the same artists and on the same album.
    return _each(values, _id)


def _market(value: str) -> Fault:
    return None if _MARKET.fullmatch(value) else "is not a code of two capital letters"


def _markets(values: Sequence[str]) -> Fault:
    return _each(values, _market)


def _appearances(values: Sequence[Appearance]) -> Fault:
    fault = next(filter(None, (_uint32(appearance.position) for appearance in values)), None)
    return _ids(tuple([appearance.album_id for appearance in values])) or (fault and f"are wrong: a position {fault}")


def _isrc(value: str) -> Fault:
    return None if not value or _ISRC.fullmatch(value) else "is not twelve characters such as USABC2400001"


def _uint32(value: int) -> Fault:
    return None if 0 <= value <= MAX_UINT32 else f"is not between 0 and {MAX_UINT32}"


def _year(value: int) -> Fault:
    known = EARLIEST_YEAR <= value <= LATEST_YEAR
    return None if known or value == 0 else f"is neither 0 nor between {EARLIEST_YEAR} and {LATEST_YEAR}"


def _popularity(value: int) -> Fault:
    return None if 0 <= value <= MAX_POPULARITY else f"is not between 0 and {MAX_POPULARITY}"


_RULES: Mapping[type[Item], Sequence[tuple[str, Callable[[Any], Fault]]]] = {
    Artist: (
        ("id", _id),
        ("name", _name),
        ("aliases", _names),
        ("popularity", _popularity),
    ),
    Album: (
        ("id", _id),
        ("title", _name),
        ("aliases", _names),
        ("artist_ids", _ids),
        ("credit", _text),
        ("release_year", _year),
        ("popularity", _popularity),
    ),
    Track: (
        ("id", _id),
        ("title", _name),
        ("aliases", _names),
        ("artist_ids", _ids),
        ("credit", _text),
        ("appearances", _appearances),
        ("isrc", _isrc),
        ("duration_ms", _uint32),
        ("release_year", _year),
        ("markets", _markets),
        ("popularity", _popularity),
    ),
}

_VALUES: Mapping[type[Item], Callable[[Item], Sequence[object]]] = {
    kind: attrgetter(*(field for field, _ in rules)) for kind, rules in _RULES.items()
}
"""Return an item's values in the order of its rules."""
