"""What the indexer relies on in the catalogue, from the real catalog over the wire and from the one in memory."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

import pytest

from services.catalog.api.administrator import Administrator
from services.catalog.api.importer import Importer
from services.catalog.domain.items import Artist, ArtistId, Track, TrackId
from services.catalog.domain.items import Kind as ItemKind
from services.catalog.domain.items import Reference as ItemReference
from services.catalog.main import open_catalog
from services.catalog.settings import CatalogSettings
from services.kit.admin import admin_token
from services.kit.clock import SystemClock
from services.kit.grpc.client import open_client
from services.kit.logs import LogFormat, LogLevel, open_log
from services.kit.process import Surroundings
from services.kit.telemetry import make_telemetry
from services.search.clients.catalog import GrpcCatalogue, MemoryCatalogue
from services.search.domain.document import Kind
from services.search.domain.export import ArtistRow, Catalogue, News, Reference, Row, TrackRow, reference
from services.search.indexer.signals import CLIENT

NOWHERE = "127.0.0.1:1"
LIMA = ArtistRow("inv:a1", "Ana Lima", ("Lima",), 7)


def track(number: int) -> TrackRow:
    """Return a track by Ana Lima."""
    return TrackRow(f"inv:t{number}", f"Moon {number}", artist_ids=("inv:a1",), credit="Ana Lima", popularity=number)


class Subject(Protocol):
    """A catalogue that tests can change."""

    @property
    def catalogue(self) -> Catalogue:
        """Return the port to it."""
        ...

    async def write(self, rows: Sequence[Row], *, replace: bool = False) -> None:
        """Add or update rows; with `replace`, empty the catalogue first."""
        ...

    async def take_down(self, wanted: Reference) -> None:
        """Hide an item."""
        ...


@dataclass
class InMemory:
    """The catalogue in memory."""

    catalogue: MemoryCatalogue

    async def write(self, rows: Sequence[Row], *, replace: bool = False) -> None:
        """Add or update rows."""
        await self.catalogue.change(*rows, reset=replace)

    async def take_down(self, wanted: Reference) -> None:
        """Hide an item."""
        await self.catalogue.change(removed=[wanted])


@dataclass
class OverTheWire:
    """The catalog service, opened for real."""

    catalogue: GrpcCatalogue
    importer: Importer
    administrator: Administrator

    async def write(self, rows: Sequence[Row], *, replace: bool = False) -> None:
        """Add or update rows."""
        await self.importer.write([_item(row) for row in rows], replace=replace)

    async def take_down(self, wanted: Reference) -> None:
        """Hide an item."""
        kind = ItemKind(wanted.kind.name.lower())
        await self.administrator.take_down(ItemReference(kind, wanted.id), "a test", "ops")


def _item(row: Row) -> Artist | Track:
    if isinstance(row, ArtistRow):
        return Artist(ArtistId(row.id), row.name, row.aliases, row.popularity)
    artists = tuple(map(ArtistId, row.artist_ids))
    return Track(TrackId(row.id), row.title, artist_ids=artists, credit=row.credit, popularity=row.popularity)


@asynccontextmanager
async def in_memory(_surroundings: Surroundings) -> AsyncGenerator[Subject, None]:
    """Give an empty catalogue in memory."""
    yield InMemory(MemoryCatalogue(1, ()))


@asynccontextmanager
async def over_the_wire(surroundings: Surroundings) -> AsyncGenerator[Subject, None]:
    """Open an empty catalog and clients of it."""
    clock, token = SystemClock(), admin_token(surroundings.settings.home)
    log = open_log("indexer", clock, LogFormat.TEXT, LogLevel.ERROR)
    telemetry = make_telemetry("indexer", CLIENT.all(), log)
    async with (
        open_catalog(CatalogSettings(grpc_port=0, operations_port=0, flags=NOWHERE), surroundings) as catalog,
        open_client("catalog", catalog.addresses["grpc"], telemetry, CLIENT, clock, token) as client,
    ):
        yield OverTheWire(GrpcCatalogue(client, 60), Importer(client, 60), Administrator(client, 60))


Open = Callable[[Surroundings], AbstractAsyncContextManager[Subject]]


@pytest.fixture(params=[in_memory, over_the_wire])
async def subject(request: pytest.FixtureRequest, surroundings: Surroundings) -> AsyncGenerator[Subject, None]:
    """Give each catalogue, with an artist and three tracks in it."""
    opening: Open = request.param
    async with opening(surroundings) as opened:
        await opened.write([LIMA, *map(track, range(3))])
        yield opened


async def exported(catalogue: Catalogue, known: int = 0) -> tuple[int, dict[str, int], list[Row]]:
    """Return generation, announced counts and rows of an export."""
    async with catalogue.export(known) as export:
        rows = [row async for chunk in export.chunks for row in chunk]
        return export.generation, {kind: count for kind, count in export.counts.items() if count}, rows


async def news_until(catalogue: Catalogue, since: int, generation: int) -> list[News]:
    """Return what the feed tells up to a generation."""
    told: list[News] = []
    async with asyncio.timeout(60), aclosing(catalogue.watch(since)) as feed:
        async for news in feed:
            told.append(news)
            if news.generation >= generation:
                break
    return told


async def test_an_export_announces_what_it_carries(subject: Subject) -> None:
    """All rows with all that search needs of them; whoever has the generation already gets none."""
    generation, counts, rows = await exported(subject.catalogue)
    assert counts == {"artist": 1, "track": 3}
    assert rows == [LIMA, *map(track, range(3))]
    assert await exported(subject.catalogue, generation) == (generation, counts, [])


async def test_the_feed_tells_what_has_changed_and_what_is_gone(subject: Subject) -> None:
    """Nothing of what was there before; the last of what is told has the generation to go on from."""
    since, *_ = await exported(subject.catalogue)
    await subject.write([track(7), LIMA])
    await subject.take_down(Reference(Kind.TRACK, "inv:t1"))
    generation, counts, _ = await exported(subject.catalogue)
    told = await news_until(subject.catalogue, since, generation)
    assert track(7) in [row for news in told for row in news.changed]
    assert [gone for news in told for gone in news.removed] == [Reference(Kind.TRACK, "inv:t1")]
    assert not any(news.reset for news in told)
    assert counts == {"artist": 1, "track": 3}
    assert await news_until(subject.catalogue, generation, generation) == [News(generation)]


async def test_the_feed_goes_on_with_what_changes_next(subject: Subject) -> None:
    """A change reaches who listens already."""
    since, *_ = await exported(subject.catalogue)
    async with asyncio.timeout(60), aclosing(subject.catalogue.watch(since)) as feed:
        first = await anext(feed)
        assert (first.generation, list(first.changed)) == (since, [])
        await subject.write([track(8)])
        while not (news := await anext(feed)).changed:
            pass
    assert list(news.changed) == [track(8)]
    assert news.generation > since


async def test_an_emptied_catalogue_is_a_reset(subject: Subject) -> None:
    """The first message says so, and what is there now follows."""
    since, *_ = await exported(subject.catalogue)
    await subject.write([track(9)], replace=True)
    generation, *_ = await exported(subject.catalogue)
    told = await news_until(subject.catalogue, since, generation)
    assert told[0].reset
    assert track(9) in [row for news in told for row in news.changed]


async def test_a_generation_that_never_was_is_another_catalogue(subject: Subject) -> None:
    """Whoever comes from elsewhere is told to forget what it knows."""
    generation, *_ = await exported(subject.catalogue)
    assert (await news_until(subject.catalogue, generation + 1_000, generation))[0].reset


async def test_items_are_read_however_many_are_asked_for(subject: Subject) -> None:
    """Those that are there, and nothing for the others."""
    there: list[Row] = [LIMA, *map(track, range(250))]
    await subject.write(there)
    wanted = [*map(reference, there), Reference(Kind.ALBUM, "inv:none")]
    found = await subject.catalogue.read(wanted)
    assert {reference(row): row for row in found} == {reference(row): row for row in there}
    assert len(found) == len(there)
    assert await subject.catalogue.read([]) == []
