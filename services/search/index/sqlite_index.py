"""An open generation: SQLite looks for what has the words, within the time that a search gives it."""

import sqlite3
from collections.abc import Callable, Sequence

from services.search.domain.candidates import SLOTS, Candidate, Found, Reading, Window, Word
from services.search.domain.document import Kind
from services.search.domain.query import Filters
from services.search.index.generations import Generation
from services.search.index.schema import kind_token

# The join is written as CROSS JOIN so that SQLite walks the matches in order and looks each up, never the reverse.
_FIND = """
    SELECT position * ?, kind, title, artists, popularity, hit, explicit, markets <> ''
    FROM terms CROSS JOIN document ON position = terms.rowid
    WHERE terms MATCH ? AND terms.rowid > ?
"""
_PLAYABLE = " AND (markets = '' OR instr(markets, ?))"
_NOT_EXPLICIT = " AND NOT explicit"
_FIRST = " ORDER BY terms.rowid LIMIT ?"

_STEPS_BETWEEN_LOOKS = 64
"""FTS5 reads its lists by statements of its own, whose steps count too: a long intersection is left from inside."""


class SqliteIndex:
    """Searches one generation. It answers on the event loop, so it watches its own time.

    SQLite asks every few steps whether the time is up; what was found until then is returned as a cut answer.
    """

    def __init__(self, generation: Generation, connection: sqlite3.Connection, monotonic: Callable[[], float]) -> None:
        self.generation = generation
        self.name = generation.name
        self._connection = connection
        self._spread = 1 if generation.manifest.base else SLOTS
        self._monotonic = monotonic
        self._until_s = 0.0
        connection.set_progress_handler(self._overdue, _STEPS_BETWEEN_LOOKS)

    def find(self, reading: Reading, filters: Filters, window: Window) -> Found:
        """Return the first candidates of the window, fewer and marked as cut when the time is up."""
        statement, parameters = self._statement(reading, filters, window)
        self._until_s = window.until_s
        candidates: list[Candidate] = []
        try:
            # When the time is up in the middle, extend() leaves in the list what it has got so far.
            candidates.extend(map(Candidate._make, self._connection.execute(statement, parameters)))
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
                raise
            return Found(candidates, cut=True)
        return Found(candidates)

    def _overdue(self) -> bool:
        return self._monotonic() > self._until_s

    def _statement(self, reading: Reading, filters: Filters, window: Window) -> tuple[str, list[str | int]]:
        statement = _FIND
        parameters: list[str | int] = [self._spread, _match(reading, filters.kinds), window.after // self._spread]
        if filters.market:
            statement += _PLAYABLE
            parameters.append(filters.market)
        if filters.hide_explicit:
            statement += _NOT_EXPLICIT
        return statement + _FIRST, [*parameters, window.limit]


def _match(reading: Reading, kinds: frozenset[Kind]) -> str:
    """Return the reading in FTS5's language. Words hold only letters and digits; quoted, none can be an operator."""
    *whole, last = reading.groups
    groups = [_any_of(group) for group in whole]
    if len(kinds) < len(Kind):
        groups.insert(0, "(" + " OR ".join(f'"{kind_token(kind)}"' for kind in sorted(kinds)) + ")")
    return " AND ".join([*groups, _any_of(last, "*")])


def _any_of(group: Sequence[Word], ending: str = "") -> str:
    words = [f'"{word.text}"{ending}' for word in group]
    return words[0] if len(words) == 1 else "(" + " OR ".join(words) + ")"
