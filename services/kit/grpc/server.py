"""The one gRPC server: grpc.aio with our limits, our interceptor and the standard health service."""

from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import groupby

import grpc

from services.kit import ports
from services.kit.grpc.calls import Calls, Rules
from services.kit.grpc.health import HealthService
from services.kit.grpc.methods import Method
from services.kit.grpc.rpc import MESSAGE_BOUND_BYTES
from services.kit.lifecycle import Health, Phase


@dataclass(frozen=True, slots=True)
class Listening:
    """Where a server listens, under which setting, and how long calls under way may take to end when it closes."""

    host: str
    port: int
    variable: str
    grace_s: float
    message_bound_bytes: int = MESSAGE_BOUND_BYTES


def _options(message_bound_bytes: int) -> list[tuple[str, int]]:
    return [
        ("grpc.so_reuseport", 0),  # or a second server binds the same port and takes half the calls
        ("grpc.server_handshake_timeout_ms", 5_000),  # a peer that connects and says nothing is held two minutes else
        ("grpc.max_concurrent_streams", 100),
        ("grpc.max_receive_message_length", message_bound_bytes),
        ("grpc.max_send_message_length", message_bound_bytes),
        ("grpc.keepalive_time_ms", 30_000),
        ("grpc.keepalive_timeout_ms", 5_000),
        ("grpc.http2.min_ping_interval_without_data_ms", 5_000),
    ]


@asynccontextmanager
async def open_grpc_server(
    methods: Iterable[Method], rules: Rules, listening: Listening, health: Health
) -> AsyncGenerator[str, None]:
    """Serve the methods and give the address. At the end new calls are refused and those under way get their grace.

    Raises Conflict where the port is taken.
    """
    server = grpc.aio.server(options=_options(listening.message_bound_bytes))
    names = _register(server, methods, rules)
    server.add_generic_rpc_handlers((HealthService(health, names).handlers(),))
    try:
        port = server.add_insecure_port(ports.address(listening.host, listening.port))
    except RuntimeError as fault:
        raise ports.taken(listening.host, listening.port, listening.variable) from fault
    await server.start()
    try:
        yield ports.address(listening.host, port)
    finally:
        await health.set(Phase.DRAINING)
        await server.stop(listening.grace_s)


def _register(server: grpc.aio.Server, methods: Iterable[Method], rules: Rules) -> list[str]:
    """Register each method by its name too: only then has it an accept queue of its own."""
    names = []
    for name, group in groupby(sorted(methods, key=_service), key=_service):
        handlers = {method.rpc.name: Calls(method, rules).handler() for method in group}
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(name, handlers),))
        server.add_registered_method_handlers(name, handlers)
        names.append(name)
    return names


def _service(method: Method) -> str:
    return method.rpc.service
