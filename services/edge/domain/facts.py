"""What one header says of the caller: the facts that could be read, and what had to be dropped, each in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

MAX_HEADER_CHARS = 512
"""No header of a caller's is read further."""
MAX_SHOWN_CHARS = 64
"""So much of a dropped text is repeated to whoever sent it."""


class Source(StrEnum):
    """The header that something was read from."""

    CLIENT = "X-Backline-Client"
    LANGUAGE = "Accept-Language"
    AGENT = "User-Agent"


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that is known of the caller. `name` is a field of Caller."""

    name: str
    value: str
    source: Source


@dataclass(frozen=True, slots=True)
class Dropped:
    """Something that was said and could not be used; `why` completes the sentence "<value> was dropped: it …"."""

    name: str
    value: str
    source: Source
    why: str

    def __post_init__(self) -> None:
        for part in ("name", "value"):
            object.__setattr__(self, part, getattr(self, part)[:MAX_SHOWN_CHARS])


@dataclass(frozen=True, slots=True)
class Reading:
    """All that one header says."""

    facts: tuple[Fact, ...] = ()
    dropped: tuple[Dropped, ...] = ()


def joined(readings: Iterable[Reading]) -> Reading:
    """Return what one header's parts say together: of what is said twice the first holds, and the rest is dropped."""
    facts: dict[str, Fact] = {}
    dropped: list[Dropped] = []
    for reading in readings:
        dropped += reading.dropped
        for fact in reading.facts:
            if facts.setdefault(fact.name, fact) is not fact:
                dropped.append(Dropped(fact.name, fact.value, fact.source, "was said already"))
    return Reading(tuple(facts.values()), tuple(dropped))


def preferred(readings: Iterable[Reading]) -> Mapping[str, Fact]:
    """Return each fact by its name, from the first of several headers that knows it."""
    facts: dict[str, Fact] = {}
    for reading in readings:
        for fact in reading.facts:
            facts.setdefault(fact.name, fact)
    return facts
