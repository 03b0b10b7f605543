"""Puts the edge's HTTP side together: front, hot routes, the catalogue's routes, page, documentation."""

from collections.abc import Mapping, Sequence

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from fastapi.telemetry import TelemetryConfig
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.edge.api.degraded import Degraded
from services.edge.api.documentation import HOT_STATUSES, openapi
from services.edge.api.front import Front, Rules
from services.edge.api.items import item_routes
from services.edge.api.me import me_routes
from services.edge.api.ofrep import ofrep
from services.edge.api.refusals import REFUSED_BY_FRAMEWORK, refuse
from services.edge.api.rendered import RenderedHits
from services.edge.api.search import SearchRoutes
from services.edge.api.site import File, read_files, site_routes
from services.edge.clients.catalog import Catalog
from services.edge.clients.search import Search

DOCUMENT = "openapi_document"
_FILE_STATUSES = (200, 304, 404)


def edge_app(search: Search, catalog: Catalog, rules: Rules, rendered_hits: int) -> Front:
    """Return the edge's application; it keeps up to `rendered_hits` hits of an index generation as JSON."""
    degraded = Degraded(rules.telemetry)
    api, site = [item_routes(catalog, degraded), me_routes(rules.flags)], site_routes(read_files())
    hot = SearchRoutes(search, rules.flags, RenderedHits(rendered_hits), rules.clock, degraded)
    routes = {"/v1/search": hot.search, "/v1/suggest": hot.suggest}
    statuses = {**{route.__name__: HOT_STATUSES for route in routes.values()}, **_statuses(api, site)}
    below = [ofrep(rules.flags, rules.ofrep_token)] if rules.ofrep else []
    return Front(_framework(api, site), routes, statuses, rules, below)


def _framework(api: Sequence[APIRouter], site: Sequence[Route]) -> FastAPI:
    # Its own telemetry would reach for the process-wide providers; the front measures all routes alike.
    quiet: TelemetryConfig = {"tracing": False, "metrics": False}
    app = FastAPI(
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
        telemetry=quiet,
    )
    for router in api:
        app.include_router(router)
    document = File.of(openapi(app), "application/json")

    async def openapi_document(request: Request) -> Response:
        return document.answer(request)

    app.router.routes += [*site, Route("/openapi.json", openapi_document, name=DOCUMENT)]
    for error in REFUSED_BY_FRAMEWORK:
        app.add_exception_handler(error, refuse)
    return app


def _statuses(api: Sequence[APIRouter], site: Sequence[Route]) -> Mapping[str, Sequence[int]]:
    """Return what each route answers with, by its name: as documented, or as files are answered."""
    files = dict.fromkeys((DOCUMENT, *(route.name for route in site)), _FILE_STATUSES)
    documented = (route for router in api for route in router.routes if isinstance(route, APIRoute))
    return {**files, **{route.name: [200, *map(int, route.responses)] for route in documented}}
