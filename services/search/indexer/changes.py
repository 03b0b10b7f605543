"""What has changed in the catalogue since a base index was built: what a delta is made of, and why a rebuild is due.

Bounded: a watched import of a million items must not pile up. Beyond the bound new and changed items are counted and
forgotten, and show after the next full rebuild; what is removed is still remembered, so that a takedown never waits.
"""

from dataclasses import dataclass, field

from services.search.domain.export import News, Reference, Row, reference
from services.search.indexer.gates import Recorded

REMOVALS_PER_ROW = 10
"""A removal is a reference, a tenth of a row."""


@dataclass(slots=True)
class Changes:
    """Takes news in their order."""

    most_rows: int
    rows: dict[Reference, Row] = field(default_factory=dict)
    """Items that are new or differ, as they are now."""
    removed: set[Reference] = field(default_factory=set)
    generation: int = 0
    """The catalogue's, up to which everything is here."""
    reset: bool = False
    """Whether the base belongs to another catalogue, so that nothing here can be told against it."""
    overflowed: bool = False
    """Whether something was forgotten."""
    edits: int = 0
    """Grows whenever `rows`, `removed` or `reset` change: the same number is the same content."""
    _changed: int = 0
    _removed: int = 0

    @property
    def recorded(self) -> Recorded:
        """Return how much has happened. What happened twice counts twice: it is the most that can be explained."""
        return Recorded(self._changed, self._removed, self.reset)

    @property
    def any(self) -> bool:
        """Whether the base is not what the catalogue is now."""
        return bool(self._changed or self._removed or self.reset)

    def take(self, news: News) -> None:
        """Take what has changed."""
        self.generation = max(self.generation, news.generation)
        self._changed += len(news.changed)
        self._removed += len(news.removed)
        if news.reset:
            self.reset, self.edits = True, self.edits + 1
            self.rows.clear()
            self.removed.clear()
        if not self.reset:
            for row in news.changed:
                self._change(row)
            for gone in news.removed:
                self._remove(gone)

    def _change(self, row: Row) -> None:
        key = reference(row)
        if key in self.rows or len(self.rows) < self.most_rows:
            self.rows[key] = row
            self.edits += 1
        else:
            self.overflowed = True
        if key in self.removed:
            self.removed.remove(key)
            self.edits += 1

    def _remove(self, gone: Reference) -> None:
        self.rows.pop(gone, None)
        if len(self.removed) < self.most_rows * REMOVALS_PER_ROW:
            self.removed.add(gone)
            self.edits += 1
        else:
            self.overflowed = True
