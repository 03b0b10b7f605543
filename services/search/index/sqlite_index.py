"""An open generation: SQLite looks for what has the words, within the time that a search gives it."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from math import inf
from typing import Any

from services.search.domain.candidates.index import SLOTS, Candidate, Found, Window
from services.search.domain.candidates.reading import Reading, Word
from services.search.domain.query import Filters
from services.search.index.arrays import Arrays
from services.search.index.expressions import expression
from services.search.index.generations import Generation
from services.search.index.hashes import rows_of, title_hash
from services.search.index.lexicon import ArrayLexicon

_CANDIDATE = "SELECT position * ?, kind, title, artists, popularity, hit, explicit, markets <> ''"
# The join is written as CROSS JOIN so that SQLite walks the matches in order and looks each up, never the reverse.
_WITH_WORDS = f"""
    {_CANDIDATE} FROM terms CROSS JOIN document ON position = terms.rowid
    WHERE terms MATCH ? AND terms.rowid > ?
"""
_AT_ROWS = f"{_CANDIDATE} FROM document WHERE position IN "
_PLAYABLE = " AND (markets = '' OR instr(markets, ?))"
_NOT_EXPLICIT = " AND NOT explicit"
_FIRST = " ORDER BY position LIMIT ?"

_MOST_OF_A_TITLE = 64
"""How many documents of one title are looked at; the most popular of them is what is meant."""
_STEPS_BETWEEN_LOOKS = 64
"""FTS5 reads its lists by statements of its own, whose steps count too: a long intersection is left from inside."""


class SqliteIndex:
    """Searches one generation. It answers on the event loop, so it watches its own time.

    SQLite asks every few steps whether the time is up; what was found until then is returned as a cut answer.
    """

    def __init__(
        self,
        generation: Generation,
        connection: sqlite3.Connection,
        lexicon: Arrays,
        titles: Arrays,
        monotonic: Callable[[], float],
    ) -> None:
        self.generation = generation
        self.name = generation.name
        self._spread = 1 if generation.manifest.base else SLOTS
        self.lexicon = ArrayLexicon(lexicon, self._spread)
        self._connection = connection
        self._titles = titles
        self._monotonic = monotonic
        self._until_s = 0.0
        connection.set_progress_handler(self._overdue, _STEPS_BETWEEN_LOOKS)

    def find(self, reading: Reading, filters: Filters, window: Window) -> Found:
        """Return the first candidates of the window, fewer and marked as cut when the time is up."""
        conditions, values = _conditions(filters)
        words = expression(reading, filters.kinds, self._count)
        if not words:
            return Found()
        parameters = [self._spread, words, window.after // self._spread, *values, window.limit]
        return self._found(_WITH_WORDS + conditions + " ORDER BY terms.rowid LIMIT ?", parameters, window)

    def titled(self, title: str, filters: Filters, window: Window) -> Found:
        """Return the first candidates of the window whose folded title is this."""
        rows = list(islice(self._rows_titled(title, window.after), _MOST_OF_A_TITLE))
        if not rows:
            return Found()
        conditions, values = _conditions(filters)
        kinds = ",".join(str(int(kind)) for kind in sorted(filters.kinds))
        statement = f"{_AT_ROWS}({_marks(rows)}) AND title = ? AND kind IN ({kinds}){conditions}{_FIRST}"
        return self._found(statement, [self._spread, *rows, title, *values, window.limit], window)

    def at(self, positions: Sequence[int]) -> list[Candidate]:
        """Return the candidates at these positions, in their order."""
        rows = [position // self._spread for position in positions]
        found, _ = self._rows(f"{_AT_ROWS}({_marks(rows)})", [self._spread, *rows], inf)
        by_position = {candidate[0]: Candidate._make(candidate) for candidate in found}
        return [by_position[position] for position in positions]

    def _count(self, word: Word) -> int:
        return self.lexicon.count_about(word.text) if word.begins else self.lexicon.count(word.text)

    def _rows_titled(self, title: str, after: int) -> Iterator[int]:
        return (row for row in rows_of(self._titles, title_hash(title)) if row * self._spread > after)

    def _found(self, statement: str, parameters: Sequence[str | int], window: Window) -> Found:
        rows, cut = self._rows(statement, parameters, window.until_s)
        return Found([*map(Candidate._make, rows)], cut)

    def _rows(self, statement: str, parameters: Sequence[str | int], until_s: float) -> tuple[list[Any], bool]:
        """Return what the statement finds until the time is up, and whether it was."""
        self._until_s = until_s
        rows: list[Any] = []
        try:
            # When the time is up in the middle, extend() leaves in the list what it has got so far.
            rows.extend(self._connection.execute(statement, parameters))
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
                raise
            return rows, True
        return rows, False

    def _overdue(self) -> bool:
        return self._monotonic() > self._until_s


def _conditions(filters: Filters) -> tuple[str, list[str | int]]:
    conditions, values = "", list[str | int]()
    if filters.market:
        conditions += _PLAYABLE
        values.append(filters.market)
    if filters.hide_explicit:
        conditions += _NOT_EXPLICIT
    return conditions, values


def _marks(values: Sequence[int]) -> str:
    return ",".join("?" * len(values))
