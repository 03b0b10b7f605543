"""The candidate source that every query asks: documents that have all its tokens, the last as a prefix."""

import sqlite3
from collections.abc import Callable

from services.search.domain.candidates import Candidate, Found
from services.search.domain.document import Kind
from services.search.domain.query import Query
from services.search.index.schema import kind_token

# The join is written as CROSS JOIN so that SQLite walks the matches in order and looks each up, never the reverse.
_FIND = """
    SELECT position, kind, title, artists, popularity, hit
    FROM terms CROSS JOIN document ON position = terms.rowid
    WHERE terms MATCH ? AND terms.rowid > ?
"""
_PLAYABLE = " AND (markets = '' OR instr(markets, ?))"
_NOT_EXPLICIT = " AND NOT explicit"
_FIRST = " ORDER BY terms.rowid LIMIT ?"

_STEPS_BETWEEN_LOOKS = 64
"""FTS5 reads its lists by statements of its own, whose steps count too: a long intersection is left from inside."""


class PrefixSource:
    """Finds by prefix AND search in an open index. It answers on the event loop, so it watches its own time.

    SQLite asks every few steps whether the time is up; what was found until then is returned as a cut answer.
    """

    name = "prefix"

    def __init__(self, connection: sqlite3.Connection, monotonic: Callable[[], float], budget_s: float) -> None:
        self._connection = connection
        self._monotonic = monotonic
        self._budget_s = budget_s
        self._until = 0.0
        connection.set_progress_handler(self._overdue, _STEPS_BETWEEN_LOOKS)

    def find(self, query: Query, after: int, limit: int) -> Found:
        """Return the first `limit` candidates after the position, fewer and marked as cut when the time is up."""
        statement, parameters = _statement(query, after, limit)
        self._until = self._monotonic() + self._budget_s
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
        return self._monotonic() > self._until


def _statement(query: Query, after: int, limit: int) -> tuple[str, list[str | int]]:
    statement = _FIND
    parameters: list[str | int] = [_match(query), after]
    if query.filters.market:
        statement += _PLAYABLE
        parameters.append(query.filters.market)
    if query.filters.hide_explicit:
        statement += _NOT_EXPLICIT
    return statement + _FIRST, [*parameters, limit]


def _match(query: Query) -> str:
    """Return the query in FTS5's language. Tokens hold only letters and digits; quoted, none can be an operator."""
    words = '"' + '" AND "'.join(query.tokens) + '"*'
    if len(query.filters.kinds) == len(Kind):
        return words
    kinds = " OR ".join(f'"{kind_token(kind)}"' for kind in sorted(query.filters.kinds))
    return f"({kinds}) AND {words}"
