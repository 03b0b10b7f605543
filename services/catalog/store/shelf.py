"""A bounded place for entries, which lets go of the oldest that nobody asked for of late (CLOCK, or second chance)."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

from services.catalog.domain.items import Reference
from services.catalog.domain.reads import Answer

ENTRY_BYTES = 500
"""What an entry takes beside its id and its wire bytes: the objects around them and its place here, as measured."""

_CHANCES = 64
"""Entries that are spared in a row, so that making room takes microseconds even where all are asked for."""


@dataclass(slots=True, eq=False)
class Entry(Answer):
    """An answer, when it was read, when it is due to be read again, and whether anyone asked for it of late."""

    read_at: float = 0.0
    due_at: float = 0.0
    asked: bool = False


class Shelf:
    """Entries by reference, at most so many and of so many bytes together."""

    def __init__(self, max_entries: int, max_bytes: int) -> None:
        self._max_entries, self._max_bytes = max_entries, max_bytes
        self._entries: OrderedDict[Reference, Entry] = OrderedDict()
        self.size_bytes = 0

    def __len__(self) -> int:
        return len(self._entries)

    def find(self, wanted: Iterable[Reference]) -> dict[Reference, Entry]:
        """Return the entries that are here, and spare them the next time that something has to go.

        To mark them is all that a hit costs; to move them to the end would touch three more places in memory for each.
        """
        get = self._entries.get
        found = {each: entry for each in wanted if (entry := get(each))}
        for entry in found.values():
            entry.asked = True
        return found

    def put(self, wanted: Reference, entry: Entry) -> None:
        """Keep the entry in place of others, where it has room at all."""
        self.drop(wanted)
        size_bytes = _size_bytes(wanted, entry)
        while self._entries and not self._has_room(size_bytes):
            self._let_one_go()
        if self._has_room(size_bytes):
            self._entries[wanted] = entry
            self.size_bytes += size_bytes

    def drop(self, wanted: Reference) -> None:
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

    def _let_one_go(self) -> None:
        for _ in range(_CHANCES):
            wanted, entry = next(iter(self._entries.items()))
            if not entry.asked:
                break
            entry.asked = False
            self._entries.move_to_end(wanted)
        self.drop(next(iter(self._entries)))


def _size_bytes(wanted: Reference, entry: Entry) -> int:
    # The bytes are there twice: as they are kept, and in the part.
    return ENTRY_BYTES + len(wanted.id) + 2 * len(entry.part)
