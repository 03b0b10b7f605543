"""Who serves a target now: a DNS name, a list of addresses, or a file with one address a line, read every second.

127.0.0.1:7001                   one address
10.0.0.1:7001,10.0.0.2:7001      several
search:7001                      all addresses behind a name
file:.backline/endpoints/search  whoever is listed in the file
"""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeAlias

from services.kit.errors import Invalid
from services.kit.ports import address, split_address

FILE_PREFIX = "file:"

Resolve: TypeAlias = Callable[[], Awaitable[frozenset[str]]]
"""Returns the addresses that the target has now; raises OSError where nobody can say."""


def resolver(target: str) -> Resolve:
    """Return what finds the target's addresses. Raises Invalid for a target of no known form."""
    if target.startswith(FILE_PREFIX):
        path = Path(target.removeprefix(FILE_PREFIX))
        return lambda: _from_file(path)
    try:
        pairs = [split_address(part.strip()) for part in target.split(",")]
    except ValueError as fault:
        raise Invalid(f"{target!r} is no address: {fault}, a list of them, or file:PATH.") from None
    return lambda: _from_names(pairs)


async def _from_file(path: Path) -> frozenset[str]:
    text = await asyncio.to_thread(path.read_text)
    return frozenset(line.strip() for line in text.splitlines() if line.strip())


async def _from_names(pairs: list[tuple[str, int]]) -> frozenset[str]:
    found = await asyncio.gather(*(_from_name(host, port) for host, port in pairs), return_exceptions=True)
    known = [addresses for addresses in found if not isinstance(addresses, BaseException)]
    if not known:
        raise OSError(f"none of {', '.join(host for host, _ in pairs)} is known")
    return frozenset().union(*known)


async def _from_name(host: str, port: int) -> frozenset[str]:
    try:
        return frozenset([address(str(ipaddress.ip_address(host)), port)])
    except ValueError:
        loop = asyncio.get_running_loop()
        answers = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return frozenset(address(str(where[0]), port) for *_, where in answers)
