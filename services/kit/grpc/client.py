"""The one gRPC client: a channel for each endpoint, health followed, endpoints used in turn, one table of errors.

Every call carries the request context and gets `min(own limit, what the request has left - 20 ms)`.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import grpc

from services.kit.admin import bearer
from services.kit.clock import Clock
from services.kit.context import current, hop_time_s
from services.kit.errors import Unavailable
from services.kit.grpc.endpoint import IN_FLIGHT, Endpoint
from services.kit.grpc.endpoints import Resolve, resolver
from services.kit.grpc.metadata import to_entry
from services.kit.grpc.rpc import Request, Response, Rpc
from services.kit.grpc.status import DETAILS_KEY, failure_of
from services.kit.instruments import BoundCounter
from services.kit.lifecycle import background
from services.kit.resilience.budget import Budget
from services.kit.signals import ClientSignals
from services.kit.telemetry import Telemetry

_RESOLVE_S = 1.0
_FAREWELL_S = 30.0
"""How long calls to an endpoint that is no longer listed may still take."""


class Pool:
    """The endpoints of one target, kept up to date, used in turn.

    They are connected to at once and asked whether they serve, or where the pool is lazy only once there is a call.
    """

    def __init__(self, resolve: Resolve, *, lazy: bool = False) -> None:
        self._resolve, self._lazy, self._turn = resolve, lazy, 0
        self._endpoints: dict[str, Endpoint] = {}
        self._following: dict[str, asyncio.Task[None]] = {}
        self._looked_up = asyncio.Event()

    @property
    def serving(self) -> int:
        """How many endpoints say that they serve."""
        return sum(endpoint.serving is True for endpoint in self._endpoints.values())

    def pick(self, besides: Endpoint | None = None) -> Endpoint | None:
        """Return the next endpoint that serves; if none says so the next of all, since that may be old news.

        None where no endpoint is known, or none besides that one.
        """
        known = [endpoint for endpoint in self._endpoints.values() if endpoint is not besides]
        usable = [endpoint for endpoint in known if endpoint.serving] or known
        self._turn += 1
        return usable[self._turn % len(usable)] if usable else None

    async def _refresh(self, group: asyncio.TaskGroup) -> None:
        """Take up new addresses and drop those that are gone; keep what is known where nobody can say."""
        try:
            wanted = await self._resolve()
        except OSError:
            return
        for address in wanted - self._endpoints.keys():
            endpoint = self._endpoints[address] = Endpoint(address)
            if not self._lazy:
                self._following[address] = group.create_task(endpoint.follow())
        for address in self._endpoints.keys() - wanted:
            if following := self._following.pop(address, None):
                following.cancel()
            group.create_task(self._endpoints.pop(address).close(_FAREWELL_S))

    async def hang_up(self) -> None:
        """Give up all connections."""
        await asyncio.gather(*(endpoint.hang_up() for endpoint in self._endpoints.values()))

    async def resolved(self) -> None:
        """Wait until the target was looked up for the first time, found or not."""
        await self._looked_up.wait()

    async def follow(self) -> None:
        """Refresh every second until cancelled, then close all channels."""
        try:
            async with asyncio.TaskGroup() as group:
                while True:
                    await self._refresh(group)
                    self._looked_up.set()
                    await asyncio.sleep(_RESOLVE_S)
        finally:
            for endpoint in self._endpoints.values():
                await endpoint.close()


class Client:
    """Calls one target. Every method raises the kit's failures, never gRPC's."""

    def __init__(self, target: str, pool: Pool, clock: Clock, count: "_Count", token: str = "") -> None:
        self._target, self._pool, self._clock, self._count = target, pool, clock, count
        self._token = [bearer(token)] if token else []
        # What may fail together, when an endpoint dies, is what it has in flight.
        self._budget = Budget(IN_FLIGHT)

    def answers(self) -> bool:
        """Whether any endpoint says that it serves."""
        return self._pool.serving > 0

    async def call(self, rpc: Rpc[Request, Response], request: Request, limit_s: float) -> Response:
        """Send one request and return its answer; a read that an endpoint fails to answer is asked of another, once."""
        now = self._clock.monotonic()
        until, endpoint = now + hop_time_s(limit_s, now), self._picked()
        self._budget.earn()
        try:
            return await self._attempt(endpoint, rpc, request, until)
        except Unavailable:
            other = self._pool.pick(besides=endpoint) if rpc.repeatable else None
            if other is None or not self._budget.spend():
                raise
        self._count.retries.inc()
        return await self._attempt(other, rpc, request, until)

    async def _attempt(
        self, endpoint: Endpoint, rpc: Rpc[Request, Response], request: Request, until: float
    ) -> Response:
        await endpoint.take_slot(until - self._clock.monotonic())
        try:
            with self._failures(rpc.name):
                left_s = until - self._clock.monotonic()
                answer: Response = await endpoint.unary(rpc)(request, timeout=left_s, metadata=self._entries())
                return answer
        finally:
            endpoint.free_slot()

    def _picked(self) -> Endpoint:
        endpoint = self._pool.pick()
        if endpoint is None:
            raise Unavailable(f"No address of {self._target} is known.")
        return endpoint

    async def download(
        self, rpc: Rpc[Request, Response], request: Request, limit_s: float
    ) -> AsyncGenerator[Response, None]:
        """Send one request and yield the answers; the limit holds for the whole stream."""
        time_s = hop_time_s(limit_s, self._clock.monotonic())
        with self._failures(rpc.name):
            stream = self._picked().download(rpc)(request, timeout=time_s, metadata=self._entries())
            with _broken_off_at_end(stream):
                async for answer in stream:
                    yield answer

    async def duplex(
        self, rpc: Rpc[Request, Response], requests: AsyncIterator[Request], limit_s: float
    ) -> AsyncGenerator[Response, None]:
        """Send a stream of requests and yield the answers as they come; the limit holds for both streams.

        What iterating over the requests raises ends the call and is raised here.
        """
        time_s = hop_time_s(limit_s, self._clock.monotonic())
        with self._failures(rpc.name):
            stream = self._picked().duplex(rpc)(timeout=time_s, metadata=self._entries())
            with _broken_off_at_end(stream):
                async with _sent_meanwhile(stream, requests):
                    while (answer := await stream.read()) is not grpc.aio.EOF:
                        yield answer

    async def hang_up(self) -> None:
        """Give up all connections and what is under way on them; the next call dials anew."""
        await self._pool.hang_up()

    async def upload(
        self, rpc: Rpc[Request, Response], requests: AsyncIterator[Request] | Iterable[Request], limit_s: float
    ) -> Response:
        """Send a stream of requests and return the one answer; the limit holds for the whole stream."""
        time_s = hop_time_s(limit_s, self._clock.monotonic())
        with self._failures(rpc.name):
            answer: Response = await self._picked().upload(rpc)(requests, timeout=time_s, metadata=self._entries())
            return answer

    def _entries(self) -> list[tuple[str, str | bytes]]:
        request = current()
        context = [to_entry(request)] if request else []
        return [*context, *self._token]

    @contextmanager
    def _failures(self, method: str) -> Iterator[None]:
        try:
            yield
        except grpc.aio.AioRpcError as error:
            self._count(method, error.code())
            details = dict(error.trailing_metadata() or ()).get(DETAILS_KEY)
            shown = details if isinstance(details, bytes) else None
            raise failure_of(error.code(), error.details() or "", shown) from error
        except asyncio.CancelledError as error:
            # grpc.aio says so too for a call whose channel was closed, which nobody here asked to cancel.
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            self._count(method, grpc.StatusCode.UNAVAILABLE)
            raise Unavailable(f"{self._target} was taken off the list during the call.") from error
        self._count(method, grpc.StatusCode.OK)


@contextmanager
def _broken_off_at_end(stream: "grpc.aio.Call") -> Iterator[None]:
    """Leave no stream open that nobody reads any more."""
    try:
        yield
    finally:
        stream.cancel()


@asynccontextmanager
async def _sent_meanwhile(
    stream: "grpc.aio.StreamStreamCall[Any, Any]", requests: AsyncIterator[Any]
) -> AsyncGenerator[None, None]:
    """Send the requests beside the block, and no more of them once it ends.

    grpc.aio can take an iterator itself, but it goes on waiting for the next request of a call that is over, for good.
    """
    sending = asyncio.get_running_loop().create_task(_send(stream, requests))
    try:
        yield
    finally:
        sending.cancel()
        await asyncio.wait([sending])
        if not sending.cancelled():
            sending.result()


async def _send(stream: "grpc.aio.StreamStreamCall[Any, Any]", requests: AsyncIterator[Any]) -> None:
    try:
        async for request in requests:
            try:
                await stream.write(request)
            except (grpc.aio.AioRpcError, asyncio.InvalidStateError):
                return  # the call is over; whoever reads its answers learns why
        await stream.done_writing()
    except Exception:
        stream.cancel()
        raise


class _Count:
    """Counts retries, and calls by method and code, each child bound on its first use."""

    def __init__(self, target: str, telemetry: Telemetry, signals: ClientSignals) -> None:
        self._target, self._telemetry, self._signals = target, telemetry, signals
        self.retries = telemetry.counter(signals.retries, target=target)
        self._bound: dict[tuple[str, grpc.StatusCode], BoundCounter] = {}

    def __call__(self, method: str, code: grpc.StatusCode) -> None:
        counter = self._bound.get((method, code))
        if counter is None:
            labels = {"target": self._target, "method": method, "code": code.name}
            counter = self._bound[method, code] = self._telemetry.counter(self._signals.calls, **labels)
        counter.inc()


@asynccontextmanager
async def open_client(
    target: str,
    addresses: str,
    telemetry: Telemetry,
    signals: ClientSignals,
    clock: Clock,
    token: str = "",
    *,
    lazy: bool = False,
) -> AsyncGenerator[Client, None]:
    """Give a client of the target that follows its addresses (see kit.grpc.endpoints) until the block ends.

    A lazy one dials for a call and never by itself, so that its owner decides how many come at once to a service that
    is back; it does not know who serves. Where a dial fails it has to hang up: C-core goes on dialling by itself.
    """
    pool = Pool(resolver(addresses), lazy=lazy)
    if not lazy:
        telemetry.gauge(signals.endpoints, target=target).set_function(lambda: pool.serving)
    async with background(pool.follow()):
        await pool.resolved()
        yield Client(target, pool, clock, _Count(target, telemetry, signals), token)
