"""Opens a generation for searching."""

import sqlite3
from collections.abc import Callable, Generator
from contextlib import ExitStack, closing, contextmanager
from sys import maxsize
from urllib.parse import quote

from services.kit.errors import Unavailable
from services.search.domain.candidates.index import Window
from services.search.domain.candidates.reading import Reading
from services.search.domain.query import Filters
from services.search.index.arrays import open_arrays
from services.search.index.features import open_features
from services.search.index.generations import Generation
from services.search.index.postings import USUAL, Limits
from services.search.index.schema import LEXICON, TERMS, TITLES
from services.search.index.sqlite_index import SqliteIndex

_CACHE_KIB = 16_000
"""How much of the database SQLite keeps at hand; what is not is read from the system's cache, a tenth dearer."""
_OF_DELTA = Limits(rows=maxsize, common=1)
"""A delta is small, and its rows are far apart."""


@contextmanager
def open_index(
    generation: Generation, monotonic: Callable[[], float], limits: Limits = USUAL
) -> Generator[SqliteIndex, None, None]:
    """Open a generation or a delta, read-only. Raises Unavailable where a file of it is gone or damaged.

    The database is never written, which SQLite is told (`immutable`), so it takes no locks.
    """
    with ExitStack() as opened:
        lexicon = opened.enter_context(open_arrays(generation.path(LEXICON)))
        titles = opened.enter_context(open_arrays(generation.path(TITLES)))
        try:
            features = opened.enter_context(open_features(generation))
            connection = opened.enter_context(closing(_connect(generation)))
            limits = _OF_DELTA if generation.manifest.base else limits
            index = SqliteIndex(generation, connection, features, lexicon, titles, monotonic, limits)
            index.find(Reading.literal("a", ("a",)), Filters(), Window(limit=1))
        except sqlite3.Error as error:
            raise Unavailable(f"{generation.name} cannot be opened: {error}.") from error
        except KeyError as error:
            raise Unavailable(f"{generation.name} is damaged: it lacks the array {error}.") from error
        yield index


def _connect(generation: Generation) -> sqlite3.Connection:
    address = f"file:{quote(str(generation.path(TERMS)))}?mode=ro&immutable=1"
    connection = sqlite3.connect(address, uri=True, check_same_thread=False)
    try:
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    except sqlite3.Error:
        connection.close()
        raise
    return connection
