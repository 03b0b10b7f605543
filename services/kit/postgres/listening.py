"""Hears what is notified in a database, on a connection of its own, which is made again when it is lost.

What is notified while there is none is never heard, so that every call-back is made once when there is one again. Who
must not wait for that asks the database now and then all the same.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress

import psycopg
from psycopg.sql import SQL, Identifier

from services.kit.postgres.connections import Connection, Connector

ANSWER_S = 5.0
"""How long the database may take for what needs no work."""
QUIET_S = 5.0
"""After so long a silence the connection is tried: one whose other end vanished would stay silent for ever."""
AGAIN_S = 0.1
"""Before a lost connection is made again; the connector waits longer where that fails again and again."""

_LISTEN = SQL("LISTEN {}")


async def listen(connector: Connector, heard: Mapping[str, Callable[[], None]]) -> None:
    """Make the channel's call for each notification until cancelled, through all failures of the database."""
    while True:
        with suppress(psycopg.Error, TimeoutError):
            await _listen_once(connector, heard)
        await asyncio.sleep(AGAIN_S)


async def _listen_once(connector: Connector, heard: Mapping[str, Callable[[], None]]) -> None:
    async with asyncio.timeout(ANSWER_S):
        connection = await connector.connect()
    try:
        async with asyncio.timeout(ANSWER_S):
            for channel in heard:
                await connection.execute(_LISTEN.format(Identifier(channel)))
        for call in heard.values():
            call()
        while True:
            await _hear(connection, heard)
    finally:
        await connection.close()


async def _hear(connection: Connection, heard: Mapping[str, Callable[[], None]]) -> None:
    """Hear what comes for a while, and see whether the connection still lives."""
    async for notification in connection.notifies(timeout=QUIET_S):
        heard[notification.channel]()
    async with asyncio.timeout(ANSWER_S):
        await connection.execute("SELECT 1")
