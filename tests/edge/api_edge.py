"""An edge over in-memory services, as the tests of its API use it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from random import Random

import httpx

from backline.catalog.v1 import catalog_pb2 as catalog
from backline.search.v1 import search_pb2 as pb
from services.edge.api.app import edge_app
from services.edge.api.front import Rules
from services.edge.clients.catalog import Catalog, MemoryCatalog
from services.edge.clients.search import MemorySearch, Search
from services.edge.signals import METRICS
from services.kit.clock import ManualClock
from services.kit.errors import NotFound
from services.kit.flags.client.local import Flags
from services.kit.flags.client.memory import FixedFlags
from services.kit.flags.client.sample import Reservoir
from services.kit.http.asgi import App
from services.kit.ids import Ids
from services.kit.logs import LogFormat, Logger, LogLevel, open_log
from services.kit.telemetry import Telemetry, make_telemetry

CATALOG = MemoryCatalog(
    tracks={
        "demo:t1": catalog.Track(
            id="demo:t1",
            title="Paper Moons",
            artist_ids=["demo:a1", "demo:gone"],
            credit="Nightbus feat. Nobody",
            appearances=[
                catalog.Appearance(album_id="demo:r1", position=2),
                catalog.Appearance(album_id="demo:gone"),
            ],
            isrc="QZABC1900001",
            duration_ms=213_000,
            release_year=2019,
            markets=["NO", "SE"],
            popularity=400,
        ),
        "demo:t2": catalog.Track(id="demo:t2", title="Papercut", artist_ids=["demo:a1"], explicit=True),
    },
    albums={
        "demo:r1": catalog.Album(id="demo:r1", title="Last Stop", artist_ids=["demo:a1"], credit="Nightbus"),
    },
    artists={"demo:a1": catalog.Artist(id="demo:a1", name="Nightbus", aliases=["Night Bus"], popularity=900)},
)
SEARCH = MemorySearch(
    [
        pb.Hit(kind=pb.KIND_ARTIST, id="demo:a1", title="Nightbus", popularity=900),
        pb.Hit(
            kind=pb.KIND_ALBUM,
            id="demo:r1",
            title="Night Lines",
            artists=[pb.ArtistName(id="demo:a1", name="Nightbus")],
            credit="Nightbus",
        ),
        pb.Hit(
            kind=pb.KIND_TRACK,
            id="demo:t1",
            title="Paper Nights",
            artists=[pb.ArtistName(id="demo:a1", name="Nightbus")],
            credit="Nightbus",
            album_id="demo:r1",
            album_title="Last Stop",
            duration_ms=213_000,
            release_year=2019,
            explicit=True,
            popularity=400,
        ),
        pb.Hit(kind=pb.KIND_TRACK, id="demo:t2", title="Nightfall"),
    ],
    slips={"nihgt": "night"},
)


@dataclass(frozen=True, slots=True)
class Failing:
    """Services that only ever fail."""

    failure: Exception

    async def search(self, _request: pb.SearchRequest) -> pb.SearchResponse:
        """Fail."""
        raise self.failure

    async def suggest(self, _request: pb.SuggestRequest) -> pb.SuggestResponse:
        """Fail."""
        raise self.failure


@dataclass(frozen=True, slots=True)
class FailingCatalog(MemoryCatalog):
    """A catalog that never finds a track, and says why."""

    failure: Exception | None = None

    async def track(self, track_id: str) -> catalog.GetTrackResponse:
        """Fail."""
        raise self.failure or NotFound(track_id)


def telemetry(log: Logger | None = None) -> Telemetry:
    """Return instruments, quiet ones unless a log is given."""
    return make_telemetry("edge", METRICS, log or open_log("edge", ManualClock(), LogFormat.TEXT, LogLevel.ERROR))


def rules(instruments: Telemetry | None = None, flags: Flags | None = None) -> Rules:
    """Return rules under which nothing is left to chance, and no flag is defined unless flags are given."""
    secrets = Random(1)  # noqa: S311 - the same names in every run
    return Rules(
        instruments or telemetry(),
        ManualClock(),
        Ids(),
        flags or FixedFlags(),
        Reservoir(100, secrets),
        limit_s=1.0,
        trace_share=0.0,
        log_key="key",
        secrets=secrets,
    )


def app(
    search_service: Search = SEARCH,
    catalog_service: Catalog = CATALOG,
    instruments: Telemetry | None = None,
    flags: Flags | None = None,
    **changed: object,
) -> App:
    """Return the edge's application over the services, with some of its rules changed."""
    held = replace(rules(instruments, flags), **changed)  # type: ignore[arg-type] # each has its own type
    return edge_app(search_service, catalog_service, held, rendered_hits=100)


@asynccontextmanager
async def caller(application: App) -> AsyncGenerator[httpx.AsyncClient, None]:
    """Open an HTTP client that calls the application in this process."""
    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(transport=transport, base_url="http://edge") as client:
        yield client
