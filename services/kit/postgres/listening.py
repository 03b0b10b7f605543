"""Hears what is notified in a database, on a connection of its own, which is made again when it is lost.

What is notified while there is none is never heard, so that every call-back is made once when there is one again. Who
must not wait for that asks the database now and then all the same.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress

import psycopg
from psycopg.sql import SQL, Identifier

from services.kit.postgres.connections import Connection, Connector

OPEN_S = 5.0
"""How long the database may take until it listens."""
AGAIN_S = 0.1
"""Before a lost connection is made again; the connector waits longer where that fails again and again."""

_LISTEN = SQL("LISTEN {}")


async def listen(connector: Connector, heard: Mapping[str, Callable[[], None]]) -> None:
    """Make the channel's call for each notification until cancelled, through all failures of the database."""
    while True:
        with suppress(psycopg.Error, TimeoutError):
            async with _listening(connector, heard) as connection:
                for call in heard.values():
                    call()
                async for notification in connection.notifies():
                    heard[notification.channel]()
        await asyncio.sleep(AGAIN_S)


@asynccontextmanager
async def _listening(connector: Connector, channels: Iterable[str]) -> AsyncGenerator[Connection, None]:
    """Give a connection that listens to the channels."""
    async with asyncio.timeout(OPEN_S):
        connection = await connector.connect()
    try:
        async with asyncio.timeout(OPEN_S):
            for channel in channels:
                await connection.execute(_LISTEN.format(Identifier(channel)))
        yield connection
    finally:
        await connection.close()
