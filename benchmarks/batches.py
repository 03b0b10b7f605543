"""A read of twenty items, and the servers that answer it: the catalog over its stores, the kit with stored bytes."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from backline.catalog.v1 import catalog_pb2 as pb
from benchmarks.subjects import CLOCK, GRACE_S, OWN_LIMIT_S, full_telemetry
from services.catalog.api.service import CatalogApi
from services.catalog.api.wire import batch_part, decode, encode, reference_message
from services.catalog.domain.items import Item, reference
from services.catalog.domain.store import CatalogStore, Kept
from services.catalog.imports.generated.source import generated
from services.catalog.settings import CatalogSettings
from services.catalog.signals import METRICS, RPC
from services.catalog.store.cached import open_cache
from services.catalog.store.follower import Follower
from services.catalog.store.policy import CachePolicy
from services.catalog.store.postgres.opening import open_postgres_catalog
from services.catalog.store.sqlite.catalog import open_sqlite_catalog
from services.kit.grpc.calls import Rules
from services.kit.grpc.methods import unary
from services.kit.grpc.rpc import rpc
from services.kit.grpc.server import Listening, open_grpc_server
from services.kit.lifecycle import Health, Phase, background, settle
from services.kit.settings import Secret
from services.kit.signals import ProcessSignals
from services.kit.telemetry import Telemetry, lag_watched

BATCH_GET = rpc(pb.BatchGetRequest, pb.BatchGetResponse)
SIZE = 20
READS = 40
TRACKS = 5_000
NO_CACHE = CachePolicy(entries=0)
_VERSION = 2**40
"""As long on the wire as the versions of a store's own."""

Handle = Callable[[pb.BatchGetRequest], Awaitable[bytes]]


@cache
def _catalogue() -> Sequence[Item]:
    return [entry for entry in generated(TRACKS, 1).entries() if isinstance(entry, Item)]


def _wanted(number: int) -> Sequence[Item]:
    """Return twenty items from all over the catalogue, of all kinds; others for each number."""
    items = _catalogue()
    return items[number :: len(items) // SIZE][:SIZE]


def requests() -> Sequence[bytes]:
    """Return reads, on the wire. Enough of them that no two of the same are under way together, and share the work."""
    return [
        pb.BatchGetRequest(
            references=[reference_message(reference(item)) for item in _wanted(number)]
        ).SerializeToString()
        for number in range(READS)
    ]


def answer() -> bytes:
    """Return the answer to one of them."""
    kept = ((reference(item), Kept(encode(item), _VERSION)) for item in _wanted(READS // 2))
    return b"".join(batch_part(*each) for each in kept)


@asynccontextmanager
async def open_answering() -> AsyncGenerator[str, None]:
    """Serve the stored answer to whatever is asked, and give the address."""
    stored = answer()

    async def handle(_request: pb.BatchGetRequest) -> bytes:
        return stored

    with full_telemetry("catalog", METRICS) as telemetry:
        async with _open_server(handle, telemetry) as address:
            yield address


@asynccontextmanager
async def open_over_sqlite(policy: CachePolicy) -> AsyncGenerator[str, None]:
    """Serve the catalog's own answer over SQLite, and give the address."""
    with TemporaryDirectory() as folder:
        async with _open_catalog(open_sqlite_catalog(Path(folder), encode, decode), policy) as address:
            yield address


@asynccontextmanager
async def open_over_postgres(url: str, policy: CachePolicy) -> AsyncGenerator[str, None]:
    """Serve the catalog's own answer over PostgreSQL, and give the address."""
    async with _open_catalog(open_postgres_catalog(Secret(url), encode, decode, CLOCK), policy) as address:
        yield address


@asynccontextmanager
async def _open_catalog(
    opening: AbstractAsyncContextManager[CatalogStore], policy: CachePolicy
) -> AsyncGenerator[str, None]:
    """Serve from a cache over the store, which is followed as in earnest."""
    with full_telemetry("catalog", METRICS) as telemetry:
        async with (
            opening as store,
            open_cache(store, batch_part, policy, CLOCK, Random(1)) as items,  # noqa: S311 - no secret
        ):
            await store.write(_catalogue())
            follower = Follower(store, items, CLOCK, telemetry.log)
            await follower.begin()
            handle = CatalogApi(store, items).batch_get
            async with (
                background(follower.follow(CatalogSettings().follow_s)),
                _open_server(handle, telemetry) as address,
            ):
                yield address


@asynccontextmanager
async def _open_server(handle: Handle, telemetry: Telemetry) -> AsyncGenerator[str, None]:
    health = Health()
    rules = Rules(telemetry, RPC, CLOCK, Secret())
    async with (
        lag_watched(telemetry, ProcessSignals.of("catalog"), CLOCK),
        open_grpc_server(
            [unary(BATCH_GET, handle, OWN_LIMIT_S)], rules, Listening("127.0.0.1", 0, "", GRACE_S), health
        ) as address,
    ):
        await health.set(Phase.SERVING)
        settle()  # as `backline run` does once all is open
        yield address
