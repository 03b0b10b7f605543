"""Opens the edge: the only module of it that knows concrete classes."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from services.edge.api.app import edge_app
from services.edge.api.bodies import MAX_BODY_BYTES
from services.edge.api.front import MAX_HEAD_BYTES, Rules
from services.edge.clients.catalog import GrpcCatalog
from services.edge.clients.search import GrpcSearch
from services.edge.settings import EdgeSettings
from services.edge.signals import CLIENT, METRICS
from services.kit import ports
from services.kit.flags.client.opening import open_flags
from services.kit.flags.client.policy import WatchPolicy
from services.kit.flags.client.sample import Reservoir
from services.kit.grpc.client import open_client
from services.kit.http.bounds import Bounds
from services.kit.http.server import open_http_server
from services.kit.lifecycle import Running
from services.kit.process import Surroundings
from services.kit.service import open_frame

NAME = "edge"


@asynccontextmanager
async def open_edge(settings: EdgeSettings, surroundings: Surroundings) -> AsyncGenerator[Running, None]:
    """Serve HTTP. Raises Conflict where a port is taken."""
    listener = ports.listen(settings.host, settings.http_port, "BACKLINE_EDGE_HTTP_PORT")
    clock, policy = surroundings.clock, WatchPolicy()
    recent = Reservoir(policy.sample_contexts, surroundings.ids.source)
    async with (
        open_frame(NAME, settings, METRICS, surroundings) as frame,
        open_client("search", settings.search, frame.telemetry, CLIENT, clock) as search,
        open_client("catalog", settings.catalog, frame.telemetry, CLIENT, clock) as catalog,
        open_flags(settings.flags, frame, surroundings, policy, recent.take) as flags,
    ):
        frame.health.dependencies.update(search=search.answers, catalog=catalog.answers)
        rules = Rules(
            frame.telemetry,
            clock,
            surroundings.ids,
            flags,
            recent,
            settings.limit_s,
            settings.trace_share,
            settings.log_share,
            settings.log_key,
            settings.cors_origins,
            secure_cookies=settings.secure_cookies,
            ofrep=settings.ofrep,
            ofrep_token=settings.ofrep_token,
        )
        bounds = Bounds(settings.connections, MAX_HEAD_BYTES, MAX_BODY_BYTES, settings.send_s, settings.idle_s)
        app = edge_app(
            GrpcSearch(search, settings.search_limit_s),
            GrpcCatalog(catalog, settings.catalog_limit_s),
            rules,
            settings.rendered_hits,
        )
        async with open_http_server(app, listener, surroundings.settings.grace_s, clock, bounds, app.unread) as address:
            await frame.serve()
            yield frame.running(http=address)
