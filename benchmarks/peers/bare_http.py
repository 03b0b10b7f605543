"""Starlette on uvicorn: a route that answers stored bytes, and one that makes calls when it is told to."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

LOOK_AGAIN_S = 0.01
IDLE_S = 600
"""Longer than a round of all other sides on a busy machine: a connection that is closed would end the benchmark."""


@asynccontextmanager
async def open_bare_http(app: Starlette) -> AsyncGenerator[str, None]:
    """Serve the application as uvicorn does by itself, only without a line for each request, and give the address."""
    config = uvicorn.Config(
        app,
        port=0,
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
        timeout_keep_alive=IDLE_S,
    )
    server = uvicorn.Server(config)
    async with asyncio.TaskGroup() as group:
        group.create_task(server.serve())
        while not server.started:  # noqa: ASYNC110 - it says so by a flag and nothing else
            await asyncio.sleep(LOOK_AGAIN_S)
        host, port = server.servers[0].sockets[0].getsockname()
        try:
            yield f"{host}:{port}"
        finally:
            server.should_exit = True


def answering_app(path: str, body: bytes) -> Starlette:
    """Return an application that answers the bytes at the path."""

    async def answer(_request: Request) -> Response:
        return Response(body, media_type="application/json")

    return Starlette(routes=[Route(path, answer)])


def calling_app(path: str, call: Callable[[int], Awaitable[None]]) -> Starlette:
    """Return an application that makes as many calls as the last part of the address says, and then answers."""

    async def answer(request: Request) -> Response:
        await call(request.path_params["calls"])
        return Response()

    return Starlette(routes=[Route(f"{path}/{{calls:int}}", answer)])
