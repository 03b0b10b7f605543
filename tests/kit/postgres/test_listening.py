"""Who listens to a database hears all that is notified, or else is told that something may have been missed."""

import asyncio
from collections.abc import Callable, Generator
from functools import partial

import pytest

from services.kit.clock import SystemClock
from services.kit.lifecycle import background
from services.kit.settings import Secret
from tests.postgres_server import Database, found, shared


@pytest.fixture
def database(require: Callable[[str, bool], None]) -> Generator[Database, None, None]:
    """Return an empty database of a real server."""
    require("postgres", found())
    with shared().database() as made:
        yield made


async def test_each_channel_has_its_call(database: Database) -> None:
    """Every call is made once when listening begins, and then for what its own channel hears."""
    from services.kit.postgres.connections import Connector  # noqa: PLC0415 - imports psycopg
    from services.kit.postgres.listening import listen  # noqa: PLC0415 - imports psycopg

    heard: asyncio.Queue[str] = asyncio.Queue()
    calls = {name: partial(heard.put_nowait, name) for name in ("one", "An other")}
    async with background(listen(Connector(Secret(database.url), "test", SystemClock()), calls)):
        assert [await heard.get(), await heard.get()] == ["one", "An other"]
        await asyncio.to_thread(database.execute, 'NOTIFY "An other"; NOTIFY unheard; NOTIFY one')
        assert [await heard.get(), await heard.get()] == ["An other", "one"]
    assert heard.empty()
