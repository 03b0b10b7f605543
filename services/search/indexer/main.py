"""Opens the indexer: the only module of it that knows concrete classes."""

import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path

from services.kit.admin import admin_token
from services.kit.errors import Conflict
from services.kit.files import lock, one_sentence
from services.kit.flags.client.opening import open_flags
from services.kit.grpc.client import open_client
from services.kit.lifecycle import Phase, Running, background
from services.kit.process import Surroundings
from services.kit.service import Frame, open_frame
from services.search.api.wire import encode_hit
from services.search.clients.catalog import GrpcCatalogue
from services.search.index.generations import Generation
from services.search.indexer.changes import Changes
from services.search.indexer.child import Order, build_in_child
from services.search.indexer.cycle import Cycle
from services.search.indexer.due import Patience
from services.search.indexer.following import DeltaPolicy, Following
from services.search.indexer.http import IndexerApi
from services.search.indexer.journal import JournalFile
from services.search.indexer.judge import Judge
from services.search.indexer.operator import Operator
from services.search.indexer.rollout import Pace, Rollout
from services.search.indexer.settings import IndexerSettings
from services.search.indexer.shown import Shown
from services.search.indexer.signals import CLIENT, METRICS
from services.search.indexer.store import Store
from services.search.indexer.workshop import Workshop

NAME = "indexer"


@asynccontextmanager
async def open_indexer(settings: IndexerSettings, surroundings: Surroundings) -> AsyncGenerator[Running, None]:
    """Build, publish and serve index generations; ready once there is one.

    Raises Conflict where the port is taken or another indexer has the folder, Unavailable where it cannot be used.
    """
    folder = surroundings.shared_folder("index")
    with _alone_in(folder):
        async with (
            open_frame(NAME, settings, METRICS, surroundings) as frame,
            open_flags(settings.flags, frame, surroundings),
            open_client("catalog", settings.catalog, frame.telemetry, CLIENT, frame.clock) as catalog,
        ):
            frame.health.dependencies["catalog"] = catalog.answers
            catalogue = GrpcCatalogue(catalog, settings.rebuild.export_limit_s)
            workshop = Workshop(folder, catalogue, encode_hit, frame.clock, time.thread_time)
            cycle = _cycle(settings, frame, workshop, _build(settings, folder, workshop))
            operator = Operator(cycle, JournalFile(surroundings.folder(NAME)), frame.clock)
            frame.mounted["/index"] = IndexerApi(cycle, operator, admin_token(surroundings.settings.home)).app()
            await frame.health.set(Phase.STARTING, waiting_for="index")
            async with background(cycle.run()):
                await cycle.published.wait()
                await frame.serve()
                yield frame.running()


def _build(settings: IndexerSettings, folder: Path, workshop: Workshop) -> Callable[[], Awaitable[Generation]]:
    """Return what builds a whole index: here, or in a process of its own."""
    rebuild = settings.rebuild
    order = Order(str(folder.absolute()), settings.catalog, rebuild.export_limit_s)
    return partial(build_in_child, order) if rebuild.apart else workshop.whole


def _cycle(
    settings: IndexerSettings, frame: Frame, workshop: Workshop, build: Callable[[], Awaitable[Generation]]
) -> Cycle:
    delta, rebuild, rollout = settings.delta, settings.rebuild, settings.rollout
    log, policy, shown = frame.telemetry.log, DeltaPolicy(delta.settle_s, delta.pause_s), Shown(frame.telemetry)

    def follow(base: Generation, told: Callable[[], None]) -> Following:
        return Following(base, Changes(delta.most_rows), workshop, policy, frame.clock, log, told, shown.delta)

    store = Store(workshop.folder, log)
    cycle = Cycle(
        store=store,
        build=build,
        follow=follow,
        rollout=Rollout(Pace(rollout.canary_s, rollout.stagger_s, rollout.expire_s, rollout.limit_s)),
        judge=Judge(store, settings.golden_cpu_s),
        patience=Patience(rebuild.every_s, rebuild.quiet_s, rebuild.patience_s),
        clock=frame.clock,
        log=log,
        listener=shown,
    )
    cycle.looked = partial(shown.looked, cycle)
    return cycle


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Hold the folder as its one indexer. Raises Conflict where another has it."""
    path = folder / ".indexer.lock"

    def taken(holder: str) -> Conflict:
        return Conflict(
            f"The indexes in {folder} are in use by another indexer, process {holder}; there is one at most."
        )

    with one_sentence(path):
        file = lock(path, taken)
    with file:
        yield
