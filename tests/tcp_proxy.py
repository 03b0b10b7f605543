"""A TCP proxy in front of a server, which holds up or swallows what passes, as a broken network does."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

_PIECE_BYTES = 65_536


@dataclass
class Proxy:
    """What passes between clients and one server."""

    host: str
    port: int
    """Of the server."""
    delay_s: float = 0.0
    """How long each piece of the server's is held up."""
    connections: int = 0
    """How many were made so far."""
    address: str = ""
    """Where it listens."""
    _swallowed: int = 0
    _passing: set[asyncio.Task[None]] = field(default_factory=set)

    def swallow(self) -> None:
        """Let nothing more through on the connections that there are; both ends go on taking them for whole."""
        self._swallowed = self.connections

    async def take(self, reader: StreamReader, writer: StreamWriter) -> None:
        """Pass on what comes on one connection."""
        self.connections += 1
        number = self.connections
        there, back = await asyncio.open_connection(self.host, self.port)
        task = asyncio.current_task()
        self._passing |= {task} if task else set()
        try:
            await asyncio.gather(self._pump(number, reader, back, 0.0), self._pump(number, there, writer, self.delay_s))
        finally:
            await asyncio.gather(*map(_closed, (writer, back)))

    async def _pump(self, number: int, source: StreamReader, sink: StreamWriter, delay_s: float) -> None:
        with suppress(OSError):
            while data := await source.read(_PIECE_BYTES):
                await asyncio.sleep(delay_s)
                if number > self._swallowed:
                    sink.write(data)
                    await sink.drain()
        if number > self._swallowed:
            sink.close()

    async def end(self) -> None:
        """Break off all connections."""
        for task in self._passing:
            task.cancel()
        await asyncio.gather(*self._passing, return_exceptions=True)


async def _closed(writer: StreamWriter) -> None:
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


@asynccontextmanager
async def proxied(address: str, delay_s: float = 0.0) -> AsyncGenerator[Proxy, None]:
    """Run a proxy in front of the server at the address for the block."""
    host, _, port = address.rpartition(":")
    proxy = Proxy(host, int(port), delay_s)
    server = await asyncio.start_server(proxy.take, "127.0.0.1", 0)
    async with server:
        proxy.address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield proxy
        finally:
            await proxy.end()
