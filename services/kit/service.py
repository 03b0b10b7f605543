"""What every service opens around its own parts: telemetry, health, the operations listener, the watch on the loop."""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

from services.kit import ports
from services.kit.clock import Clock
from services.kit.http.asgi import App
from services.kit.http.operations import operations_app
from services.kit.http.server import open_http_server
from services.kit.lifecycle import Health, Phase, Running
from services.kit.process import Surroundings
from services.kit.settings import shown
from services.kit.signals import Metric, ProcessSignals
from services.kit.telemetry import Telemetry, lag_watched, make_telemetry


class ServiceSettings(Protocol):
    """What the settings of every service have."""

    @property
    def host(self) -> str:
        """The address to listen on."""
        ...

    @property
    def operations_port(self) -> int:
        """The port of the operations listener."""
        ...


@dataclass(frozen=True, slots=True)
class Frame:
    """The common parts of one open service."""

    name: str
    telemetry: Telemetry
    health: Health
    clock: Clock
    operations: str
    """Address of the operations listener."""
    drain_s: float
    mounted: dict[str, App] = field(default_factory=dict)
    """Applications of the service's own on its operations listener, by the first part of their paths: `/index`."""

    async def serve(self) -> None:
        """Say that the service takes requests."""
        await self.health.set(Phase.SERVING)
        self.telemetry.log.info("service.ready", operations=self.operations)

    async def drain(self) -> None:
        """Say that the service goes, and wait until whoever balances load has heard it."""
        await self.health.set(Phase.DRAINING)
        self.telemetry.log.info("service.draining", seconds=self.drain_s)
        await asyncio.sleep(self.drain_s)

    def running(self, **addresses: str) -> Running:
        """Return the service as its opener sees it."""
        return Running({**addresses, "operations": self.operations}, self.health, self.drain)


@asynccontextmanager
async def open_frame(
    name: str, settings: ServiceSettings, metrics: Iterable[Metric], surroundings: Surroundings
) -> AsyncGenerator[Frame, None]:
    """Open the common parts of a service. The process's own metrics come on top of those given."""
    signals, clock, common = ProcessSignals.of(name), surroundings.clock, surroundings.settings
    variable = f"BACKLINE_{name.upper()}_OPERATIONS_PORT"
    listener = ports.listen(settings.host, settings.operations_port, variable)
    health = Health()
    async with surroundings.tracer(name) as tracer:
        telemetry = make_telemetry(name, [*signals.all(), *metrics], surroundings.log(name), tracer)
        telemetry.gauge(signals.ready).set_function(lambda: health.ready)
        telemetry.log.info("service.starting", settings=shown(settings))
        mounted: dict[str, App] = {}
        app = operations_app(telemetry.registry, clock, health, settings, mounted)
        async with (
            open_http_server(app, listener, common.grace_s, clock) as operations,
            lag_watched(telemetry, signals, clock),
        ):
            yield Frame(name, telemetry, health, clock, operations, common.drain_s, mounted)
        telemetry.log.info("service.stopped")
