"""grpc.aio as its own documentation shows it: a server that answers stored bytes, a call that parses them."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import grpc

from backline.search.v1 import search_pb2 as pb

SERVICE, METHOD = "backline.search.v1.SearchService", "Search"
PATH = f"/{SERVICE}/{METHOD}"

Call: TypeAlias = Callable[[pb.SearchRequest], Awaitable[pb.SearchResponse]]


@asynccontextmanager
async def open_bare_server(answer: Callable[[pb.SearchRequest], Awaitable[bytes]]) -> AsyncGenerator[str, None]:
    """Serve what the handler answers, registered as generated code registers it, and give the address."""

    async def serve(request: pb.SearchRequest, _context: object) -> bytes:
        return await answer(request)

    make: Any = grpc.unary_unary_rpc_method_handler  # the stubs know only the synchronous handlers
    handlers = {METHOD: make(serve, request_deserializer=pb.SearchRequest.FromString)}
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))
    server.add_registered_method_handlers(SERVICE, handlers)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await server.stop(grace=1)


@asynccontextmanager
async def open_bare_call(address: str, limit_s: float) -> AsyncGenerator[Call, None]:
    """Give a call that parses its answer, on a channel with default options."""
    async with grpc.aio.insecure_channel(address) as channel:
        send = channel.unary_unary(
            PATH,
            request_serializer=pb.SearchRequest.SerializeToString,
            response_deserializer=pb.SearchResponse.FromString,
        )

        async def call(request: pb.SearchRequest) -> pb.SearchResponse:
            return await send(request, timeout=limit_s)

        yield call
