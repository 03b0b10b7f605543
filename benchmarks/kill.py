"""How long a kill takes to be everywhere: `python -m benchmarks.kill`.

One flags service, a hundred subscribers with a channel each in a few processes, a hundred flags. One flag after the
other is killed and restored. What each subscriber applied is told by its own log, with its own clock, which is the
machine's; the time counts from the commit. A kill is over when the service says that all have acknowledged it.

Then the same with two services over one PostgreSQL of the benchmark's own: kills go to one of them, and all subscribers
are served by the other. It is skipped where there is no PostgreSQL.
"""

import argparse
import asyncio
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

from benchmarks.figures import Figure, report
from benchmarks.flag_service import AUTHOR, FlagService, flag_service, write_flags
from benchmarks.flag_subscribers import Subscribers, subscribed
from services.flags.api.administrator import FlagAdministrator
from tests import postgres_server

SUBSCRIBERS, FLAGS, KILLS = 100, 100, 20
MOST_APPLIED_S, MOST_ACKNOWLEDGED_S = 0.1, 1.0
LIMIT_S = 30.0
_REST_S = 0.2


def main() -> int:
    """Measure, print and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kill", description="Measures kills.")
    parser.add_argument("--subscribers", type=int, default=SUBSCRIBERS, help=f"how many; {SUBSCRIBERS} unless said")
    count = parser.parse_args().subscribers
    figures = _figures("kill", asyncio.run(_measured(_one, count)), count)
    if postgres_server.found():
        figures += _figures("kill_elsewhere", asyncio.run(_measured(_two, count)), count)
    else:
        sys.stderr.write("kill_elsewhere: skipped, since it takes PostgreSQL and psycopg, and one of them is missing\n")
    return report(figures)


def _figures(name: str, kills: Sequence["Kill"], count: int) -> list[Figure]:
    applied_s = sorted(each_s for kill in kills for each_s in kill.applied_s)
    p99_s = quantiles(applied_s, n=100, method="inclusive")[98]
    acknowledged_s = [kill.acknowledged_s for kill in kills]
    return [
        Figure.told(f"{name}.applied_median", [median(applied_s) * 1e3], "ms", f"{len(applied_s)} times"),
        Figure.told(f"{name}.applied_by_the_last", [max(kill.applied_s) * 1e3 for kill in kills], "ms"),
        Figure.at_most(f"{name}.applied_p99", [p99_s * 1e3], "ms", MOST_APPLIED_S * 1e3, f"of {count} subscribers"),
        Figure.told(f"{name}.acknowledged_median", [median(acknowledged_s)], "s"),
        Figure.at_most(f"{name}.acknowledged_worst", [max(acknowledged_s)], "s", MOST_ACKNOWLEDGED_S),
    ]


@dataclass(frozen=True, slots=True)
class Kill:
    """What one kill took, from its commit."""

    applied_s: tuple[float, ...]
    """By subscriber."""
    acknowledged_s: float
    """Until the service knew of the last one."""


@dataclass(frozen=True, slots=True)
class Services:
    """Where kills go, and whom subscribers follow."""

    killing: FlagService
    serving: FlagService


@contextmanager
def _one(home: Path) -> Iterator[Services]:
    with flag_service(home) as service:
        yield Services(service, service)


@contextmanager
def _two(home: Path) -> Iterator[Services]:
    with ExitStack() as stack:
        postgres = stack.enter_context(postgres_server.server())
        store = stack.enter_context(postgres.database()).url
        one, other = (stack.enter_context(flag_service(home, name, STORE=store)) for name in ("flags-1", "flags-2"))
        yield Services(one, other)


async def _measured(run: Callable[[Path], AbstractContextManager[Services]], count: int) -> list[Kill]:
    with TemporaryDirectory() as folder, run(Path(folder)) as services:
        async with services.killing.administrator() as administrator:
            await write_flags(administrator, FLAGS)
            with subscribed(count, services.serving.address, Path(folder)) as subscribers:
                await subscribers.until_all("flags.followed")
                return [await _kill(administrator, subscribers, f"flag-{number}") for number in range(KILLS)]


async def _kill(administrator: FlagAdministrator, subscribers: Subscribers, key: str) -> Kill:
    """Kill a flag and bring it back."""
    await asyncio.sleep(_REST_S)
    since = len(subscribers.events)
    async for report_so_far in administrator.kill(key, AUTHOR, LIMIT_S):
        acknowledged_at, (killed, last) = datetime.now(UTC), report_so_far
    if last.waiting:
        raise RuntimeError(f"{len(last.waiting)} did not acknowledge the kill of {key}")
    await subscribers.until_all("flags.applied", killed.generation, since)
    applied = subscribers.who("flags.applied", killed.generation, since)
    sys.stderr.write(f"{key}: {(acknowledged_at - killed.committed_at).total_seconds() * 1e3:.0f} ms\n")
    await administrator.restore(key, killed.generation, AUTHOR)
    return Kill(
        tuple((at - killed.committed_at).total_seconds() for at in applied.values()),
        (acknowledged_at - killed.committed_at).total_seconds(),
    )


if __name__ == "__main__":
    sys.exit(main())
