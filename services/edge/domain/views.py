"""How each type of client is answered, as a table: what it shows by default, how much of it, and in which layout.

It is what holds where flags say nothing else; decisions.py asks them. Nothing else asks for a client's type: a new type
is another row.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from services.kit.context import ClientType


class Layout(StrEnum):
    """How results stand on a screen."""

    ROWS = "rows"
    """One below the other, with all that a row can say: for a pointer or a thumb, near by."""
    SHELF = "shelf"
    """A grid of large covers, walked by arrow keys: for a remote control, from across a room."""
    DRIVE = "drive"
    """A few targets too large to miss, hardly any text: for a glance and an outstretched arm."""
    GLANCE = "glance"
    """The best answer, and little beside it: for a very small screen, or for none."""


@dataclass(frozen=True, slots=True)
class View:
    """What one type of client gets unless it asks for something else."""

    layout: Layout
    results: int
    """How many results a page of search has."""
    tracks: int
    """How many tracks an album's or an artist's page lists at once."""
    suggestions: int
    """How many completions are offered while typing; none where a hand cannot reach them."""
    examples: int
    """How many items an empty search offers to begin with."""
    explicit: bool
    """Whether tracks that are marked as explicit are among the results. Not where others listen along."""
    artwork_px: int
    """The side of a result's cover, in CSS pixels."""


_ROWS = View(Layout.ROWS, results=20, tracks=50, suggestions=6, examples=6, explicit=True, artwork_px=52)
_HELD = View(Layout.ROWS, results=20, tracks=50, suggestions=4, examples=4, explicit=True, artwork_px=52)
_ACROSS_THE_ROOM = View(Layout.SHELF, results=24, tracks=24, suggestions=0, examples=6, explicit=False, artwork_px=256)
_AT_THE_WHEEL = View(Layout.DRIVE, results=4, tracks=4, suggestions=0, examples=4, explicit=False, artwork_px=176)
_ALOUD = View(Layout.GLANCE, results=3, tracks=3, suggestions=0, examples=3, explicit=False, artwork_px=128)
_ON_A_WRIST = View(Layout.GLANCE, results=3, tracks=3, suggestions=0, examples=3, explicit=True, artwork_px=128)

VIEWS: Mapping[ClientType, View] = MappingProxyType(
    {
        ClientType.UNKNOWN: _ROWS,
        ClientType.IOS: _HELD,
        ClientType.ANDROID: _HELD,
        ClientType.DESKTOP: _ROWS,
        ClientType.WEB: _ROWS,
        ClientType.TV: _ACROSS_THE_ROOM,
        ClientType.SPEAKER: _ALOUD,
        ClientType.CAR: _AT_THE_WHEEL,
        ClientType.WEARABLE: _ON_A_WRIST,
        ClientType.PARTNER: _ROWS,
    }
)


def view_of(client_type: ClientType) -> View:
    """Return what this type of client gets."""
    return VIEWS[client_type]
