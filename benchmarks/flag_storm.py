"""Two hundred subscribers lose the flags service for fifteen seconds, all at once, and come back.

The service takes fewer streams than there are subscribers, so that some have to live by the poll. What each was told,
and when, is in its own log; a write right after the return shows who is current.
"""

import asyncio
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.figures import Figure
from benchmarks.flag_service import AUTHOR, FlagService, definition, flag_service, write_flags
from benchmarks.flag_subscribers import Subscribers, subscribed
from services.kit.errors import Failure
from services.kit.http.client import HttpClient
from services.kit.lifecycle import background

SUBSCRIBERS, STREAMS, FLAGS = 200, 150, 20
OUTAGE_S = 15.0
MOST_SHARE_IN_A_SECOND, MOST_CURRENT_S = 0.2, 15.0
_LOOK_S = 0.1
_PATIENCE_S = 60.0
_METRICS_BYTES = 1024 * 1024


async def proven() -> Sequence[Figure]:
    """Let the storm come, and return what it was like."""
    with TemporaryDirectory() as home, flag_service(Path(home), WATCHERS=str(STREAMS)) as service:
        async with service.administrator() as administrator:
            await write_flags(administrator, FLAGS)
        with subscribed(SUBSCRIBERS, service.address, Path(home)) as subscribers:
            await subscribers.until_all("flags.applied")
            return await _storm(service, subscribers)


async def _storm(service: FlagService, subscribers: Subscribers) -> Sequence[Figure]:
    service.kill()
    since = len(subscribers.events)
    await asyncio.sleep(OUTAGE_S)
    await asyncio.to_thread(service.start)
    back_at, watchers = datetime.now(UTC), list[float]()
    async with background(_look(service, watchers)), service.administrator() as administrator:
        generation, _ = await administrator.put("flag-after", definition(), 0, AUTHOR)
        await subscribers.until_all("flags.applied", generation, since, _PATIENCE_S)
        await asyncio.sleep(2 * _LOOK_S)
    # A stream that was refused is followed by a question at once, so what was applied tells of everyone who came.
    came_s = sorted(_seconds(back_at, subscribers.who("flags.applied", generation, since).values()))
    sys.stderr.write(f"by second: {[sum(second <= at_s < second + 1 for at_s in came_s) for second in range(15)]}\n")
    most = max(sum(at_s <= other_s < at_s + 1 for other_s in came_s) for at_s in came_s)
    return [
        Figure.at_most("storm.most_in_a_second", [most / SUBSCRIBERS], "of all", MOST_SHARE_IN_A_SECOND),
        Figure.at_most("storm.all_current_after", [came_s[-1]], "s", MOST_CURRENT_S, f"{SUBSCRIBERS} subscribers"),
        Figure.at_most("storm.most_streams", [max(watchers)], "", STREAMS, f"{len(watchers)} looks"),
        Figure.at_least("storm.streams_in_the_end", [watchers[-1]], "", STREAMS),
    ]


def _seconds(since: datetime, moments: Iterable[datetime]) -> list[float]:
    return [(moment - since).total_seconds() for moment in moments]


async def _look(service: FlagService, watchers: list[float]) -> None:
    """Read from the service's metrics how many streams it serves, again and again."""
    client = HttpClient(service.operations)
    while True:
        with suppress(Failure):
            page = await client.get("/metrics", {}, limit_s=1.0, at_most_bytes=_METRICS_BYTES)
            lines = page.decode().splitlines()
            watchers += [float(line.split()[1]) for line in lines if line.startswith("backline_flags_watch_watchers ")]
        await asyncio.sleep(_LOOK_S)
