"""Wakes for those who follow a store: on each beat, and now and then without one."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress

from services.flags.domain.pulse import Pulse

EVERY_S = 1.0
"""How long a follower sleeps at most: a beat that never came, as when a connection is lost, costs no more than this."""


async def wakes(pulse: Pulse, every_s: float = EVERY_S) -> AsyncGenerator[None, None]:
    """Yield at once, on each beat, and at least every so often; beats while the caller is busy make one wake."""
    stirred = asyncio.Event()
    stirred.set()
    with pulse.stirring(stirred):
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(every_s):
                    await stirred.wait()
            stirred.clear()
            yield
