"""What has been found lately, by what was asked for: the answer to what many type, above all while they begin to.

Nothing in it grows old: an index never changes, and its name and its delta's are part of what was asked for. Nor are
two equal searches ever under way at once, since each runs to its end on the event loop.
"""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Cache(Generic[T]):
    """The values used last, at most `size` of them; with a size of 0, none."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._values: OrderedDict[Hashable, T] = OrderedDict()
        self.hits = 0
        """How often a value was there."""
        self.misses = 0
        """How often none was, also where none ever is."""

    def get(self, key: Hashable) -> T | None:
        """Return the value; None where it is not there."""
        value = self._values.get(key)
        if value is None:
            self.misses += 1
            return None
        self.hits += 1
        self._values.move_to_end(key)
        return value

    def put(self, key: Hashable, value: T) -> None:
        """Keep the value, in place of the one that has not been used for longest."""
        self._values[key] = value
        if len(self._values) > self._size:
            self._values.popitem(last=False)

    def __len__(self) -> int:
        return len(self._values)
