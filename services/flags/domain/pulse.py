"""Tells whoever listens that something has happened, without saying what: a listener looks for itself.

Much that happens while a listener is busy wakes it once, so nothing is queued.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Pulse:
    """Sets the events of all listeners with each beat."""

    def __init__(self) -> None:
        self._events: set[asyncio.Event] = set()

    def beat(self) -> None:
        """Set them."""
        for event in self._events:
            event.set()

    @contextmanager
    def stirring(self, event: asyncio.Event) -> Iterator[None]:
        """Let each beat set the event for as long as the block lasts; its owner clears it before looking."""
        self._events.add(event)
        try:
            yield
        finally:
            self._events.discard(event)


async def stirred_within(event: asyncio.Event, seconds: float) -> None:
    """Wait until the event is set, but no longer than so many seconds."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
