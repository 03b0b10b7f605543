"""The one interceptor: what happens around every call that a server takes, whatever the method does.

Deadline, context, admin token, span, in-flight count, latency by method, count by code, a log line for each failure,
and the table from failures to status. It wraps handlers over raw bytes, so a request that does not parse is our
INVALID_ARGUMENT and not grpc.aio's UNKNOWN.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AbstractContextManager, aclosing
from dataclasses import dataclass, field
from math import inf
from types import TracebackType
from typing import Any, Self, TypeAlias

import grpc
from google.protobuf.message import DecodeError, Message

from services.kit.admin import shows
from services.kit.clock import Clock
from services.kit.context import LEAST_S, enter
from services.kit.errors import Denied, Failure, Internal, Invalid, TooLate
from services.kit.grpc.metadata import AUTHORIZATION_KEY, from_entries
from services.kit.grpc.methods import Answer, Method, Shape
from services.kit.grpc.status import CODES, DETAILS_KEY, code_of, details_of
from services.kit.instruments import BoundCounter
from services.kit.settings import Secret
from services.kit.signals import ServerSignals
from services.kit.telemetry import Telemetry

Wire: TypeAlias = "grpc.aio.ServicerContext[bytes, bytes]"

_STALLED_S = 30.0
"""A caller that takes nothing from its stream for so long has left it, whatever it says."""
_ALWAYS_POSSIBLE = (Invalid, TooLate, Internal)


@dataclass(frozen=True, slots=True)
class Rules:
    """What all methods of a server share."""

    telemetry: Telemetry
    signals: ServerSignals
    clock: Clock
    token: Secret
    """The admin's."""
    peers_token: Secret = field(default_factory=Secret)
    """That of our own processes; empty where the admin's alone opens what is theirs."""

    def opening(self, method: Method) -> tuple[Secret, ...]:
        """Return the tokens of which a method wants one; none where anybody may call it."""
        if method.admin:
            return (self.token,)
        return (self.peers_token, self.token) if method.peers else ()


class Calls:
    """All calls of one method, with its instruments bound."""

    def __init__(self, method: Method, rules: Rules) -> None:
        self.method, self.rules, self.now = method, rules, rules.clock.monotonic
        name, telemetry, signals = method.rpc.name, rules.telemetry, rules.signals
        self.path, self.traced, self.limit_s = method.rpc.path, telemetry.tracer is not None, method.limit_s
        self._parse = method.rpc.request.FromString
        self.in_flight = telemetry.gauge(signals.in_flight, method=name)
        self.latency = telemetry.timing(signals.latency, method=name)
        self.opening = rules.opening(method)
        denied = (Denied,) if self.opening else ()
        for code in (
            grpc.StatusCode.CANCELLED,
            *(CODES[failure] for failure in (*_ALWAYS_POSSIBLE, *denied, *method.fails)),
        ):
            self.count(code)
        self.answered = self.count(grpc.StatusCode.OK)

    def count(self, code: grpc.StatusCode) -> BoundCounter:
        """Return the counter of the calls that ended so."""
        return self.rules.telemetry.counter(self.rules.signals.calls, method=self.method.rpc.name, code=code.name)

    def handler(self) -> "grpc.RpcMethodHandler[bytes, bytes]":
        """Return the handler that grpc.aio is given."""
        make, serve = _SHAPES[self.method.shape]
        return make(serve(self))  # type: ignore[no-any-return] # the stubs know only the synchronous handlers

    def unary(self) -> Callable[[bytes, Wire], Any]:
        """Return the handler for one request and one answer."""
        handle = self.method.handle

        async def serve(data: bytes, wire: Wire) -> bytes:
            with Call(self, wire) as call:
                call.admit()
                handling = handle(self.parsed(data))
                answer = await (self._within_limit(handling) if call.limited else handling)
                return answer if isinstance(answer, bytes) else answer.SerializeToString()
            return b""

        return serve

    def download(self) -> Callable[[bytes, Wire], Any]:
        """Return the handler for one request and a stream of answers."""

        async def serve(data: bytes, wire: Wire) -> None:
            with Call(self, wire) as call:
                call.admit()
                await self._write(self.method.handle(self.parsed(data)), wire)

        return serve

    def upload(self) -> Callable[[AsyncIterator[bytes], Wire], Any]:
        """Return the handler for a stream of requests and one answer."""

        async def serve(_parts: AsyncIterator[bytes], wire: Wire) -> bytes:
            with Call(self, wire) as call:
                call.admit()
                async with aclosing(self._read(wire)) as requests:
                    return _sent(await self._within_limit(self.method.handle(requests)))
            return b""

        return serve

    def duplex(self) -> Callable[[AsyncIterator[bytes], Wire], Any]:
        """Return the handler for a stream of requests and a stream of answers."""

        async def serve(_parts: AsyncIterator[bytes], wire: Wire) -> None:
            with Call(self, wire) as call:
                call.admit()
                async with aclosing(self._read(wire)) as requests:
                    await self._write(self.method.handle(requests), wire)

        return serve

    async def _read(self, wire: Wire) -> AsyncGenerator[Message, None]:
        # Reads instead of taking grpc.aio's iterator, which cannot be closed before its end.
        while (part := await wire.read()) is not grpc.aio.EOF:  # type: ignore[comparison-overlap] # the stubs forget it
            yield self.parsed(part)

    async def _write(self, answers: AsyncGenerator[Answer, None], wire: Wire) -> None:
        # Writes instead of yielding: a generator that the caller leaves would be closed in another task's context.
        async with asyncio.timeout(self.limit_s), aclosing(answers):
            async for answer in answers:
                async with asyncio.timeout(_STALLED_S):
                    await wire.write(_sent(answer))

    def parsed(self, data: bytes) -> Message:
        """Return the request. Raises Invalid for bytes that are none."""
        try:
            return self._parse(data)  # type: ignore[no-any-return] # erased in Method
        except DecodeError:
            raise Invalid(f"The request is not a {self.method.rpc.request.DESCRIPTOR.full_name}.") from None

    async def _within_limit(self, answer: Awaitable[Answer]) -> Answer:
        async with asyncio.timeout(self.limit_s):
            return await answer


