"""The one HTTP listener: uvicorn on a socket of ours, stopped by whoever opened it and not by signals of its own."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from typing import cast

import uvicorn

from services.kit import ports
from services.kit.clock import Clock
from services.kit.http.asgi import App
from services.kit.http.bounds import Bounds, OnRefused, unnoticed
from services.kit.http.protocol import BoundedProtocol
from services.kit.lifecycle import background

_SWEEP_S = 1.0
_OPERATIONS = Bounds()


@asynccontextmanager
async def open_http_server(
    app: App,
    listener: socket.socket,
    grace_s: float,
    clock: Clock,
    bounds: Bounds = _OPERATIONS,
    on_refused: OnRefused = unnoticed,
) -> AsyncGenerator[str, None]:
    """Serve the application on the socket and give its address; at the end requests under way get their grace."""
    protocol = partial(BoundedProtocol, bounds=bounds, clock=clock, on_refused=on_refused)
    config = uvicorn.Config(
        app,
        http=cast("type[asyncio.Protocol]", protocol),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # nobody here asks for a caller's address, and anyone could write these
        timeout_graceful_shutdown=max(1, round(grace_s)),
    )
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    host, port = listener.getsockname()[:2]
    async with background(_sweep(server, clock, bounds)):
        # Not `serve`, which would take over the process's signals: whoever opened the server closes it.
        await server.startup(sockets=[listener])
        try:
            async with background(server.main_loop()):
                yield ports.address(host, port)
        finally:
            await server.shutdown(sockets=[listener])


async def _sweep(server: uvicorn.Server, clock: Clock, bounds: Bounds) -> None:
    """End connections whose senders are late, until cancelled."""
    while True:
        await asyncio.sleep(min(_SWEEP_S, bounds.send_s, bounds.idle_s))
        now = clock.monotonic()
        for connection in list(server.server_state.connections):
            cast("BoundedProtocol", connection).sweep(now)
