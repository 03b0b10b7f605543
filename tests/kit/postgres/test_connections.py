"""Connections to a database: none is left behind by a caller who leaves."""

import asyncio
import gc
from collections.abc import Callable

from services.kit.clock import SystemClock
from services.kit.settings import Secret
from tests.postgres_server import found, shared


async def test_a_connection_whose_caller_leaves_is_closed(require: Callable[[str, bool], None]) -> None:
    """At whatever moment of its making its caller is cancelled, nothing of it stays open."""
    require("postgres", found())
    from services.kit.postgres.connections import Connector  # noqa: PLC0415 - imports psycopg

    loop = asyncio.get_running_loop()
    with shared().database() as database:
        connector = Connector(Secret(database.url), "test", SystemClock())
        began = loop.time()
        await (await connector.connect()).close()
        takes_s = loop.time() - began
        for part in range(60):
            async with asyncio.TaskGroup() as group:
                making = group.create_task(connector.connect())
                await asyncio.sleep(takes_s * part / 50)
                making.cancel()
            if not making.cancelled():
                await making.result().close()
    del making
    gc.collect()  # what was left open complains when it goes, and that fails the test
