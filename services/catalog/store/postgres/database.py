"""Brings the database's tables up to date, one process at a time."""

from services.catalog.store.migrations import Migration, migrations, pending
from services.catalog.store.postgres.connections import Connection
from services.kit.errors import Invalid

_LOCK = "SELECT pg_advisory_lock(hashtext('backline catalog migrations'))"
"""Held until the connection is closed."""
_LOOK = """
SELECT to_regclass('catalog.migration') IS NOT NULL,
    EXISTS (SELECT FROM pg_class WHERE relnamespace = to_regnamespace('catalog')),
    to_regnamespace('catalog') IS NOT NULL,
    getdatabaseencoding()
"""
_BEGIN = """
CREATE TABLE catalog.migration (
    number integer PRIMARY KEY,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)
"""
_RECORD = "INSERT INTO catalog.migration (number, name, checksum) VALUES (%s, %s, %s)"


async def migrate(connection: Connection, place: str) -> None:
    """Run what is still to be run, each step in a transaction of its own, while other processes wait.

    A database that is up to date is not written to. Raises Invalid for one that is not a catalogue of this version.
    """
    await connection.execute(_LOCK)
    for step in pending(migrations("postgres"), await _applied(connection, place), place):
        await _run(connection, step)


async def is_begun(connection: Connection) -> bool:
    """Whether the database has a catalogue's tables, of whatever version."""
    found = await (await connection.execute("SELECT to_regclass('catalog.state') IS NOT NULL")).fetchone()
    return found is not None and bool(found[0])


async def _applied(connection: Connection, place: str) -> dict[int, str]:
    """Return the checksums of the steps that were run, by number, having prepared a new database for the first."""
    found = await (await connection.execute(_LOOK)).fetchone()
    assert found is not None  # noqa: S101 - it always has one row
    is_ours, has_tables, has_schema, encoding = found
    if is_ours:
        rows = await connection.execute("SELECT number, checksum FROM catalog.migration ORDER BY number")
        return dict(await rows.fetchall())
    if has_tables:
        raise Invalid(f"{place} has a schema `catalog` that is another program's; name another database.")
    if encoding != "UTF8":
        raise Invalid(f"{place} holds texts in {encoding}; create it with the encoding UTF8.")
    async with connection.transaction():
        if not has_schema:
            await connection.execute("CREATE SCHEMA catalog")
        await connection.execute(_BEGIN)
    return {}


async def _run(connection: Connection, step: Migration) -> None:
    async with connection.transaction():
        # Several statements at once, which cannot be prepared; the text is a file of ours.
        await connection.execute(step.sql.encode(), prepare=False)
        await connection.execute(_RECORD, (step.number, step.name, step.checksum))
