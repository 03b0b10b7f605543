"""Builds one generation of the index, beside the others and out of sight until it is whole.

Documents come in any order. They are staged on disk, ordered by popularity in numbers only, and copied into place; so
in memory there are a few numbers for each, and its words as numbers.
"""

import sqlite3
import threading
from array import array
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

from services.kit.errors import Unavailable
from services.search.domain.document import Document
from services.search.index.delta import Delta, rank_between, write_hidden
from services.search.index.features_build import kept, write_features
from services.search.index.generations import Generation
from services.search.index.hashes import IDENTITY_CODE, TITLE_CODE, identity_hash, title_hash, write_hashes
from services.search.index.lexicon_build import Vocabulary
from services.search.index.publish import publish, workspace
from services.search.index.schema import HIDDEN, IDENTITIES, LEXICON, TABLES, TERMS, TITLES, row

Encode: TypeAlias = Callable[[Document], bytes]
"""Turns a document into the bytes that an answer sends for it."""

# No journal and no syncing: what is interrupted is thrown away, what is done is synced once.
_SETUP = """
    PRAGMA main.journal_mode = OFF;
    PRAGMA main.synchronous = OFF;
    PRAGMA main.cache_size = -32000;
    PRAGMA staging.journal_mode = OFF;
    PRAGMA staging.synchronous = OFF;
    PRAGMA staging.cache_size = -32000;
    PRAGMA temp_store = MEMORY;
    INSERT INTO terms (terms, rank) VALUES ('hashsize', 16000000), ('automerge', 0), ('crisismerge', 1000);
    CREATE TABLE staging.staged (arrival INTEGER PRIMARY KEY, words, texts, hit, flags, popularity);
    CREATE TEMP TABLE ranked (position INTEGER PRIMARY KEY, arrival);
"""
_STAGE = "INSERT INTO staged (words, texts, hit, flags, popularity) VALUES (?, ?, ?, ?, ?)"
_RANK = "INSERT INTO ranked (arrival) SELECT arrival FROM staged ORDER BY popularity DESC, arrival"
_FINISH = (
    """INSERT INTO terms (rowid, words)
       SELECT position, words FROM ranked CROSS JOIN staged USING (arrival) ORDER BY position""",
    "INSERT INTO terms (terms) VALUES ('optimize')",
    "COMMIT",
)
_IN_ORDER = "SELECT texts, hit, flags, popularity FROM ranked CROSS JOIN staged USING (arrival) ORDER BY position"
_RANKED = "SELECT position, arrival FROM ranked ORDER BY position"


class Unwritable(Unavailable):
    """The disk does not take the index: it is full, or not ours to write to."""


class Build:
    """A generation in the making. One call at a time, from any thread; what cannot be written raises Unwritable."""

    def __init__(self, workspace: Path, encode: Encode, delta: Delta | None) -> None:
        self._workspace = workspace
        self._encode = encode
        self._delta = delta
        self._counts: Counter[str] = Counter()
        self._vocabulary = Vocabulary()
        self._titles, self._identities = array(TITLE_CODE), array(IDENTITY_CODE)
        self._busy = threading.Lock()
        self._connection = sqlite3.connect(workspace / TERMS, isolation_level=None, check_same_thread=False)
        self._connection.execute("ATTACH ? AS staging", [str(workspace / "staging.db")])
        self._connection.executescript(TABLES + _SETUP)
        self._connection.execute("BEGIN")

    def add(self, documents: Iterable[Document]) -> None:
        """Take more documents."""
        with self._busy, _plain_errors():
            self._connection.executemany(_STAGE, self._staged(documents))

    def publish(self, source_generation: int, built_at: datetime) -> Generation:
        """Write the index of all documents taken and let it appear in the folder of generations."""
        with self._busy, _plain_errors():
            self._rank()
            for statement in _FINISH:
                self._connection.execute(statement)
            write_features(self._workspace, self._connection.execute(_IN_ORDER))
            self._write_arrays()
            (self._workspace / "staging.db").unlink()
            return publish(
                self._workspace,
                source_generation=source_generation,
                built_at=built_at,
                document_counts=dict(self._counts),
                base=self._delta.base.name if self._delta else "",
            )

    def close(self) -> None:
        """Stop, also in the middle of a call from another thread."""
        self._connection.interrupt()
        with self._busy:
            self._connection.close()

    def _rank(self) -> None:
        if self._delta is None:
            self._connection.execute(_RANK)
        else:
            rank_between(self._connection, self._delta.base)
            write_hidden(self._workspace / HIDDEN, self._delta.hidden)

    def _write_arrays(self) -> None:
        import numpy as np  # noqa: PLC0415 - an indexer at rest does without

        places = np.fromiter(self._connection.execute(_RANKED), [("row", np.uint64), ("arrival", np.int64)])
        rows, arrivals = places["row"], places["arrival"]
        self._vocabulary.write(self._workspace / LEXICON, rows, arrivals)
        for name, hashes in ((TITLES, self._titles), (IDENTITIES, self._identities)):
            write_hashes(self._workspace / name, hashes, rows, arrivals)

    def _staged(self, documents: Iterable[Document]) -> Iterator[tuple[str, bytes, bytes, int, int]]:
        for document in documents:
            self._counts[document.kind.name.lower()] += 1
            made = row(document, self._encode(document))
            self._vocabulary.add(made.words.split(" "))
            self._titles.append(title_hash(made.title))
            self._identities.append(identity_hash(document.kind, document.id))
            yield (made.words, *kept(made))


@contextmanager
def building(folder: Path, encode: Encode, delta: Delta | None = None) -> Generator[Build, None, None]:
    """Open a build in the folder of generations, of a delta where one is meant; what is not published is removed.

    Raises Conflict where another process is building there, Unwritable where the folder cannot be written to.
    """
    with ExitStack() as opened:
        with _plain_errors():
            under_way = Build(opened.enter_context(workspace(folder)), encode, delta)
        opened.callback(under_way.close)
        yield under_way


def build(
    documents: Iterable[Document], folder: Path, encode: Encode, *, source_generation: int, built_at: datetime
) -> Generation:
    """Build and publish a generation in one go; errors as in `building`."""
    with building(folder, encode) as under_way:
        under_way.add(documents)
        return under_way.publish(source_generation, built_at)


@contextmanager
def _plain_errors() -> Generator[None, None, None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise Unwritable(f"The index cannot be written: {error}.") from error
