"""Opens search: the only module of it that knows concrete classes."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

from services.kit.grpc.calls import Rules
from services.kit.grpc.client import open_client
from services.kit.grpc.server import Listening, open_grpc_server
from services.kit.lifecycle import Phase, Running
from services.kit.process import Surroundings
from services.kit.service import Frame, open_frame
from services.kit.settings import Secret
from services.search.api.service import SearchApi
from services.search.api.wire import encode_hit
from services.search.clients.catalog import GrpcCatalogue
from services.search.domain.current import Current
from services.search.domain.engine import Engine, Options
from services.search.domain.popular import Popular
from services.search.domain.sources import SOURCES
from services.search.index.generations import Generation
from services.search.index.reader import open_index
from services.search.index.refresh import Refresh
from services.search.settings import SearchSettings
from services.search.signals import BUILT_AT, CLIENT, DOCUMENTS, METRICS, RPC, SOURCE_GENERATION
from services.search.tally import Tally

NAME = "search"
POPULAR_QUERIES = 4096
"""Different queries that are counted, to warm a new index with."""


@asynccontextmanager
async def open_search(settings: SearchSettings, surroundings: Surroundings) -> AsyncGenerator[Running, None]:
    """Serve the index of the catalogue, built first if it is missing or older.

    Raises Conflict where the port is taken, Unavailable where an index can be neither opened nor built.
    """
    common = surroundings.settings
    listening = Listening(settings.host, settings.grpc_port, "BACKLINE_SEARCH_GRPC_PORT", common.grace_s)
    current = Current()
    async with AsyncExitStack() as stack:
        frame = await stack.enter_async_context(open_frame(NAME, settings, METRICS, surroundings))
        catalog = await stack.enter_async_context(
            open_client("catalog", settings.catalog, frame.telemetry, CLIENT, frame.clock)
        )
        tally = Tally(frame.telemetry, tuple(source.name for source in SOURCES), Popular(POPULAR_QUERIES))
        methods = SearchApi(current, tally.note).methods(settings.limit_s)
        rules = Rules(frame.telemetry, RPC, frame.clock, Secret())
        address = await stack.enter_async_context(open_grpc_server(methods, rules, listening, frame.health))
        frame.health.dependencies["catalog"] = catalog.answers
        await frame.health.set(Phase.STARTING, waiting_for="index")
        catalogue = GrpcCatalogue(catalog, settings.export_limit_s)
        folder = surroundings.shared_folder("index")
        generation = await Refresh(folder, catalogue, encode_hit, frame.clock, frame.telemetry.log).generation()
        with open_index(generation, frame.clock.monotonic) as index:
            options = Options(budget_s=settings.share_s)
            current.served = Engine(index, None, frozenset(), frame.clock.monotonic, options)
            _show(frame, generation)
            await frame.serve()
            yield frame.running(grpc=address)


def _show(frame: Frame, generation: Generation) -> None:
    """Show which index is served."""
    telemetry, manifest = frame.telemetry, generation.manifest
    for kind, count in manifest.document_counts.items():
        telemetry.gauge(DOCUMENTS, kind=kind).set(count)
    telemetry.gauge(BUILT_AT).set(manifest.built_at.timestamp())
    telemetry.gauge(SOURCE_GENERATION).set(manifest.source_generation)
