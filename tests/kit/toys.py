"""Quiet instruments for services that tests make up."""

from services.kit.clock import SystemClock
from services.kit.logs import LogFormat, LogLevel, open_log
from services.kit.signals import ClientSignals, ServerSignals
from services.kit.telemetry import Telemetry, make_telemetry

SERVER, CLIENT = ServerSignals.of("toy", "rpc"), ClientSignals.of("toy")


def telemetry() -> Telemetry:
    """Return instruments for a toy's server and client."""
    log = open_log("toy", SystemClock(), LogFormat.TEXT, LogLevel.ERROR)
    return make_telemetry("toy", [*SERVER.all(), *CLIENT.all()], log)
