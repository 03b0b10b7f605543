"""The words that a rule may say of who asks: every attribute that the edge understands, and how it can be compared.

What is read from a rule or a command is checked against it, so that a typing error is a sentence and not a rule that
nobody ever matches.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum
from types import MappingProxyType
from typing import Any

from services.kit.context import ClientType
from services.kit.errors import Invalid

EVALUATION = "$flagd"
"""What the evaluation tells of itself: {"flagKey", "timestamp"}."""
TARGETING_KEY = "targetingKey"
"""Whom fractions are drawn by."""

_CODES = (
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO "
    "BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ "
    "DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP "  # codespell:ignore fo
    "GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG "
    "KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML "
    "MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE "
    "PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL "
    "SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM "
    "US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW"
)
COUNTRIES = frozenset(_CODES.split())
"""ISO 3166-1 alpha-2."""
_MISTAKEN = {"UK": "GB", "EL": "GR", "EN": "GB", "SU": "RU", "YU": "RS"}
"""What people write, and what they mean."""

_PARTS = 3
_VERSION = re.compile(r"v?(0|[1-9][0-9]{0,8})(?:\.(0|[1-9][0-9]{0,8}))?(?:\.(0|[1-9][0-9]{0,8}))?", re.IGNORECASE)
_LONGER = re.compile(r"v?([0-9]+\.[0-9]+\.[0-9]+)\.([0-9]+)", re.IGNORECASE)
_DIGITS = re.compile("[0-9]{1,15}")


class Kind(Enum):
    """What the values of an attribute are, and so how they compare."""

    CHOICE = "one of a known set"
    TEXT = "any text"
    VERSION = "a version of three numbers, by their size"
    NUMBER = "a whole number"


_AS_WRITTEN = frozenset({Kind.VERSION, Kind.NUMBER})
"""What may be seen of somebody whatever it is: comparisons then do not hold."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """One word of the vocabulary."""

    name: str
    kind: Kind
    words: str
    """Its name in a sentence."""
    known: frozenset[str] = frozenset()
    """All values that it can have, of a CHOICE."""

    def read(self, written: str) -> str | int:
        """Return a value as it is compared. Raises Invalid with what is wrong with it, and what may have been meant."""
        return _READERS[self.kind](self, written)


def attribute(name: str) -> Attribute:
    """Return the attribute of that name. Raises Invalid where there is none, with the nearest."""
    found = VOCABULARY.get(name)
    if found is None:
        near = get_close_matches(name.lower(), [*VOCABULARY], 1)
        meant = f"did you mean {near[0]}?" if near else f"there are {', '.join(VOCABULARY)}."
        raise Invalid(f"There is no attribute {name}; {meant}")
    return found


def context_of(pairs: Mapping[str, str]) -> dict[str, Any]:
    """Return written attributes as the context that the edge would make of them.

    Raises Invalid for values that no client has, and for names that look like a slip; others, and versions that are
    none, may be a foreign client's, and are kept as they are written.
    """
    return {name: _as_seen(name, written) for name, written in pairs.items()}


def doubts(pairs: Mapping[str, str]) -> Iterator[str]:
    """Yield what the edge never says of anybody, of attributes that `context_of` takes."""
    for name, written in pairs.items():
        word = VOCABULARY.get(name)
        if word is None:
            yield unheard_of(name)
        elif word.kind in _AS_WRITTEN:
            try:
                word.read(written)
            except Invalid as fault:
                yield str(fault)


def unheard_of(name: str) -> str:
    """Return a sentence on a name that no attribute has, with what may have been meant."""
    near = get_close_matches(name.partition(".")[0].lower(), [*VOCABULARY], 1)
    meant = f"was {near[0]} meant?" if near else "only clients of others may have it."
    return f"{name} is no attribute that the edge knows; {meant}"


def _as_seen(name: str, written: str) -> str | int:
    if name not in VOCABULARY and not get_close_matches(name.lower(), [*VOCABULARY], 1):
        return written
    word = attribute(name)
    try:
        return word.read(written)
    except Invalid:
        if word.kind not in _AS_WRITTEN:
            raise
        return written  # as the edge does with a build that is no number


def _choice(word: Attribute, written: str) -> str:
    for value in (written, written.lower(), written.upper()):
        if value in word.known:
            return value
    raise Invalid(f"{written} is no {word.words}; {_suggestion(word, written)}")


def _suggestion(word: Attribute, written: str) -> str:
    if word.known is COUNTRIES:
        meant = _MISTAKEN.get(written.upper())
        return f"did you mean {meant}?" if meant else "countries are two letters of ISO 3166, such as SE."
    near = get_close_matches(written.lower(), sorted(word.known), 1)
    return f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(word.known))}."


def _text(_word: Attribute, written: str) -> str:
    return written


def _version(word: Attribute, written: str) -> str:
    found = _VERSION.fullmatch(written)
    if found is not None:
        return ".".join(part or "0" for part in found.groups())
    longer = _LONGER.fullmatch(written) if word.name == "app_version" else None
    if longer is not None:
        raise Invalid(
            f"{written} has a part too many: the edge takes the fourth for the build, "
            f"so write {word.name} {longer[1]} and app_build {longer[2]}."
        )
    raise Invalid(f"{written} is no version; write up to {_PARTS} numbers with dots between them, such as 8.9.")


def _number(word: Attribute, written: str) -> int:
    if not _DIGITS.fullmatch(written):
        raise Invalid(f"{written} is no number; {word.name} is compared with whole ones, such as 463.")
    return int(written)


_READERS: Mapping[Kind, Callable[[Attribute, str], str | int]] = {
    Kind.CHOICE: _choice,
    Kind.TEXT: _text,
    Kind.VERSION: _version,
    Kind.NUMBER: _number,
}

VOCABULARY: Mapping[str, Attribute] = MappingProxyType(
    {
        word.name: word
        for word in (
            Attribute("client_type", Kind.CHOICE, "client type", frozenset(each.word for each in ClientType)),
            Attribute("app_version", Kind.VERSION, "app version"),
            Attribute("app_build", Kind.NUMBER, "app build"),
            Attribute("os_version", Kind.VERSION, "system version"),
            Attribute("country", Kind.CHOICE, "country", COUNTRIES),
            Attribute("locale", Kind.TEXT, "locale"),
            Attribute(TARGETING_KEY, Kind.TEXT, "user"),
        )
    }
)
"""By name, in the order in which people ask for them."""
