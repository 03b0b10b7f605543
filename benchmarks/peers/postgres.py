"""PostgreSQL as a team would set it up that wants no other server: full text first, then trigrams.

Settings, and why:

- Server. A quarter of a small machine's memory as shared buffers, costs of pages that are in memory anyway
  (`random_page_cost`), no compiling of queries that take milliseconds (`jit`), no parallel workers: the CPU time of one
  process is what is compared.
- Table. `vector` holds the words as a tsvector, those of the title with weight A, under a GIN index without a pending
  list (`fastupdate`), since nothing is updated; `words` the same as text, under a GIN index of trigrams, which finds
  faster than GiST where the table does not change; `weight` the popularity, in a B-tree. Rows lie in its order, so that
  the planner's other way, through the B-tree until enough rows match, reads neighbours.
- First phase: every word, the last as a prefix (`:*`). The sixty most popular matches are then ordered by `ts_rank` and
  whether the title is the query, times the logarithm of popularity. To order all matches that way costs three times as
  much and finds less.
- Second phase, where that finds nothing: `words %> query`, ordered by word similarity times the logarithm of
  popularity. The threshold of 0.5 instead of 0.6 costs half as much again and finds what has words too many.

Measured on the way to these, at a hundred thousand tracks: more statistics on `vector`, slower plans that are no
better; the second phase below five hits instead of none, no gain at four times the cost; correcting words by a table of
words, as the manual of pg_trgm has it, -.14 Success@1 at half the cost.
"""

import os
import shutil
import tempfile
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from benchmarks.figures import cpu_seconds
from benchmarks.peers.feed import Asked, Words, weight
from services.search.api.wire import encode_hit
from services.search.domain.document import Document
from tests.postgres_server import PostgresServer, programs

_SERVER = {
    "effective_cache_size": "4GB",
    "jit": "off",
    "maintenance_work_mem": "512MB",
    "max_parallel_workers_per_gather": "0",
    "max_wal_size": "8GB",
    "random_page_cost": "1.1",
    "shared_buffers": "1GB",
    "work_mem": "64MB",
}
_TABLE = """
    CREATE EXTENSION pg_trgm;
    CREATE TABLE document (
        weight bigint NOT NULL, titles text[] NOT NULL, words text NOT NULL, vector tsvector NOT NULL,
        hit bytea NOT NULL);
"""
_COPY = "COPY document FROM STDIN"
_INDEXES = """
    CREATE INDEX ON document (weight DESC);
    CREATE INDEX ON document USING gin (vector) WITH (fastupdate = off);
    CREATE INDEX ON document USING gin (words gin_trgm_ops) WITH (fastupdate = off);
"""
_EXACTLY = """
    WITH candidate AS MATERIALIZED (
        SELECT weight, titles, vector, hit FROM document WHERE vector @@ %(query)s::tsquery
        ORDER BY weight DESC LIMIT 60)
    SELECT hit FROM candidate
    ORDER BY ln(weight + 2)
        * (ts_rank('{.3, .3, .3, 1}', vector, %(query)s::tsquery) + 2 * (%(text)s = ANY (titles))::int) DESC
    LIMIT %(limit)s
"""
_ROUGHLY = """
    SELECT hit FROM document WHERE words %%> %(text)s
    ORDER BY word_similarity(%(text)s, words) * ln(weight + 2) DESC LIMIT %(limit)s
"""
_THRESHOLD = "SET pg_trgm.word_similarity_threshold = 0.5"


@dataclass(frozen=True, slots=True)
class Postgres:
    """A PostgreSQL server of its own. Opening raises LookupError where none is installed."""

    name: str = "postgres"

    @contextmanager
    def open(self, documents: Iterable[Document], folder: Path) -> Generator["OpenPostgres", None, None]:
        """Fill a table where the folder has none, and connect to its server."""
        with _running(folder) as server, psycopg.connect(server.url(), autocommit=True) as connection:
            _fill(connection, documents)
            connection.execute(_THRESHOLD)
            yield OpenPostgres(connection)


@dataclass(frozen=True, slots=True)
class OpenPostgres:
    """A connection to a full table."""

    connection: psycopg.Connection

    def search(self, typed: str, limit: int) -> Sequence[bytes]:
        """Return the hits of the first phase that finds any."""
        asked = Asked.of(typed)
        if not asked.words:
            return []
        parameters = {"query": tsquery(asked.words), "text": asked.text, "limit": limit}
        for phase in (_EXACTLY, _ROUGHLY):
            if rows := self.connection.execute(phase, parameters, binary=True).fetchall():
                return [hit for (hit,) in rows]
        return []

    def cpu_ns(self) -> int:
        """Return the CPU time of the server's process that answers us; ours, to send and receive, is not counted."""
        return round(cpu_seconds(self.connection.info.backend_pid) * 1e9)


def tsquery(words: Sequence[str]) -> str:
    """Return the query for all of the words, the last as a prefix. They hold letters and digits only."""
    return " & ".join(f"'{word}'" for word in words) + ":*"


def tsvector(words: Words) -> str:
    """Return the words with their places, those of the title marked as such."""
    marks = ["A"] * len(words.title) + ["D"] * len(words.others)
    placed = enumerate(zip(words.all, marks, strict=True), 1)
    return " ".join(f"'{word}':{place}{mark}" for place, (word, mark) in placed)


def _fill(connection: psycopg.Connection, documents: Iterable[Document]) -> None:
    """Make the table, its rows by weight, whole or not at all."""
    if connection.execute("SELECT to_regclass('document')").fetchone() != (None,):
        return
    with connection.transaction():
        connection.execute(_TABLE)
        with connection.cursor().copy(_COPY) as rows:
            for row in sorted(map(_row, documents), key=lambda row: -row[0]):
                rows.write_row(row)
        connection.execute(_INDEXES)
    connection.execute("VACUUM ANALYZE document")


def _row(document: Document) -> tuple[int, list[str], str, str, bytes]:
    words = Words.of(document)
    return weight(document), list(words.titles), " ".join(words.all), tsvector(words), encode_hit(document)


@contextmanager
def _running(folder: Path) -> Generator[PostgresServer, None, None]:
    """Run a server with its data in the folder, and leave the data there."""
    installed = programs()
    if installed is None:
        raise LookupError("No PostgreSQL server is installed on this machine.")
    server = PostgresServer(installed, folder)
    if not (folder / "data").exists():
        folder.mkdir(parents=True, exist_ok=True)
        _let_in(folder)
        server.create()
    server.start(**_SERVER)
    try:
        yield server
    finally:
        server.stop()


def _let_in(folder: Path) -> None:
    """Give the folder to the server, which refuses to be root, and let it pass through temporary folders above."""
    if os.geteuid() == 0:
        shutil.chown(folder, "nobody")
        for above in folder.parents:
            if above.is_relative_to(tempfile.gettempdir()):
                above.chmod(above.stat().st_mode | 0o011)
