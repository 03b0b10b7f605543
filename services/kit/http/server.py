"""The one HTTP listener: uvicorn on a socket of ours, stopped by whoever opened it and not by signals of its own."""

import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import uvicorn

from services.kit import ports
from services.kit.http.asgi import App
from services.kit.lifecycle import background


@asynccontextmanager
async def open_http_server(app: App, listener: socket.socket, grace_s: float) -> AsyncGenerator[str, None]:
    """Serve the application on the socket and give its address; at the end requests under way get their grace."""
    config = uvicorn.Config(
        app,
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # nobody here asks for a caller's address, and anyone could write these
        timeout_keep_alive=30,
        timeout_graceful_shutdown=max(1, round(grace_s)),
    )
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    host, port = listener.getsockname()[:2]
    # Not `serve`, which would take over the process's signals: whoever opened the server closes it.
    await server.startup(sockets=[listener])
    try:
        async with background(server.main_loop()):
            yield ports.address(host, port)
    finally:
        await server.shutdown(sockets=[listener])
