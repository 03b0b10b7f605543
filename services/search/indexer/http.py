"""The indexer over HTTP: assignments and files for search processes, orders and a page for people.

GET  /index                              the page
GET  /index/generations                  the same as JSON
GET  /index/generations/{name}/{file}    one file of a generation or delta, also in parts
GET  /index/assignment                   what a search process shall serve: ?process=&serving=&delta=&refused=
POST /index/build, publish, rollback     orders, with the admin token; see orders.py
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from services.kit.admin import shows
from services.kit.errors import Denied, Invalid, NotFound
from services.kit.http.refusals import REFUSALS
from services.search.domain.rollout import Report
from services.search.index.generations import MANIFEST, is_name
from services.search.indexer.cycle import Cycle
from services.search.indexer.operator import Operator
from services.search.indexer.orders import Order
from services.search.indexer.page import page
from services.search.indexer.status import status

_MOST_NAME_CHARS = 64
_FRESH = {"cache-control": "no-store"}
_FOR_GOOD = {"cache-control": "public, max-age=31536000, immutable"}


@dataclass(frozen=True, slots=True)
class IndexerApi:
    """The routes."""

    cycle: Cycle
    operator: Operator
    token: str

    def app(self) -> Starlette:
        """Return the application, to be mounted at /index."""
        return Starlette(
            routes=[
                Route("/index", self.page),
                Route("/index/generations", self.generations),
                Route("/index/generations/{name}/{file}", self.file),
                Route("/index/assignment", self.assignment),
                Route("/index/build", self._ordered(self.build), methods=["POST"]),
                Route("/index/publish", self._ordered(self.publish), methods=["POST"]),
                Route("/index/rollback", self._ordered(self.roll_back), methods=["POST"]),
            ],
            exception_handlers=REFUSALS,
        )

    async def page(self, _request: Request) -> Response:
        """Answer with the page for people."""
        policy = {"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'"}
        return Response(page(status(self.cycle)), media_type="text/html", headers={**_FRESH, **policy})

    async def generations(self, _request: Request) -> Response:
        """Answer with the state of everything."""
        return _json(status(self.cycle))

    async def file(self, request: Request) -> Response:
        """Answer with a file, which never changes under its name."""
        name, file = request.path_params["name"], request.path_params["file"]
        generation = await asyncio.to_thread(self.cycle.store.get, name)
        if file not in (MANIFEST, *generation.manifest.files):
            raise NotFound(f"{name} has no file {file!r}.")
        self.cycle.fetched(name)
        return FileResponse(generation.path(file), media_type="application/octet-stream", headers=_FOR_GOOD)

    async def assignment(self, request: Request) -> Response:
        """Take a search process's report, and answer with what it shall serve."""
        assigned = self.cycle.assignment(_report(request))
        return _json(
            {
                "generation": assigned.generation,
                "delta": assigned.delta,
                "keep": sorted(assigned.keep),
                "meanwhile": assigned.meanwhile,
            }
        )

    async def build(self, order: Order) -> object:
        """Have an index built; the answer says by which number to know it."""
        return {"build": await self.operator.build(order)}

    async def publish(self, order: Order) -> object:
        """Roll a generation out."""
        return {"generation": await self.operator.publish(order)}

    async def roll_back(self, order: Order) -> object:
        """Go back to the generation before."""
        return {"generation": await self.operator.roll_back(order)}

    def _ordered(self, follow: Callable[[Order], Awaitable[object]]) -> Callable[[Request], Awaitable[Response]]:
        """Return what follows an order from whoever shows the admin token."""

        async def endpoint(request: Request) -> Response:
            if not shows(self.token, request.headers.get("authorization", "")):
                raise Denied("This needs the admin token.")
            try:
                said = orjson.loads(await request.body())
            except ValueError as fault:
                raise Invalid(f"An order is JSON: {fault}.") from fault
            return _json(await follow(Order.of(said)))

        return endpoint


def _report(request: Request) -> Report:
    """Return what a process says of itself. Raises Invalid where that cannot be."""
    said = request.query_params
    process = said.get("process", "")
    if not 0 < len(process) <= _MOST_NAME_CHARS or not process.isprintable():
        raise Invalid(f"A process has a name of at most {_MOST_NAME_CHARS} characters.", field="process")
    names = {field: said.get(field, "") for field in ("serving", "delta", "refused")}
    for field, name in names.items():
        if name and not is_name(name):
            raise Invalid(f"{field} is no name of a generation.", field=field)
    return Report(process, **names)


def _json(content: object) -> Response:
    return Response(orjson.dumps(content), media_type="application/json", headers=_FRESH)
