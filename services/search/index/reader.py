"""Opens a generation for searching."""

import sqlite3
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from urllib.parse import quote

from services.kit.errors import Unavailable
from services.search.domain.query import Query
from services.search.index.generations import Generation
from services.search.index.prefix import PrefixSource

FIND_BUDGET_S = 0.005
"""The longest that one search may hold the event loop."""


@dataclass(frozen=True, slots=True)
class Index:
    """An open generation and the sources that search it."""

    generation: Generation
    prefix: PrefixSource


@contextmanager
def open_index(
    generation: Generation, monotonic: Callable[[], float], budget_s: float = FIND_BUDGET_S
) -> Generator[Index, None, None]:
    """Open the generation, read-only. Raises Unavailable where its file is gone or no index.

    The file is never written, which SQLite is told (`immutable`), so it takes no locks. It is not mapped into memory:
    reads cost the same, memory stays small, and a file cut short is an error instead of the end of the process.
    """
    with closing(_connect(generation)) as connection:
        prefix = PrefixSource(connection, monotonic, budget_s)
        try:
            prefix.find(Query.of("a"), after=0, limit=1)
        except sqlite3.DatabaseError as error:
            raise Unavailable(f"{generation.name} is damaged: {error}.") from error
        yield Index(generation, prefix)


def _connect(generation: Generation) -> sqlite3.Connection:
    path = quote(str(generation.path("index.db")))
    address = f"file:{path}?mode=ro&immutable=1"
    try:
        return sqlite3.connect(address, uri=True, check_same_thread=False)
    except sqlite3.Error as error:
        raise Unavailable(f"{generation.name} cannot be opened: {error}.") from error
