"""A whole index built in a process of its own, from a real catalog."""

import asyncio
from dataclasses import replace

import pytest

from services.catalog.api.wire import decode, encode
from services.catalog.domain.items import Artist, ArtistId, Track, TrackId
from services.catalog.main import open_catalog
from services.catalog.settings import CatalogSettings
from services.catalog.store.sqlite.catalog import open_sqlite_catalog
from services.kit.errors import Unavailable
from services.kit.process import Surroundings
from services.search.index.build import Unwritable
from services.search.index.generations import verify
from services.search.indexer.child import Order, build_in_child

NOWHERE = "127.0.0.1:1"
CATALOG = CatalogSettings(grpc_port=0, operations_port=0, flags=NOWHERE)
LIMA = ArtistId("inv:a1")


async def test_what_the_child_builds_is_whole_and_measured(surroundings: Surroundings) -> None:
    """It has what the catalog exports, what the export announced, and the results of its golden queries."""
    async with open_sqlite_catalog(surroundings.folder("catalog"), encode, decode) as store:
        await store.write([Artist(LIMA, "Ana Lima"), Track(TrackId("inv:t1"), "Paper Moon", artist_ids=(LIMA,))])
    async with open_catalog(CATALOG, surroundings) as catalog:
        order = Order(str(surroundings.shared_folder("index")), catalog.addresses["grpc"], 60)
        built = await build_in_child(order)
    verify(built)
    assert built.manifest.document_counts == {"artist": 1, "track": 1}
    assert built.manifest.exported_counts == {"artist": 1, "album": 0, "track": 1}
    assert built.manifest.golden is not None
    assert built.manifest.golden.mrr == 1


async def test_what_the_child_cannot_do_is_told_as_it_is(surroundings: Surroundings) -> None:
    """A catalog that is away and a disk that takes nothing are different failures, here as there."""
    order = Order(str(surroundings.shared_folder("index")), NOWHERE, 60)
    with pytest.raises(Unavailable):
        await build_in_child(order)
    async with open_catalog(CATALOG, surroundings) as catalog:
        (surroundings.settings.home / "file").touch()
        order = replace(order, folder=str(surroundings.settings.home / "file"), catalog=catalog.addresses["grpc"])
        with pytest.raises(Unwritable, match="cannot be written"):
            await build_in_child(order)


async def test_a_build_that_is_given_up_leaves_no_child(surroundings: Surroundings) -> None:
    """Whoever is stopped in the middle of a build has no process left that goes on with it."""
    order = Order(str(surroundings.shared_folder("index")), NOWHERE, 60)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await build_in_child(order)
