"""Brings a schema's tables up to date, one process at a time."""

from psycopg.sql import SQL, Composed, Identifier

from services.kit.errors import Invalid
from services.kit.migrations import Migration, pending
from services.kit.postgres.connections import Connection
from services.kit.postgres.failures import Place
from services.kit.postgres.schema import Schema

_LOCK = "SELECT pg_advisory_lock(hashtext(%s))"
"""Held until the connection is closed."""
_LOOK = """
SELECT to_regclass(%(table)s) IS NOT NULL,
    EXISTS (SELECT FROM pg_class WHERE relnamespace = to_regnamespace(%(schema)s)),
    to_regnamespace(%(schema)s) IS NOT NULL,
    getdatabaseencoding()
"""
_CREATE = SQL("CREATE SCHEMA {schema}")
_BEGIN = SQL("""
CREATE TABLE {schema}.migration (
    number integer PRIMARY KEY,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)
""")
_APPLIED = SQL("SELECT number, checksum FROM {schema}.migration ORDER BY number")
_RECORD = SQL("INSERT INTO {schema}.migration (number, name, checksum) VALUES (%s, %s, %s)")


async def migrate(connection: Connection, place: Place) -> None:
    """Run what is still to be run, each step in a transaction of its own, while other processes wait.

    A database that is up to date is not written to. Raises Invalid for one whose tables are not of this version.
    """
    schema = place.schema
    await connection.execute(_LOCK, (f"backline {schema.name} migrations",))
    for step in pending(schema.steps(), await _applied(connection, place), place.name):
        await _run(connection, schema, step)


async def _applied(connection: Connection, place: Place) -> dict[int, str]:
    """Return the checksums of the steps that were run, by number, having prepared a new database for the first."""
    schema = place.schema
    names = {"table": f"{schema.name}.migration", "schema": schema.name}
    found = await (await connection.execute(_LOOK, names)).fetchone()
    assert found is not None  # noqa: S101 - it always has one row
    is_ours, has_tables, has_schema, encoding = found
    if is_ours:
        rows = await connection.execute(_named(_APPLIED, schema))
        return dict(await rows.fetchall())
    if has_tables:
        raise Invalid(f"{place.name} has a schema `{schema.name}` that is another program's; name another database.")
    if encoding != "UTF8":
        raise Invalid(f"{place.name} holds texts in {encoding}; create it with the encoding UTF8.")
    async with connection.transaction():
        if not has_schema:
            await connection.execute(_named(_CREATE, schema))
        await connection.execute(_named(_BEGIN, schema))
    return {}


async def _run(connection: Connection, schema: Schema, step: Migration) -> None:
    async with connection.transaction():
        # Several statements at once, which cannot be prepared; the text is a file of ours.
        await connection.execute(step.sql.encode(), prepare=False)
        await connection.execute(_named(_RECORD, schema), (step.number, step.name, step.checksum))


def _named(statement: SQL, schema: Schema) -> Composed:
    return statement.format(schema=Identifier(schema.name))
