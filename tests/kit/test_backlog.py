"""The backlog of the event loop: lasting load shows, a single pause does not."""

import asyncio

from services.kit.lifecycle import background
from services.kit.resilience.backlog import Backlog


def noted(*late_s: float) -> float:
    """Return the delay after these looks."""
    backlog = Backlog()
    for late in late_s:
        backlog.note(late)
    return backlog.delay_s


def test_a_pause_is_no_load() -> None:
    """One look that was late, however late, says nothing while those around it were in time."""
    assert noted(0.0, 0.0, 5.0, 0.0) == 0.0
    assert noted(5.0, 0.001, 5.0, 5.0, 5.0) == 0.001


def test_lasting_load_shows() -> None:
    """Once all of the last looks were late, work waits at least as long as the least late of them."""
    assert noted(0.0, 0.04, 0.05, 0.06, 0.05, 0.045) == 0.04


def test_load_that_is_over_is_forgotten_at_once() -> None:
    """The first look that is in time ends it, and one that comes too early is in time."""
    assert noted(*[0.05] * 10, 0.0) == 0.0
    assert noted(*[0.05] * 10, -0.001) == 0.0


async def test_it_looks_by_itself() -> None:
    """A clock that says each time that the loop was late by three seconds makes a delay of three seconds."""
    backlog, said_s = Backlog(), 0.0

    def late_clock() -> float:
        nonlocal said_s
        said_s += 3.02
        return said_s

    async with background(backlog.watch(late_clock)):
        while backlog.delay_s == 0.0:  # noqa: ASYNC110 - it looks by time
            await asyncio.sleep(0.01)
    assert round(backlog.delay_s, 6) == 3.0
