"""Ports for what has to listen where it listened before: none that anybody is given who takes any free one."""

import os
import socket
from contextlib import suppress
from itertools import count

_LOWEST, _HIGHEST = 20_000, 32_000
"""Below what Linux gives to those who ask for any port, so that nobody takes one while its owner is away."""
_steps = count()


def lasting_port(host: str = "127.0.0.1") -> int:
    """Return a free port, another one each time."""
    for _ in range(_HIGHEST - _LOWEST):
        # Begins elsewhere in each process, as several may run the tests at once.
        port = _LOWEST + (os.getpid() * 997 + next(_steps)) % (_HIGHEST - _LOWEST)
        with suppress(OSError), socket.create_server((host, port)):
            return port
    raise RuntimeError(f"no port from {_LOWEST} to {_HIGHEST} is free")
