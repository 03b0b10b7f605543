"""The whole system in one process, over real gRPC and HTTP on free ports."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import httpx
import pytest

from services.catalog.api.wire import decode, encode
from services.catalog.domain.items import Album, AlbumId, Appearance, Artist, ArtistId, Item, Track, TrackId
from services.catalog.store.sqlite.catalog import open_sqlite_catalog
from services.kit.lifecycle import Running
from services.kit.process import Surroundings
from services.kit.settings import variables
from services.stack import STACK, opened

ANY_PORTS: Mapping[str, str] = {
    variable.name: "0"
    for service in STACK.values()
    for variable in variables(service.settings, service.prefix)
    if variable.name.endswith("_PORT")
}

NIGHTBUS, LIMA = ArtistId("demo:a1"), ArtistId("demo:a2")
LAST_STOP = AlbumId("demo:r1")
CATALOGUE: Sequence[Item] = (
    Artist(NIGHTBUS, "Nightbus", ("Night Bus",), 900),
    Artist(LIMA, "Ana Lima", (), 300),
    Album(LAST_STOP, "Last Stop", (), (NIGHTBUS,), "Nightbus", 2019, 500),
    Track(
        TrackId("demo:t1"),
        "Paper Moons",
        artist_ids=(NIGHTBUS, LIMA),
        credit="Nightbus feat. Ana Lima",
        appearances=(Appearance(LAST_STOP, 2),),
        isrc="QZABC1900001",
        duration_ms=213_000,
        release_year=2019,
        popularity=400,
    ),
    Track(
        TrackId("demo:t2"),
        "Papercut",
        artist_ids=(NIGHTBUS,),
        credit="Nightbus",
        appearances=(Appearance(LAST_STOP, 1),),
        explicit=True,
        markets=("SE",),
        popularity=100,
    ),
)

System = Callable[..., AbstractAsyncContextManager[Mapping[str, Running]]]


@pytest.fixture
def system(surroundings: Surroundings) -> System:
    """Return what opens the whole system over a small catalogue."""

    @asynccontextmanager
    async def open_system(**environ: str) -> AsyncGenerator[Mapping[str, Running], None]:
        async with open_sqlite_catalog(surroundings.folder("catalog"), encode, decode) as store:
            await store.write(CATALOGUE)
        async with opened(list(STACK), surroundings, {**ANY_PORTS, **environ}) as running:
            yield running

    return open_system


@asynccontextmanager
async def browser(running: Mapping[str, Running]) -> AsyncGenerator[httpx.AsyncClient, None]:
    """Open an HTTP client of the running edge."""
    async with httpx.AsyncClient(base_url=f"http://{running['edge'].addresses['http']}", trust_env=False) as client:
        yield client
