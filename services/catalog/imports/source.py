"""What an import reads from."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from services.catalog.domain.checks import check
from services.catalog.domain.items import Item
from services.kit.errors import Invalid


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that did not become an item: where it stands and why not."""

    file: str
    row: int
    """Counted from 1."""
    key: str
    """The row's own key; empty where it has none."""
    reason: str
    """One sentence."""


Entry: TypeAlias = Item | Reject


@dataclass(frozen=True, slots=True)
class Source:
    """Items of one origin, ready to be read: whoever made it has seen that the origin is what it claims to be."""

    popularity: str
    """How popularity is derived, in one sentence."""
    estimated_items: int
    """About how many items and rejects `entries` gives, for a progress bar."""
    entries: Callable[[], Iterator[Entry]]
    """Starts reading, a bounded part at a time. Items may refer to later ones, and all are such as `check` passes."""


def checked(item: Item, *, file: str, row: int, key: str) -> Entry:
    """Return the item, or the reject that it is where it may not enter a catalogue."""
    try:
        check(item)
    except Invalid as refused:
        return Reject(file, row, key, str(refused))
    return item
