"""Reads Accept-Language: the language to answer in, and the country in its region where nobody says better.

The tag with the highest weight is taken, the first of several (RFC 9110, 12.5.4); its letters' case becomes that of
BCP 47 (`zh-hant-tw` is `zh-Hant-TW`). Another tag's region is not borrowed: who reads Swedish first and British
English second does not live in Britain for that.
"""

import re
from typing import NamedTuple

from services.edge.domain.facts import MAX_HEADER_CHARS, Dropped, Fact, Reading, Source

_MAX_TAGS = 16
_TAG = re.compile(
    "(?P<language>[A-Za-z]{2,3})(?:-(?P<script>[A-Za-z]{4}))?(?:-(?P<region>[A-Za-z]{2}|[0-9]{3}))?"
    "(?P<rest>(?:-[0-9A-Za-z]{2,8}){0,3})"
)
_WEIGHT = re.compile(r"[qQ]=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)")


class Tag(NamedTuple):
    """A language that is asked for, and how much it is wanted."""

    locale: str
    country: str
    weight: float


def read_languages(header: str) -> Reading:
    """Return what Accept-Language says."""
    parts = [part for part in map(str.strip, header[:MAX_HEADER_CHARS].split(",")) if part and part[0] != "*"]
    tags = {part: parse_tag(part) for part in parts[:_MAX_TAGS]}
    wanted = [tag for tag in tags.values() if tag and tag.weight > 0]
    dropped = tuple(
        Dropped("locale", part, Source.LANGUAGE, "is no language tag with a weight from 0 to 1")
        for part, tag in tags.items()
        if tag is None
    )
    return Reading(_facts(max(wanted, key=lambda tag: tag.weight)) if wanted else (), dropped)


def parse_tag(part: str) -> Tag | None:
    """Return the tag and weight that one part of the header names; None where it names none."""
    text, semicolon, weight = (piece.strip() for piece in part.partition(";"))
    tag, weighed = _TAG.fullmatch(text), _WEIGHT.fullmatch(weight)
    if tag is None or (semicolon and weighed is None):
        return None
    region = (tag["region"] or "").upper()
    subtags = (tag["language"].lower(), (tag["script"] or "").title(), region)
    locale = "-".join(filter(None, subtags)) + tag["rest"].lower()
    return Tag(locale, region if region.isalpha() else "", float(weighed[1]) if weighed else 1.0)


def _facts(tag: Tag) -> tuple[Fact, ...]:
    locale = Fact("locale", tag.locale, Source.LANGUAGE)
    return (locale, Fact("country", tag.country, Source.LANGUAGE)) if tag.country else (locale,)
