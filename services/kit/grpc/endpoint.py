"""One address of a target: its channel, and whether it says that it serves."""

import asyncio
from typing import Any

import grpc
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse

from services.kit.errors import Exhausted, TooLate
from services.kit.grpc.rpc import MESSAGE_BOUND_BYTES, Rpc

_WATCH: Rpc[HealthCheckRequest, HealthCheckResponse] = Rpc(
    "grpc.health.v1.Health", "Watch", HealthCheckRequest, HealthCheckResponse
)
_REDIAL_S = 0.1

_OPTIONS = [
    ("grpc.initial_reconnect_backoff_ms", 100),  # by default a second to two minutes: a restart would outlast it
    (
        "grpc.min_reconnect_backoff_ms",
        1_000,
    ),  # how long a dial may take: on a busy machine more than the pause after it
    ("grpc.max_reconnect_backoff_ms", 1_000),
    ("grpc.enable_http_proxy", 0),  # a proxy of the environment's is for the world outside, not for our own services
    ("grpc.enable_retries", 0),  # what is tried again is decided in one place, and that is not C-core
    ("grpc.use_local_subchannel_pool", 1),  # one connection per channel, not one per process
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.max_receive_message_length", MESSAGE_BOUND_BYTES),
    ("grpc.max_send_message_length", MESSAGE_BOUND_BYTES),
]


IN_FLIGHT = 64
WAITING = 256
"""Calls to one endpoint, under way and waiting. A server takes a hundred streams from a connection and refuses more."""


class Endpoint:
    """A channel to one address. `serving` is what its health service last said, None until it said anything."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.serving: bool | None = None
        self._channel = self._dialled()
        self._callables: dict[str, Any] = {}
        self._slots, self._waiting = asyncio.Semaphore(IN_FLIGHT), 0

    def _dialled(self) -> grpc.aio.Channel:
        """Return a channel, which connects when it is used first."""
        return grpc.aio.insecure_channel(self.address, options=_OPTIONS)

    async def hang_up(self) -> None:
        """Give up the connection, and what is under way on it."""
        given_up, self._channel = self._channel, self._dialled()
        self._callables.clear()
        await given_up.close()

    async def take_slot(self, time_s: float) -> None:
        """Take a place among the calls under way; `free_slot` gives it back.

        Raises Exhausted where too many wait already, TooLate where none became free in time.
        """
        if self._waiting >= WAITING:
            raise Exhausted("Too many calls wait for this service.")
        if not self._slots.locked():
            await self._slots.acquire()
            return
        self._waiting += 1
        try:
            async with asyncio.timeout(time_s):
                await self._slots.acquire()
        except TimeoutError:
            raise TooLate("The service was busy for too long.") from None
        finally:
            self._waiting -= 1

    def free_slot(self) -> None:
        """Give the place back."""
        self._slots.release()

    def unary(self, rpc: Rpc[Any, Any]) -> Any:  # noqa: ANN401 - grpc.aio's callables; Client gives them their types
        """Return the callable for one request and one answer."""
        return self._callable(rpc, self._channel.unary_unary)

    def download(self, rpc: Rpc[Any, Any]) -> Any:  # noqa: ANN401 - as unary
        """Return the callable for one request and a stream of answers."""
        return self._callable(rpc, self._channel.unary_stream)

    def upload(self, rpc: Rpc[Any, Any]) -> Any:  # noqa: ANN401 - as unary
        """Return the callable for a stream of requests and one answer."""
        return self._callable(rpc, self._channel.stream_unary)

    def duplex(self, rpc: Rpc[Any, Any]) -> Any:  # noqa: ANN401 - as unary
        """Return the callable for a stream of requests and a stream of answers."""
        return self._callable(rpc, self._channel.stream_stream)

    def _callable(self, rpc: Rpc[Any, Any], make: Any) -> Any:  # noqa: ANN401 - as unary
        found = self._callables.get(rpc.path)
        if found is None:
            found = make(
                rpc.path,
                request_serializer=rpc.request.SerializeToString,
                response_deserializer=rpc.response.FromString,
            )
            self._callables[rpc.path] = found
        return found

    async def follow(self) -> None:
        """Keep `serving` true to the endpoint's health service, for as long as the endpoint is used.

        A server without that service is taken to serve whenever it can be reached.
        """
        while True:
            try:
                async for answer in self.download(_WATCH)(HealthCheckRequest(), wait_for_ready=True):
                    self.serving = answer.status == HealthCheckResponse.SERVING
                self.serving = False
            except grpc.aio.AioRpcError as error:
                self.serving = error.code() is grpc.StatusCode.UNIMPLEMENTED
            await asyncio.sleep(_REDIAL_S)

    async def close(self, grace_s: float | None = None) -> None:
        """Close the channel; calls on it are ended, after the grace where one is given."""
        await self._channel.close(grace_s)