class Call:
    """One call: counted while it is under way and by how it ends, timed, and answered with a status where it fails.

    A class, and no generator with a decorator, since it surrounds every call.
    """

    __slots__ = ("_calls", "_span", "_started", "_wire", "limited")

    def __init__(self, calls: Calls, wire: Wire) -> None:
        self._calls, self._wire = calls, wire
        self._span: AbstractContextManager[None] | None = None
        self.limited = False
        """Whether the method's own limit comes before the caller's deadline, which grpc.aio itself sees to."""

    def __enter__(self) -> Self:
        self._calls.in_flight.value += 1
        self._started = self._calls.now()
        return self

    def admit(self) -> None:
        """Let the call in, and make its context the current one for as long as its task lasts.

        Raises TooLate where too little time is left, Denied where a token is missing.
        """
        calls, wire = self._calls, self._wire
        left_s, limit_s = wire.time_remaining(), calls.limit_s
        if left_s is None:
            left_s = inf
        if left_s < LEAST_S:
            raise TooLate("Too little time was left when the call arrived.")
        self.limited = limit_s < left_s
        entries = wire.invocation_metadata() or ()
        if calls.opening:
            _check_token(entries, calls.opening, "admin" if calls.method.admin else "peers'")
        context = from_entries(entries, self._started + (limit_s if self.limited else left_s))
        enter(context)
        if calls.traced and context.sampled:
            self._span = calls.rules.telemetry.entered(calls.path, context)
            self._span.__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        """Answer what the block raised as a status; only what is no failure, such as being cancelled, goes further."""
        calls = self._calls
        if self._span:
            self._span.__exit__(kind, error, trace)
        calls.in_flight.value -= 1
        calls.latency.observe(calls.now() - self._started)
        if error is None:
            calls.answered.value += 1
            return False
        if not isinstance(error, Exception):
            calls.count(self._broken_off()).inc()
            return False
        calls.count(self._answer(_failure(error), error)).inc()
        return True

    def _broken_off(self) -> grpc.StatusCode:
        """Return why grpc.aio ended the call: its time was up, or its caller left."""
        return grpc.StatusCode.CANCELLED if _left_s(self._wire) > 0 else grpc.StatusCode.DEADLINE_EXCEEDED

    def _answer(self, failure: Failure, error: Exception) -> grpc.StatusCode:
        code, wire, log = code_of(failure), self._wire, self._calls.rules.telemetry.log
        wire.set_code(code)
        wire.set_details(str(failure))
        wire.set_trailing_metadata(((DETAILS_KEY, details_of(failure)),))
        name = self._calls.method.rpc.name
        if isinstance(failure, Internal):
            log.error("rpc.failed", method=name, code=code.name, exc_info=error)
        else:
            log.info("rpc.refused", method=name, code=code.name, reason=str(failure))
        return code


_SHAPES: dict[Shape, tuple[Callable[[Any], Any], Callable[[Calls], Any]]] = {
    Shape.UNARY: (grpc.unary_unary_rpc_method_handler, Calls.unary),
    Shape.DOWNLOAD: (grpc.unary_stream_rpc_method_handler, Calls.download),
    Shape.UPLOAD: (grpc.stream_unary_rpc_method_handler, Calls.upload),
    Shape.DUPLEX: (grpc.stream_stream_rpc_method_handler, Calls.duplex),
}


def _left_s(wire: Wire) -> float:
    """Return the time that the caller gives; the stubs forget that a caller may set no deadline."""
    left_s: float | None = wire.time_remaining()
    return inf if left_s is None else left_s


def _check_token(entries: Iterable[tuple[str, str | bytes]], opening: Iterable[Secret], name: str) -> None:
    shown = [str(value) for key, value in entries if key == AUTHORIZATION_KEY]
    if not any(shows(token, authorization) for token in opening for authorization in shown):
        raise Denied(f"This call needs the {name} token.")


def _sent(answer: Answer) -> bytes:
    return answer if isinstance(answer, bytes) else answer.SerializeToString()


def _failure(error: Exception) -> Failure:
    if isinstance(error, Failure):
        return error
    if isinstance(error, TimeoutError):
        return TooLate("The answer was not ready in time.")
    return Internal("Something went wrong here; the service's log says what.")
