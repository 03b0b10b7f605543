"""What is measured: the kit's gRPC server and the edge, opened with everything on, as their services open them."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from backline.search.v1 import search_pb2 as pb
from services.edge.api.app import edge_app
from services.edge.api.front import Rules as EdgeRules
from services.edge.clients.catalog import MemoryCatalog
from services.edge.clients.search import GrpcSearch, Search
from services.edge.settings import EdgeSettings
from services.edge.signals import CLIENT
from services.edge.signals import METRICS as EDGE_METRICS
from services.kit import ports
from services.kit.clock import SystemClock
from services.kit.flags.client.instruments import Instruments
from services.kit.flags.client.local import Flags
from services.kit.flags.client.policy import WatchPolicy
from services.kit.flags.client.sample import Reservoir
from services.kit.flags.compile import compile_flags
from services.kit.flags.snapshot import Snapshot
from services.kit.grpc.calls import Rules
from services.kit.grpc.client import open_client
from services.kit.grpc.methods import unary
from services.kit.grpc.rpc import rpc
from services.kit.grpc.server import Listening, open_grpc_server
from services.kit.http.bounds import Bounds
from services.kit.http.server import open_http_server
from services.kit.ids import Ids
from services.kit.lifecycle import Health, Phase, settle
from services.kit.logs import Lines, LogFormat, open_log
from services.kit.settings import Secret
from services.kit.signals import Metric, ProcessSignals
from services.kit.telemetry import Telemetry, lag_watched, make_telemetry
from services.kit.tracing import processing_tracer
from services.search.signals import METRICS as SEARCH_METRICS
from services.search.signals import RPC

CLOCK = SystemClock()
GRACE_S = 1.0
OWN_LIMIT_S = 60.0
"""Longer than its callers give, as in earnest; and no pause of a busy machine ends a benchmark."""
BOUNDS = Bounds(connections=4096, send_s=600.0, idle_s=600.0)
"""As in earnest, but for connections that other sides' rounds keep idle."""
SHIPPED = Path(__file__).parent.parent / "services/flags/shipped.json"
SEARCH = rpc(pb.SearchRequest, pb.SearchResponse)


class EncodedAndDropped(SpanExporter):
    """Turns spans into what would be sent to a collector, and sends it nowhere."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Encode the spans."""
        encode_spans(spans).SerializeToString()
        return SpanExportResult.SUCCESS


@contextmanager
def full_telemetry(service: str, metrics: Iterable[Metric]) -> Iterator[Telemetry]:
    """Give instruments as a service has them in earnest: all metrics, JSON log lines, spans encoded in batches."""
    processor = BatchSpanProcessor(EncodedAndDropped())
    with Path("/dev/null").open("wb") as nowhere, processing_tracer(service, processor) as tracer:
        log = open_log(service, CLOCK, LogFormat.JSON, lines=Lines(nowhere))
        yield make_telemetry(service, [*ProcessSignals.of(service).all(), *metrics], log, tracer)


@asynccontextmanager
async def open_kit_server(answer: Callable[[pb.SearchRequest], Awaitable[bytes]]) -> AsyncGenerator[str, None]:
    """Serve what the handler answers as the Search method of the search service, and give the address."""
    health = Health()
    with full_telemetry("search", SEARCH_METRICS) as telemetry:
        methods = [unary(SEARCH, answer, OWN_LIMIT_S)]
        rules = Rules(telemetry, RPC, CLOCK, Secret())
        async with (
            lag_watched(telemetry, ProcessSignals.of("search"), CLOCK),
            open_grpc_server(methods, rules, Listening("127.0.0.1", 0, "", GRACE_S), health) as address,
        ):
            await health.set(Phase.SERVING)
            settle()  # as `backline run` does once all is open
            yield address


@dataclass(frozen=True, slots=True)
class ReadySearch:
    """Finds the same for every query, in one index generation after the other."""

    found: Iterator[pb.SearchResponse]

    @classmethod
    def of(cls, found: pb.SearchResponse, generations: int) -> "ReadySearch":
        """Make a search of so many generations, which are gone through without end."""
        answers = [pb.SearchResponse() for _ in range(generations)]
        for number, answer in enumerate(answers):
            answer.CopyFrom(found)
            answer.index_generation = f"{found.index_generation}-{number}"
        return cls(cycle(answers))

    async def search(self, request: pb.SearchRequest) -> pb.SearchResponse:  # noqa: ARG002 - the port's
        """Return what it was made with."""
        return next(self.found)

    async def suggest(self, request: pb.SuggestRequest) -> pb.SuggestResponse:  # noqa: ARG002 - the port's
        """Return no completions."""
        return pb.SuggestResponse()


@asynccontextmanager
async def open_edge_in_memory(found: pb.SearchResponse, generations: int = 1) -> AsyncGenerator[str, None]:
    """Serve the edge over a search that costs nothing, and give its address.

    It keeps rendered hits of two generations: with three of them, no hit that it is asked for is rendered yet.
    """
    with full_telemetry("edge", EDGE_METRICS) as telemetry:
        async with _open_edge(ReadySearch.of(found, generations), telemetry) as address:
            yield address


@asynccontextmanager
async def open_edge_with_hop(search_address: str) -> AsyncGenerator[str, None]:
    """Serve the edge over a search service at the address, and give its own."""
    with full_telemetry("edge", EDGE_METRICS) as telemetry:
        async with (
            open_client("search", search_address, telemetry, CLIENT, CLOCK) as client,
            _open_edge(GrpcSearch(client, OWN_LIMIT_S), telemetry) as address,
        ):
            yield address


def shipped_snapshot() -> Snapshot:
    """Return the flags that a first start has."""
    return compile_flags(SHIPPED.read_bytes(), now=lambda: CLOCK.now().timestamp())


def _shipped(telemetry: Telemetry) -> Flags:
    flags = Flags(Instruments(telemetry).uses, CLOCK.monotonic)
    flags.replace(shipped_snapshot(), generation=1)
    return flags


@asynccontextmanager
async def _open_edge(search: Search, telemetry: Telemetry) -> AsyncGenerator[str, None]:
    settings, ids = EdgeSettings(limit_s=OWN_LIMIT_S), Ids()
    recent = Reservoir(WatchPolicy().sample_contexts, ids.source)
    rules = EdgeRules(
        telemetry, CLOCK, ids, _shipped(telemetry), recent, settings.limit_s, settings.trace_share, settings.log_share
    )
    app = edge_app(search, MemoryCatalog(), rules, settings.rendered_hits)
    async with (
        lag_watched(telemetry, ProcessSignals.of("edge"), CLOCK),
        open_http_server(app, ports.listen("127.0.0.1", 0, ""), GRACE_S, CLOCK, BOUNDS, app.unread) as address,
    ):
        settle()  # as `backline run` does once all is open
        yield address
