"""Opens a generation for searching."""

import sqlite3
from collections.abc import Callable, Generator
from contextlib import ExitStack, closing, contextmanager
from urllib.parse import quote

from services.kit.errors import Unavailable
from services.search.domain.candidates.index import Window
from services.search.domain.candidates.reading import Reading
from services.search.domain.query import Filters
from services.search.index.arrays import open_arrays
from services.search.index.generations import Generation
from services.search.index.schema import FEATURES, LEXICON, TERMS, TITLES
from services.search.index.sqlite_index import SqliteIndex

_CACHE_KIB = 32_000
"""How much of each database SQLite keeps at hand; what is not is read from the system's cache, a tenth dearer."""


@contextmanager
def open_index(generation: Generation, monotonic: Callable[[], float]) -> Generator[SqliteIndex, None, None]:
    """Open a generation or a delta, read-only. Raises Unavailable where a file of it is gone or damaged.

    The databases are never written, which SQLite is told (`immutable`), so it takes no locks. They are not mapped into
    memory: reads cost the same, memory stays small, and a file cut short is an error instead of the end of the process.
    """
    with ExitStack() as opened:
        lexicon = opened.enter_context(open_arrays(generation.path(LEXICON)))
        titles = opened.enter_context(open_arrays(generation.path(TITLES)))
        try:
            connection = opened.enter_context(closing(_connect(generation)))
            index = SqliteIndex(generation, connection, lexicon, titles, monotonic)
            index.find(Reading.literal("a", ("a",)), Filters(), Window(limit=1))
        except sqlite3.Error as error:
            raise Unavailable(f"{generation.name} cannot be opened: {error}.") from error
        except KeyError as error:
            raise Unavailable(f"{generation.name} is damaged: it lacks the array {error}.") from error
        yield index


def _connect(generation: Generation) -> sqlite3.Connection:
    connection = sqlite3.connect(address(generation, TERMS), uri=True, check_same_thread=False)
    try:
        connection.execute("ATTACH ? AS features", [address(generation, FEATURES)])
        for schema in ("main", "features"):
            connection.execute(f"PRAGMA {schema}.cache_size = -{_CACHE_KIB}")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def address(generation: Generation, name: str) -> str:
    """Return what SQLite opens one of the generation's databases by, never to be written."""
    return f"file:{quote(str(generation.path(name)))}?mode=ro&immutable=1"
