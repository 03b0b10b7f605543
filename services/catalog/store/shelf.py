"""A bounded place for entries, which lets go of those that were put there the longest ago.

Whoever is asked for is read again before long and put at the end again, so the first to go are those that nobody asks
for. To move an entry at each hit instead, as is common, touches three more places in memory for each.
"""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

from services.catalog.domain.items import Key
from services.catalog.domain.reads import Answer

ENTRY_BYTES = 500
"""What an entry takes beside its id and its wire bytes: the objects around them and its place here, as measured."""


@dataclass(slots=True, eq=False)
class Entry(Answer):
    """An answer, when it was read, and when it is due to be read again."""

    read_at: float = 0.0
    due_at: float = 0.0


class Shelf:
    """Entries by reference, at most so many and of so many bytes together."""

    def __init__(self, max_entries: int, max_bytes: int) -> None:
        self._max_entries, self._max_bytes = max_entries, max_bytes
        self._entries: OrderedDict[Key, Entry] = OrderedDict()
        self.size_bytes = 0

    def __len__(self) -> int:
        return len(self._entries)

    def find(self, wanted: Iterable[Key]) -> dict[Key, Entry]:
        """Return the entries that are here."""
        get = self._entries.get
        return {each: entry for each in wanted if (entry := get(each))}

    def put(self, wanted: Key, entry: Entry) -> None:
        """Keep the entry in place of others, where it has room at all."""
        self.drop(wanted)
        size_bytes = _size_bytes(wanted, entry)
        if not self._max_entries or size_bytes > self._max_bytes:
            return
        while not self._has_room(size_bytes):
            self.drop(next(iter(self._entries)))
        self._entries[wanted] = entry
        self.size_bytes += size_bytes

    def drop(self, wanted: Key) -> None:
        """Let go of the entry, if it is here."""
        entry = self._entries.pop(wanted, None)
        if entry is not None:
            self.size_bytes -= _size_bytes(wanted, entry)

    def clear(self) -> None:
        """Let go of everything."""
        self._entries.clear()
        self.size_bytes = 0

    def _has_room(self, size_bytes: int) -> bool:
        return len(self) < self._max_entries and self.size_bytes + size_bytes <= self._max_bytes


def _size_bytes(wanted: Key, entry: Entry) -> int:
    # The bytes are there twice: as they are kept, and in the part.
    return ENTRY_BYTES + len(wanted[1]) + 2 * len(entry.part)
