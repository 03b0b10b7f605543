"""Starlette routes: one that answers stored bytes, one that makes calls when it is told to."""

from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


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
