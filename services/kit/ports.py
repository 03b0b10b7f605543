"""Addresses to listen on, and the one sentence for one that is taken."""

import errno
import socket

from services.kit.errors import Conflict

BACKLOG = 1024


def taken(host: str, port: int, variable: str) -> Conflict:
    """Return the failure for an address that another process listens on."""
    return Conflict(
        f"Port {port} on {host} is taken by another process; stop that one, or choose another with {variable} "
        "(0 takes any free port)."
    )


def listen(host: str, port: int, variable: str) -> socket.socket:
    """Return a socket that listens; port 0 takes any free one. Raises Conflict where the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as fault:
        listener.close()
        if fault.errno == errno.EADDRINUSE:
            raise taken(host, port, variable) from fault
        raise Conflict(
            f"Nobody can listen on {address(host, port)} here ({fault.strerror}); see {variable}."
        ) from fault
    listener.setblocking(False)  # noqa: FBT003 - the socket's own interface
    return listener


def address(host: str, port: int) -> str:
    """Return `host:port` with brackets where the host needs them."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def split_address(text: str) -> tuple[str, int]:
    """Return host and port of `host:port`. Raises ValueError where the text is no address."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal():
        raise ValueError(f"expected host:port, not {text!r}")
    return host.removeprefix("[").removesuffix("]"), int(port)
