"""Puts the edge's HTTP side together: front, hot routes, the catalogue's routes, page, documentation."""

from collections.abc import Sequence

from fastapi import APIRouter, FastAPI
from fastapi.telemetry import TelemetryConfig
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.edge.api.documentation import openapi
from services.edge.api.front import Front, Rules
from services.edge.api.items import item_routes
from services.edge.api.refusals import REFUSED_BY_FRAMEWORK, refuse
from services.edge.api.rendered import RenderedHits
from services.edge.api.search import SearchRoutes
from services.edge.api.site import read_files, site_routes
from services.edge.clients.catalog import Catalog
from services.edge.clients.search import Search
from services.edge.signals import DEGRADED, DEGRADED_REASONS
from services.kit.http.asgi import App


def edge_app(search: Search, catalog: Catalog, rules: Rules, rendered_hits: int) -> App:
    """Return the edge's application; it keeps up to `rendered_hits` hits of an index generation as JSON."""
    items, site = item_routes(catalog), site_routes(read_files())
    names = [route.name for route in (*items.routes, *site) if isinstance(route, Route)]
    degraded = {reason: rules.telemetry.counter(DEGRADED, reason=reason) for reason in DEGRADED_REASONS}
    hot = SearchRoutes(search, RenderedHits(rendered_hits), rules.clock, degraded)
    return Front(_framework(items, site), {"/v1/search": hot.search, "/v1/suggest": hot.suggest}, names, rules)


def _framework(items: APIRouter, site: Sequence[Route]) -> FastAPI:
    # Its own telemetry would reach for the process-wide providers; the front measures all routes alike.
    quiet: TelemetryConfig = {"tracing": False, "metrics": False}
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False, telemetry=quiet)
    app.include_router(items)
    document = openapi(app)

    async def openapi_document(_request: Request) -> Response:
        return Response(document, media_type="application/json", headers={"cache-control": "no-cache"})

    app.router.routes += [*site, Route("/openapi.json", openapi_document)]
    for error in REFUSED_BY_FRAMEWORK:
        app.add_exception_handler(error, refuse)
    return app
