"""The candidate sources by name, in the order in which they are asked. To add one, write a row.

A source reads the query in its own way, and is asked only where what the ones before it found leaves something to be
desired. So most queries ask one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from services.search.domain.candidates.dropping import NAME as DROP_TOKENS
from services.search.domain.candidates.dropping import without_some
from services.search.domain.candidates.gathering import Finding, Gathering
from services.search.domain.candidates.index import Found, Window
from services.search.domain.candidates.reading import Reading
from services.search.domain.candidates.respelling import compounded, respelt

_MOST_OF_A_TITLE = 10
"""How many documents are added whose title is the query."""

Find: TypeAlias = Callable[[Gathering, Window], Finding | None]
"""Looks in one way; None where that way has nothing to look for."""


@dataclass(frozen=True, slots=True)
class Source:
    """A way to find candidates."""

    name: str
    """What answers, metrics and switches call it."""
    needed: Callable[[Gathering], bool]
    find: Find
    share: float
    """The part of a query's time that it may take."""
    spare: bool = True
    """Whether a process that is behind does without it."""


def _reading(name: str, read: Callable[[Gathering], Reading | None]) -> Find:
    """Return a source that looks for what has the words of a reading."""

    def find(gathering: Gathering, window: Window) -> Finding | None:
        reading = read(gathering)
        if reading is None:
            return None
        return Finding(name, reading, gathering.index.find(reading, gathering.query.filters, window))

    return find


def _titled(gathering: Gathering, window: Window) -> Finding:
    """Find what has the query as its whole title, which may be too unpopular for the first window."""
    reading, filters = gathering.literal, gathering.query.filters
    few = Window(window.after, _MOST_OF_A_TITLE, window.until_s)
    text = gathering.query.text
    found = [
        candidate
        for title in (text, f"the {text}")
        for candidate in gathering.index.titled(title, filters, few).candidates
    ]
    return Finding("title", reading, Found(sorted(found)))


def _respelt(gathering: Gathering, window: Window) -> Finding | None:
    """Find what has the words nearest to what was typed or, where nothing has them together, those a letter farther."""
    for farther in (False, True):
        reading = respelt(gathering, farther=farther)
        if reading:
            found = gathering.index.find(reading, gathering.query.filters, window)
            if farther or found.candidates or not gathering.empty:
                return Finding("speller", reading, found)
    return None


def _without_noise(gathering: Gathering) -> Reading | None:
    return gathering.literal_core if gathering.core is not gathering.query else None


SOURCES: tuple[Source, ...] = (
    Source("prefix", lambda _: True, _reading("prefix", lambda gathering: gathering.literal), 1.0, spare=False),
    Source("title", lambda gathering: gathering.full, _titled, 0.2, spare=False),
    Source("noise", lambda gathering: gathering.empty, _reading("noise", _without_noise), 0.6),
    Source("speller", lambda gathering: gathering.doubtful, _respelt, 0.6),
    Source("compound", lambda gathering: gathering.doubtful, _reading("compound", compounded), 0.4),
    Source(DROP_TOKENS, lambda gathering: gathering.empty, without_some, 0.6),
)

SUGGESTING = frozenset({"prefix", "title", "speller"})
"""The names of the sources that completions come from."""
