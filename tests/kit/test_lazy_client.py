"""A client that dials for calls only, so that its owner decides how many come at once to a service that is back."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from backline.search.v1 import search_pb2 as pb
from services.kit.errors import Unavailable
from services.kit.grpc.client import Client
from tests.kit.test_grpc import SUGGEST, client, spread, toy


class Door:
    """Somebody who listens, and knows how often it was knocked."""

    def __init__(self, port: int = 0) -> None:
        self.port, self.knocked, self._first = port, 0, asyncio.Event()

    @asynccontextmanager
    async def listening(self) -> AsyncGenerator[None, None]:
        """Listen for as long as the block lasts."""

        async def knock(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self.knocked += 1
            self._first.set()
            writer.close()

        async with await asyncio.start_server(knock, "127.0.0.1", self.port) as server:
            self.port = server.sockets[0].getsockname()[1]
            yield

    async def was_knocked(self) -> None:
        """Wait for the first time."""
        await self._first.wait()

    @property
    def address(self) -> str:
        """Return where it listens."""
        return f"127.0.0.1:{self.port}"


async def _fail(caller: Client) -> None:
    with pytest.raises(Unavailable):
        await caller.call(SUGGEST, pb.SuggestRequest(), 5)


async def test_a_lazy_client_dials_for_a_call_and_not_before() -> None:
    """An eager client connects at once, a lazy one leaves the service in peace until it wants something."""
    eager, lazy = Door(), Door()
    async with eager.listening(), lazy.listening(), client(lazy.address, lazy=True) as caller:
        async with client(eager.address):
            await eager.was_knocked()
        assert lazy.knocked == 0
        await _fail(caller)
        assert lazy.knocked > 0


async def test_a_lazy_client_that_hung_up_does_not_dial_by_itself() -> None:
    """When a service is back, an eager client is there at once, a lazy one only when its owner says so."""
    eager, lazy = Door(), Door()
    async with eager.listening(), lazy.listening():
        pass
    async with client(eager.address) as keen, client(lazy.address, lazy=True) as caller:
        await _fail(keen)
        await _fail(caller)
        await caller.hang_up()
        async with eager.listening(), lazy.listening():
            await eager.was_knocked()
            assert lazy.knocked == 0
            await _fail(caller)
            assert lazy.knocked > 0


async def test_a_lazy_client_uses_its_endpoints_in_turn() -> None:
    """Laziness is about when to dial, not whom."""
    async with toy() as one, toy() as two, client(f"{one.address},{two.address}", lazy=True) as caller:
        await spread(caller, 4)
        assert (one.count("Suggest", "OK"), two.count("Suggest", "OK")) == (2, 2)
