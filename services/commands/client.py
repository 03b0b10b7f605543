"""A gRPC client for a command, which has no metrics that anyone would read."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from services.kit.clock import SystemClock
from services.kit.grpc.client import Client, open_client
from services.kit.logs import LogFormat, open_log
from services.kit.settings import Secret
from services.kit.signals import ClientSignals
from services.kit.telemetry import make_telemetry


@asynccontextmanager
async def open_command_client(target: str, address: str, token: Secret) -> AsyncGenerator[Client, None]:
    """Give a client of the service at the address that shows the admin token."""
    clock, signals = SystemClock(), ClientSignals.of("command")
    telemetry = make_telemetry("command", signals.all(), open_log("command", clock, LogFormat.TEXT))
    async with open_client(target, address, telemetry, signals, clock, token) as client:
        yield client
