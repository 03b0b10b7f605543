"""A sampled request leaves one trace through all services, at a collector that speaks OTLP."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import grpc
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from services.kit.process import Surroundings
from services.stack import STACK, opened
from tests.stack.conftest import ANY_PORTS, System, browser

TRACE_ID, CALLER_SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
EXPORT = "opentelemetry.proto.collector.trace.v1.TraceService"


@dataclass
class Collector:
    """Keeps the spans that it is sent, by the service that made them."""

    address: str = ""
    spans: dict[str, list[Span]] = field(default_factory=dict)

    async def export(self, request: bytes, _context: object) -> bytes:
        """Take spans in."""
        for group in ExportTraceServiceRequest.FromString(request).resource_spans:
            (service,) = [each.value.string_value for each in group.resource.attributes if each.key == "service.name"]
            self.spans.setdefault(service, []).extend(span for scope in group.scope_spans for span in scope.spans)
        return ExportTraceServiceResponse().SerializeToString()


@asynccontextmanager
async def collecting() -> AsyncGenerator[Collector, None]:
    """Serve a collector."""
    collector = Collector()
    handlers: Any = {"Export": grpc.unary_unary_rpc_method_handler(collector.export)}
    server = grpc.aio.server()  # noqa: TID251 - a stranger's server, which has no kit
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(EXPORT, handlers),))
    collector.address = f"http://127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    await server.start()
    try:
        yield collector
    finally:
        await server.stop(None)


async def traced(surroundings: Surroundings, endpoint: str, headers: Sequence[dict[str, str]]) -> None:
    """Search once with each set of headers, with spans sent to the endpoint, and close everything."""
    telling = replace(surroundings, settings=replace(surroundings.settings, otlp_endpoint=endpoint))
    quiet = {**ANY_PORTS, "BACKLINE_EDGE_TRACE_SHARE": "0"}
    async with opened(list(STACK), telling, quiet) as running, browser(running) as client:
        for each in headers:
            assert (await client.get("/v1/search", params={"q": "moons"}, headers=each)).status_code == 200


async def test_a_sampled_request_is_one_trace_through_all_services(surroundings: Surroundings, system: System) -> None:
    """The edge's span is the caller's child, search's is the edge's, and what its sources did is below that.

    A request that is not sampled leaves none.
    """
    async with system():
        pass
    async with collecting() as collector:
        sampled = {"traceparent": f"00-{TRACE_ID}-{CALLER_SPAN}-01"}
        unsampled = {"traceparent": f"00-{TRACE_ID}-{CALLER_SPAN}-00"}
        await traced(surroundings, collector.address, [sampled, unsampled, {}])
    (edge,), (*sources, search) = collector.spans["edge"], collector.spans["search"]
    assert "search.prefix" in {span.name for span in sources}
    assert {span.parent_span_id for span in sources} == {search.span_id}
    assert {span.trace_id.hex() for span in (edge, search)} == {TRACE_ID}
    assert edge.parent_span_id.hex() == CALLER_SPAN
    assert search.parent_span_id == edge.span_id
    assert search.name == "/backline.search.v1.SearchService/Search"


async def test_a_collector_that_is_gone_costs_no_answer(surroundings: Surroundings, system: System) -> None:
    """Spans that nobody takes are dropped, and the request never knows."""
    async with system():
        pass
    sampled = {"traceparent": f"00-{TRACE_ID}-{CALLER_SPAN}-01"}
    async with asyncio.timeout(60):
        await traced(surroundings, "http://127.0.0.1:1", [sampled])
