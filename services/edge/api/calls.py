"""What is counted and logged of every request: never an address, a query, an id or a name of a person.

The route stands for the address and the client's type for the program; the person is a keyed hash.
"""

from collections.abc import Iterable, Mapping
from http import HTTPMethod
from typing import NamedTuple

from services.edge.api.visitors import Visitor
from services.edge.signals import HTTP
from services.kit.context import RequestContext
from services.kit.ids import Ids
from services.kit.instruments import BoundCounter
from services.kit.telemetry import Telemetry

OTHER = "other"
_LEFT = 499
"""Of a caller that left before the answer began, as nginx has it."""
_FIRST_ERROR = 400
_METHODS = frozenset(HTTPMethod)
_UNREAD = (400, 408, 413, 414, 431, 503)
_ANY_ROUTE = (405, 413, 414, 500, _LEFT)
"""What may end a request to any address."""
_TRACE_ID = slice(3, 35)


class Call(NamedTuple):
    """A request that is over."""

    method: str
    route: str
    status: int
    """0 where no answer began."""
    seconds: float
    size_bytes: int
    request: RequestContext
    visitor: Visitor


class Calls:
    """Counts by route and status, times by route, and writes a log line for each call, or for a share of the good ones.

    `routes` are the names of all routes, each with the statuses that it answers with besides those of any route.
    """

    def __init__(self, telemetry: Telemetry, routes: Mapping[str, Iterable[int]], ids: Ids, log_share: float) -> None:
        self._telemetry, self._ids, self._log_share = telemetry, ids, log_share
        known = {**{name: (*statuses, *_ANY_ROUTE) for name, statuses in routes.items()}, OTHER: (404, *_ANY_ROUTE)}
        self._latency = {name: telemetry.timing(HTTP.latency, method=name) for name in known}
        self._counts = {
            (name, status): self._counter(name, status)
            for name, statuses in {**known, OTHER: (*known[OTHER], *_UNREAD)}.items()
            for status in statuses
        }

    def known(self, route: str) -> str:
        """Return the route's name as it is counted."""
        return route if route in self._latency else OTHER

    def over(self, call: Call) -> None:
        """Take note of a call."""
        status = call.status or _LEFT
        self._latency[call.route].observe(call.seconds)
        self._count(call.route, status)
        if status >= _FIRST_ERROR or self._log_share >= 1 or self._ids.chance(self._log_share):
            self._log(call, status)

    def unread(self, status: int) -> str:
        """Take note of a request that was refused before it could be read; return an id for it."""
        self._count(OTHER, status)
        request_id, _ = self._ids.trace_and_span()
        self._telemetry.log.note("http.unread", {"status": status, "request_id": request_id})
        return request_id

    def _log(self, call: Call, status: int) -> None:
        request, program = call.request, call.visitor.program
        self._telemetry.log.note(
            "http.answered",
            {
                "method": call.method if call.method in _METHODS else OTHER,
                "route": call.route,
                "status": status,
                "ms": round(call.seconds * 1000, 2),
                "bytes": call.size_bytes,
                "client": program.client_type,
                "version": program.app_version,
                "user": call.visitor.hashed,
                "request_id": request.request_id,
                "trace_id": request.traceparent[_TRACE_ID],
            },
        )

    def _count(self, route: str, status: int) -> None:
        counter = self._counts.get((route, status))
        if counter is None:
            counter = self._counts[route, status] = self._counter(route, status)
        counter.inc()

    def _counter(self, route: str, status: int) -> BoundCounter:
        return self._telemetry.counter(HTTP.calls, method=route, code=str(status))
