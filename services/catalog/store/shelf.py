"""A bounded place for entries: what was not asked for the longest goes first."""

from collections import OrderedDict
from dataclasses import dataclass

from services.catalog.domain.items import Reference
from services.catalog.domain.reads import Answer

ENTRY_BYTES = 750
"""What an entry takes beside its id and its wire bytes: the objects around them and its place here. Measured."""


@dataclass(frozen=True, slots=True)
class Entry(Answer):
    """An answer, when it was read, and when it is due to be read again."""

    read_at: float = 0.0
    due_at: float = 0.0


class Shelf:
    """Entries by reference, at most so many and of so many bytes together."""

    def __init__(self, max_entries: int, max_bytes: int) -> None:
        self._max_entries, self._max_bytes = max_entries, max_bytes
        self._entries: OrderedDict[Reference, Entry] = OrderedDict()
        self.size_bytes = 0

    def __len__(self) -> int:
        return len(self._entries)

    def find(self, wanted: Reference) -> Entry | None:
        """Return the entry, which thereby is the last to go; None where there is none."""
        entry = self._entries.get(wanted)
        if entry is not None:
            self._entries.move_to_end(wanted)
        return entry

    def put(self, wanted: Reference, entry: Entry) -> None:
        """Keep the entry, and let go what is too much with it."""
        self.drop(wanted)
        self._entries[wanted] = entry
        self.size_bytes += _size_bytes(wanted, entry)
        while len(self) > self._max_entries or self.size_bytes > self._max_bytes:
            self.size_bytes -= _size_bytes(*self._entries.popitem(last=False))

    def drop(self, wanted: Reference) -> None:
        """Let go of the entry, if it is there."""
        entry = self._entries.pop(wanted, None)
        if entry is not None:
            self.size_bytes -= _size_bytes(wanted, entry)

    def clear(self) -> None:
        """Let go of everything."""
        self._entries.clear()
        self.size_bytes = 0


def _size_bytes(wanted: Reference, entry: Entry) -> int:
    return ENTRY_BYTES + len(wanted.id) + sum(map(len, entry.parts))
