"""The indexer as a process has it: over a real catalog, on its operations port, alone in its folder."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import httpx
import pytest

from services.catalog.api.wire import decode, encode
from services.catalog.domain.items import Artist, ArtistId, Kind, Reference, Track, TrackId
from services.catalog.main import open_catalog
from services.catalog.settings import CatalogSettings
from services.catalog.store.sqlite.catalog import open_sqlite_catalog
from services.kit.errors import Conflict
from services.kit.lifecycle import Running
from services.kit.process import Surroundings
from services.search.index.generations import names
from services.search.indexer.main import open_indexer
from services.search.indexer.settings import IndexerSettings, RebuildSettings
from tests.contract.catalog_stores import RECORD

NOWHERE = "127.0.0.1:1"
CATALOG = CatalogSettings(grpc_port=0, operations_port=0, flags=NOWHERE)
LIMA = ArtistId("inv:a1")


@asynccontextmanager
async def indexer(surroundings: Surroundings, catalog: str) -> AsyncGenerator[Running, None]:
    """Open an indexer that builds in this process."""
    settings = IndexerSettings(operations_port=0, catalog=catalog, flags=NOWHERE, rebuild=RebuildSettings(apart=False))
    async with open_indexer(settings, surroundings) as running:
        yield running


@asynccontextmanager
async def catalogue(surroundings: Surroundings) -> AsyncGenerator[str, None]:
    """Open a catalog with an artist and a track in it, and give its address."""
    async with open_sqlite_catalog(surroundings.folder("catalog"), encode, decode) as store:
        await store.write([Artist(LIMA, "Ana Lima"), Track(TrackId("inv:t1"), "Paper Moon", artist_ids=(LIMA,))])
    async with open_catalog(CATALOG, surroundings) as running:
        yield running.addresses["grpc"]


async def metrics(running: Running) -> str:
    """Return what the operations port shows of it."""
    async with httpx.AsyncClient(trust_env=False) as http:
        return (await http.get(f"http://{running.addresses['operations']}/metrics")).text


async def test_a_first_index_is_built_and_shown_in_metrics(surroundings: Surroundings) -> None:
    """What is served, how it came about, and that the feed is followed."""
    async with catalogue(surroundings) as address, indexer(surroundings, address) as running:
        shown = ""
        async with asyncio.timeout(60):
            while "backline_indexer_feed_connected_state 1.0" not in shown:
                shown = await metrics(running)
    assert 'backline_indexer_builds_total{outcome="published"} 1.0' in shown
    assert 'backline_indexer_documents{kind="track"} 1.0' in shown
    assert "backline_indexer_held_state 0.0" in shown
    assert "backline_indexer_ready_state 1.0" in shown


async def test_two_indexers_do_not_share_a_folder(surroundings: Surroundings) -> None:
    """The second is told who has it, and the first does not notice."""
    async with catalogue(surroundings) as address, indexer(surroundings, address) as running:
        with pytest.raises(Conflict, match=r"in use by another indexer, process \d+"):
            async with indexer(surroundings, address):
                pass
        assert running.health.ready


async def test_without_the_catalog_what_is_there_is_served(surroundings: Surroundings) -> None:
    """A restart of the indexer does not need the catalog, as long as there is an index; the dependency is told."""
    async with catalogue(surroundings) as address, indexer(surroundings, address):
        pass
    async with indexer(surroundings, NOWHERE) as running:
        assert running.health.ready
        assert not running.health.dependencies["catalog"]()


async def test_a_takedown_while_nobody_ran_is_hidden_from_the_start(surroundings: Surroundings) -> None:
    """The delta is there before the indexer says that it is ready."""
    async with catalogue(surroundings) as address, indexer(surroundings, address):
        pass
    async with open_sqlite_catalog(surroundings.folder("catalog"), encode, decode) as store:
        await store.take_down(Reference(Kind.TRACK, "inv:t1"), RECORD)
    async with open_catalog(CATALOG, surroundings) as catalog, indexer(surroundings, catalog.addresses["grpc"]):
        found = names(surroundings.shared_folder("index"))
    assert sorted(name.partition("-")[0] for name in found) == ["delta", "gen"]
