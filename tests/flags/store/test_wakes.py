"""Followers of a store: when they wake, and what of what others shared still counts."""

import asyncio
from contextlib import aclosing

from services.flags.domain.pulse import Pulse
from services.flags.store.rosters import KEPT_S, Rosters
from services.flags.store.wakes import wakes
from services.kit.clock import ManualClock


async def test_a_follower_wakes_now_and_then_without_a_beat() -> None:
    """Where no beat ever comes a follower looks all the same, again and again."""
    async with aclosing(wakes(Pulse(), every_s=0.001)) as woken:
        for _ in range(3):
            await anext(woken)


async def test_beats_while_the_follower_is_busy_make_one_wake() -> None:
    """Nothing that happens is missed, and nothing is queued."""
    pulse = Pulse()
    async with aclosing(wakes(pulse, every_s=7_200)) as woken:
        await anext(woken)
        pulse.beat()
        pulse.beat()
        await anext(woken)
        async with asyncio.TaskGroup() as group:
            waiting = group.create_task(woken.asend(None))
            for _ in range(10):
                await asyncio.sleep(0)
            assert not waiting.done()
            pulse.beat()


def test_a_roster_counts_for_a_while() -> None:
    """What a server shared is shown until it has been silent for too long, and then it is forgotten."""
    clock = ManualClock()
    rosters = Rosters(clock)
    rosters.share("one", "a")
    clock.advance(KEPT_S)
    rosters.share("other", "b")
    assert rosters.shown() == {"one": "a", "other": "b"}
    clock.advance(0.1)
    assert rosters.shown() == {"other": "b"}
    rosters.share("other", "c")
    assert rosters.shown().keys() == rosters._shared.keys() == {"other"}, "what counts no more is forgotten"
