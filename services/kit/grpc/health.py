"""The standard health service (grpc.health.v1) over a service's own health.

The library's servicer keeps a state of its own and holds its watchers until they leave, so that every stop would last
its whole grace; this one reads the state where it is kept and lets its watchers go when the service drains.
"""

from collections.abc import AsyncIterator, Iterable
from typing import Any, TypeAlias

import grpc
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse

from services.kit.lifecycle import Health, Phase

Wire: TypeAlias = "grpc.aio.ServicerContext[HealthCheckRequest, HealthCheckResponse]"

SERVICE = "grpc.health.v1.Health"
LIVENESS = "liveness"
"""The name under which the process itself answers, whatever it waits for."""


class HealthService:
    """Answers for the whole server (the empty name), for each of its services, and for `liveness`."""

    def __init__(self, health: Health, services: Iterable[str]) -> None:
        self._health, self._services = health, frozenset(["", *services])

    def handlers(self) -> grpc.GenericRpcHandler:
        """Return the handlers, to be found by name.

        They are not registered as our own methods are: each registered one makes every call that the server takes
        dearer by 0.7 µs, and what is not registered has an accept queue too, which is thus health's alone.
        """
        coded = {
            "request_deserializer": HealthCheckRequest.FromString,
            "response_serializer": HealthCheckResponse.SerializeToString,
        }
        unary: Any = grpc.unary_unary_rpc_method_handler  # the stubs know only the synchronous handlers
        stream: Any = grpc.unary_stream_rpc_method_handler
        methods = {"Check": unary(self.check, **coded), "Watch": stream(self.watch, **coded)}
        return grpc.method_handlers_generic_handler(SERVICE, methods)

    def _status(self, service: str) -> int:
        if service == LIVENESS:
            return HealthCheckResponse.SERVING
        if service not in self._services:
            return HealthCheckResponse.SERVICE_UNKNOWN
        return HealthCheckResponse.SERVING if self._health.ready else HealthCheckResponse.NOT_SERVING

    async def check(self, request: HealthCheckRequest, context: Wire) -> HealthCheckResponse:
        """Return the status; NOT_FOUND for a service that is not here."""
        status = self._status(request.service)
        if status == HealthCheckResponse.SERVICE_UNKNOWN:
            context.set_code(grpc.StatusCode.NOT_FOUND)
        return HealthCheckResponse(status=status)

    async def watch(self, request: HealthCheckRequest, _context: Wire) -> AsyncIterator[HealthCheckResponse]:
        """Yield the status now and at each change; the stream ends once the service drains."""
        phase: Phase | None = None
        while phase is not Phase.DRAINING:
            phase = self._health.phase
            yield HealthCheckResponse(status=self._status(request.service))
            await self._health.until_not(phase)
