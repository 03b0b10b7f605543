"""The one interceptor: what happens around every call that a server takes, whatever the method does.

Deadline, context, admin token, span, in-flight count, latency by method, count by code, a log line for each failure,
and the table from failures to status. It wraps handlers over raw bytes, so a request that does not parse is our
INVALID_ARGUMENT and not grpc.aio's UNKNOWN.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from math import inf
from typing import Any, TypeAlias

import grpc
from google.protobuf.message import DecodeError, Message

from services.kit.admin import shows
from services.kit.clock import Clock
from services.kit.context import LEAST_S, RequestContext
from services.kit.errors import Denied, Failure, Internal, Invalid, TooLate
from services.kit.grpc.metadata import AUTHORIZATION_KEY, from_entries
from services.kit.grpc.methods import Answer, Method, Shape
from services.kit.grpc.status import CODES, DETAILS_KEY, code_of, details_of
from services.kit.settings import Secret
from services.kit.signals import ServerSignals
from services.kit.telemetry import Telemetry

Wire: TypeAlias = "grpc.aio.ServicerContext[bytes, bytes]"

_ALWAYS_POSSIBLE = (Invalid, TooLate, Internal)


@dataclass(frozen=True, slots=True)
class Rules:
    """What all methods of a server share."""

    telemetry: Telemetry
    signals: ServerSignals
    clock: Clock
    token: Secret


class Calls:
    """All calls of one method, with its instruments bound."""

    def __init__(self, method: Method, rules: Rules) -> None:
        self._method, self._rules, self._clock = method, rules, rules.clock
        self._log = rules.telemetry.log
        name, telemetry, signals = method.rpc.name, rules.telemetry, rules.signals
        self._in_flight = telemetry.gauge(signals.in_flight, method=name)
        self._latency = telemetry.timing(signals.latency, method=name)
        denied = (Denied,) if method.admin else ()
        codes = [grpc.StatusCode.OK, grpc.StatusCode.CANCELLED]
        codes += [CODES[failure] for failure in (*_ALWAYS_POSSIBLE, *denied, *method.fails)]
        self._codes = {code: telemetry.counter(signals.calls, method=name, code=code.name) for code in codes}

    def handler(self) -> "grpc.RpcMethodHandler[bytes, bytes]":
        """Return the handler that grpc.aio is given."""
        make, serve = _SHAPES[self._method.shape]
        return make(serve(self))  # type: ignore[no-any-return] # the stubs know only the synchronous handlers

    @contextmanager
    def _watched(self, wire: Wire) -> Iterator[None]:
        """Count and time one call; what the block raises is answered as a status and goes no further."""
        started, code = self._clock.monotonic(), grpc.StatusCode.OK
        self._in_flight.inc()
        try:
            yield
        except asyncio.CancelledError:
            code = grpc.StatusCode.CANCELLED
            raise
        except Exception as error:  # noqa: BLE001 - whatever escapes a handler is answered as Internal, with its trace in the log
            code = self._answer_failure(wire, error)
        finally:
            self._in_flight.dec()
            self._latency.observe(self._clock.monotonic() - started)
            self._count(code)

    @contextmanager
    def _admitted(self, wire: Wire) -> Iterator[asyncio.Timeout]:
        """Take a call up in its context, or refuse it; gives the time that its handler has."""
        now = self._clock.monotonic()
        context = self._admit(wire, now)
        with self._rules.telemetry.entered(self._method.rpc.path, context):
            yield asyncio.timeout(context.deadline - now)

    def _admit(self, wire: Wire, now: float) -> RequestContext:
        left_s = _left_s(wire)
        if left_s < LEAST_S:
            raise TooLate("Too little time was left when the call arrived.")
        limit_s = self._method.limit_s
        deadline = now + min(left_s, limit_s)
        entries = wire.invocation_metadata() or ()
        if self._method.admin and not any(
            key == AUTHORIZATION_KEY and shows(self._rules.token, str(value)) for key, value in entries
        ):
            raise Denied("This call needs the admin token.")
        return from_entries(entries, deadline)

    def _answer_failure(self, wire: Wire, error: Exception) -> grpc.StatusCode:
        failure = _failure(error)
        code = code_of(failure)
        wire.set_code(code)
        wire.set_details(str(failure))
        wire.set_trailing_metadata(((DETAILS_KEY, details_of(failure)),))
        if isinstance(failure, Internal):
            self._log.error("rpc.failed", method=self._method.rpc.name, code=code.name, exc_info=error)
        else:
            self._log.info("rpc.refused", method=self._method.rpc.name, code=code.name, reason=str(failure))
        return code

    def _count(self, code: grpc.StatusCode) -> None:
        counter = self._codes.get(code)
        if counter is None:
            telemetry, signals = self._rules.telemetry, self._rules.signals
            counter = telemetry.counter(signals.calls, method=self._method.rpc.name, code=code.name)
            self._codes[code] = counter
        counter.inc()

    def _parsed(self, data: bytes) -> Message:
        try:
            return self._method.rpc.request.FromString(data)  # type: ignore[no-any-return] # erased in Method
        except DecodeError:
            raise Invalid(f"The request is not a {self._method.rpc.request.DESCRIPTOR.full_name}.") from None

    def unary(self) -> Callable[[bytes, Wire], Any]:
        """Return the handler for one request and one answer."""

        async def serve(data: bytes, wire: Wire) -> bytes:
            with self._watched(wire), self._admitted(wire) as limit:
                async with limit:
                    return _sent(await self._method.handle(self._parsed(data)))
            return b""

        return serve

    def download(self) -> Callable[[bytes, Wire], Any]:
        """Return the handler for one request and a stream of answers."""

        # Writes instead of yielding: a generator that the caller leaves would be closed in another task's context.
        async def serve(data: bytes, wire: Wire) -> None:
            with self._watched(wire), self._admitted(wire) as limit:
                async with limit, aclosing(self._method.handle(self._parsed(data))) as answers:
                    async for answer in answers:
                        await wire.write(_sent(answer))

        return serve

    def upload(self) -> Callable[[AsyncIterator[bytes], Wire], Any]:
        """Return the handler for a stream of requests and one answer."""

        async def serve(parts: AsyncIterator[bytes], wire: Wire) -> bytes:
            with self._watched(wire), self._admitted(wire) as limit:
                async with limit:
                    return _sent(await self._method.handle(self._parsed(part) async for part in parts))
            return b""

        return serve


_SHAPES: dict[Shape, tuple[Callable[[Any], Any], Callable[[Calls], Any]]] = {
    Shape.UNARY: (grpc.unary_unary_rpc_method_handler, Calls.unary),
    Shape.DOWNLOAD: (grpc.unary_stream_rpc_method_handler, Calls.download),
    Shape.UPLOAD: (grpc.stream_unary_rpc_method_handler, Calls.upload),
}


def _left_s(wire: Wire) -> float:
    """Return the time that the caller gives; the stubs forget that a caller may set no deadline."""
    left_s: float | None = wire.time_remaining()
    return inf if left_s is None else left_s


def _sent(answer: Answer) -> bytes:
    return answer if isinstance(answer, bytes) else answer.SerializeToString()


def _failure(error: Exception) -> Failure:
    if isinstance(error, Failure):
        return error
    if isinstance(error, TimeoutError):
        return TooLate("The answer was not ready in time.")
    return Internal("Something went wrong here; the service's log says what.")
