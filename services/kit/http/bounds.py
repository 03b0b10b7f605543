"""What one listener takes from those who connect: how much, for how long, and how many at once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Bounds:
    """The limits of a listener. The defaults suit a listener that only its own operators reach."""

    connections: int = 1024
    """Held at once; one more is told to come back later."""
    head_bytes: int = 32 * 1024
    """Of a request's first line and headers, all together."""
    body_bytes: int = 64 * 1024
    """Of a request's body as it is sent, the marks between its chunks included."""
    send_s: float = 10.0
    """Within which a request has to be here, head and body; slower senders are cut off."""
    idle_s: float = 30.0
    """For which a connection is kept between two requests, and while nobody reads its answers."""


OnRefused: TypeAlias = Callable[[int], str]
"""Told the status of a request that is refused before it can be read; returns the id to give to the caller."""


def unnoticed(_status: int) -> str:
    """Note nothing of a refused request, and give it no id."""
    return ""
