"""The catalog as it is opened: over real gRPC, with its cache, its follower and its metrics."""

from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from backline.catalog.v1 import catalog_pb2 as pb
from services.catalog.api.administrator import Administrator
from services.catalog.api.importer import Importer
from services.catalog.domain.items import Kind, Reference
from services.catalog.main import open_catalog, open_store
from services.catalog.settings import CatalogSettings
from services.catalog.store.policy import CachePolicy
from services.commands.client import open_command_client
from services.kit.admin import admin_token
from services.kit.clock import ManualClock
from services.kit.errors import Exhausted, Invalid
from services.kit.grpc.client import Client
from services.kit.grpc.rpc import rpc
from services.kit.journal import verify
from services.kit.lifecycle import Running
from services.kit.process import Surroundings
from services.kit.settings import Secret
from tests.catalog.invented import track

WATCH = rpc(pb.WatchRequest, pb.WatchResponse)
ONE = Reference(Kind.TRACK, "test:1")
LIMIT_S = 10.0
NOWHERE = "127.0.0.1:1"


@dataclass
class Open:
    """A catalog that runs, and a client that shows its admin token."""

    running: Running
    client: Client
    administrator: Administrator

    async def metrics(self) -> dict[str, float]:
        """Return what the operations port shows."""
        url = f"http://{self.running.addresses['operations']}/metrics"
        async with httpx.AsyncClient(trust_env=False) as client:
            lines = (await client.get(url)).text.splitlines()
        return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line[0] != "#")}


@asynccontextmanager
async def catalog(surroundings: Surroundings, **settings: float) -> AsyncGenerator[Open, None]:
    """Open a catalog that holds one track."""
    patient = CachePolicy(negative_ttl_s=3_600)
    chosen = CatalogSettings(grpc_port=0, operations_port=0, flags=NOWHERE, cache=patient, **settings)  # type: ignore[arg-type] # numbers, as all of them are
    async with (
        open_catalog(chosen, surroundings) as running,
        open_command_client("catalog", running.addresses["grpc"], admin_token(surroundings.settings.home)) as client,
    ):
        await Importer(client, LIMIT_S).write([track(1)])
        yield Open(running, client, Administrator(client, LIMIT_S))


async def test_a_takedown_is_seen_by_the_next_read(surroundings: Surroundings) -> None:
    """What was answered from memory just before is gone when the takedown is answered, and back after a restore."""
    async with catalog(surroundings, follow_s=10) as the:
        for _ in range(2):
            assert await the.administrator.shown("test:1") == {ONE: "Track 1"}
        assert await the.administrator.take_down(ONE, "a claim", "ops") is True
        assert await the.administrator.shown("test:1") == {}
        await the.administrator.restore(ONE, "withdrawn", "ops")
        assert await the.administrator.shown("test:1") == {ONE: "Track 1"}
        assert verify([entry async for entry in the.administrator.journal()]) == 2


async def test_an_import_is_seen_by_the_next_read(surroundings: Surroundings) -> None:
    """An item that was not there before the import is there after it, although that was remembered."""
    async with catalog(surroundings, follow_s=10) as the:
        assert await the.administrator.shown("test:2") == {}
        await Importer(the.client, LIMIT_S).write([track(2)])
        assert await the.administrator.shown("test:2") == {Reference(Kind.TRACK, "test:2"): "Track 2"}


async def test_watchers_are_told_and_do_not_hold_up_a_stop(surroundings: Surroundings) -> None:
    """A feed brings a takedown without being asked again, and ends in order when the service drains."""
    async with (
        catalog(surroundings, heartbeat_s=3_600) as the,
        aclosing(the.client.download(WATCH, pb.WatchRequest(), LIMIT_S)) as feed,
    ):
        first = await anext(feed)
        await the.administrator.take_down(ONE, "a claim", "ops")
        second = await anext(feed)
        assert [item.track.id for item in first.changed] == [gone.id for gone in second.removed] == ["test:1"]
        await the.running.drain()
        assert [message async for message in feed] == []


async def test_one_watcher_too_many_is_told_to_come_back(surroundings: Surroundings) -> None:
    """The bound is the setting's."""
    async with catalog(surroundings, watchers=0) as the:
        with pytest.raises(Exhausted):
            await anext(the.client.download(WATCH, pb.WatchRequest(), LIMIT_S))


async def test_the_metrics_tell_of_the_cache(surroundings: Surroundings) -> None:
    """How references were answered, what is kept, what the catalogue holds, and that the store answers."""
    async with catalog(surroundings) as the:
        for _ in range(3):
            await the.administrator.shown("test:1")
        metrics = await the.metrics()
        while metrics['backline_catalog_stored_items{kind="track"}'] != 1:
            metrics = await the.metrics()
        assert metrics['backline_catalog_cache_reads_total{outcome="hit"}'] == 2
        assert metrics['backline_catalog_cache_reads_total{outcome="miss"}'] == 3
        assert metrics['backline_catalog_cache_reads_total{outcome="negative"}'] == 4
        assert metrics['backline_catalog_cache_reads_total{outcome="stale"}'] == 0
        assert metrics["backline_catalog_cache_held_entries"] == 3
        assert metrics["backline_catalog_cache_size_bytes"] > 0
        assert the.running.health.dependencies["store"]()


async def test_a_store_of_no_known_kind_is_refused(tmp_path: Path) -> None:
    """One sentence says what may be given, without what was given: it may hold a password."""
    with pytest.raises(Invalid, match="neither a postgresql:// address nor left empty") as refused:
        async with open_store(CatalogSettings(store=Secret("mysql://me:password@host/name")), tmp_path, ManualClock()):
            pass
    assert "password" not in str(refused.value)
