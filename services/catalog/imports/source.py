"""What an import reads from."""

from collections.abc import Callable, Iterator, Sequence
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
    """Counted from 1; in a file of lines, the line it begins on."""
    key: str
    """The row's own key; empty where it has none."""
    reason: str
    """One sentence."""


Entry: TypeAlias = Item | Reject


def _nothing() -> Iterator[Sequence[Entry]]:
    return iter(())


@dataclass(frozen=True, slots=True)
class Source:
    """Items of one origin, ready to be read: whoever made it has seen that the origin is what it claims to be."""

    popularity: str
    """How popularity is derived, in one sentence."""
    size: int
    """About how much there is to read, in the unit of `read`, for a progress bar."""
    entries: Callable[[], Iterator[Entry]]
    """Starts reading, a bounded part at a time. Items may refer to later ones, and all are such as `check` passes."""
    read: Callable[[], int] | None = None
    """Returns how many bytes have been read; None where progress is counted in entries."""
    understood: tuple[str, ...] = ()
    """What was found out about the origin, in sentences to be said before the import."""
    preview: Callable[[], Iterator[Sequence[Entry]]] = _nothing
    """Starts reading row by row: what each row says by itself, the track first, or why it is rejected."""


def checked(item: Item, *, file: str, row: int, key: str) -> Entry:
    """Return the item, or the reject that it is where it may not enter a catalogue."""
    try:
        check(item)
    except Invalid as refused:
        return Reject(file, row, key, str(refused))
    return item
