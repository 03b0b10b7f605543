"""What happens around every HTTP request, as plain ASGI: context, limits, errors, headers, compression, the last word.

Hot routes are answered from a table right here, and so is what has a body; everything else goes on to the application
behind.
"""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random, SystemRandom
from typing import TypeAlias

from services.edge.api.bodies import MAX_BODY_BYTES, Below, too_large, whole_body
from services.edge.api.calls import OTHER, Call, Calls
from services.edge.api.conditional import not_modified
from services.edge.api.cors import Cors
from services.edge.api.encoding import accepts_gzip, in_gzip
from services.edge.api.refusals import Refused, refusal_of
from services.edge.api.reply import Lines, Reply, reply_of
from services.edge.api.visitors import VISITOR, Visitor, Visitors
from services.edge.signals import HTTP
from services.kit.clock import Clock
from services.kit.context import Criticality, RequestContext, Trace, parse_traceparent
from services.kit.errors import Internal
from services.kit.flags.client.local import Flags
from services.kit.flags.client.sample import Reservoir
from services.kit.http.asgi import App, Receive, Scope, Send, respond
from services.kit.http.problem import problem_of
from services.kit.ids import Ids
from services.kit.telemetry import Telemetry

MAX_HEAD_BYTES = 32 * 1024
MAX_TARGET_BYTES = 16 * 1024

_API = "/v1/"
_REQUEST_ID = re.compile(b"[A-Za-z0-9._-]{8,64}")
_READ, _HEAD, _OPTIONS = "GET", "HEAD", "OPTIONS"
_SECURITY_HEADERS = ((b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"same-origin"))

HotRoute: TypeAlias = Callable[[Scope, Visitor], Awaitable[Reply]]
"""Takes a GET request and who asks; whatever else it has to say it raises."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for all requests."""

    telemetry: Telemetry
    clock: Clock
    ids: Ids
    flags: Flags
    recent: Reservoir
    """Hears of the visitors that come."""
    limit_s: float
    trace_share: float
    log_share: float = 1.0
    log_key: str = ""
    cors_origins: str = ""
    secure_cookies: bool = False
    secrets: Random = field(default_factory=SystemRandom)
    ofrep: bool = True
    ofrep_token: str = ""


class Front:
    """Surrounds an application. `routes` are answered here, by exact path, and then what is `below` a path.

    `statuses` are by name those of all routes that are not below one.
    """

    def __init__(
        self,
        app: App,
        routes: Mapping[str, HotRoute],
        statuses: Mapping[str, Iterable[int]],
        rules: Rules,
        below: Sequence[Below] = (),
    ) -> None:
        self._app, self._routes, self._below, self._rules = app, routes, below, rules
        self._names = {path: _name(route) for path, route in routes.items()}
        self._visitors = Visitors(
            rules.telemetry,
            rules.flags,
            rules.recent,
            rules.secrets,
            rules.log_key,
            secure_cookies=rules.secure_cookies,
        )
        statuses = {**statuses, **{each.name: each.statuses for each in below}}
        self._calls = Calls(rules.telemetry, statuses, rules.ids, rules.log_share)
        self._cors = Cors(rules.cors_origins)
        self._always = ((b"vary", self._cors.vary), *_SECURITY_HEADERS)
        self._in_flight = rules.telemetry.gauge(HTTP.in_flight, method="all")

    def unread(self, status: int) -> str:
        """Take note of a request that the listener refused before it could be read; return an id for it."""
        return self._calls.unread(status)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        now, in_flight = self._rules.clock.monotonic, self._in_flight
        method: str = scope["method"]
        started, headers = now(), dict(scope["headers"])
        visitor = self._visitors.of(headers)
        request = self._context(headers, visitor, started)
        scope = {**scope, "method": _READ} if method == _HEAD else scope
        reply: Reply | None = None
        in_flight.value += 1
        try:
            with self._rules.telemetry.entered(self._names.get(scope["path"], method), request):
                reply = self._fitted(await self._reply(scope, headers, receive, visitor), headers)
            further = self._further(scope["path"], headers, request.request_id, visitor)
            lines = (*further, *reply.headers)
            await respond(scope, send, reply.status, lines, reply.body, head=method == _HEAD)
        finally:
            in_flight.value -= 1
            status, size_bytes = (reply.status, len(reply.body)) if reply else (0, 0)
            self._calls.over(Call(method, self._route(scope), status, now() - started, size_bytes, request, visitor))

    def _context(self, headers: Mapping[bytes, bytes], visitor: Visitor, now: float) -> RequestContext:
        rules, given, asked = self._rules, headers.get(b"traceparent"), headers.get(b"x-request-id")
        trace = parse_traceparent(given.decode("latin-1")) if given else None
        if trace is None:
            trace = Trace(*rules.ids.trace_and_span(), rules.ids.chance(rules.trace_share))
        request_id = asked.decode() if asked and _REQUEST_ID.fullmatch(asked) else trace.trace_id
        deadline = now + rules.limit_s
        traceparent = trace.traceparent()
        return RequestContext(request_id, deadline, Criticality.DEFAULT, traceparent, visitor.encoded, visitor.carried)

    async def _reply(self, scope: Scope, headers: Mapping[bytes, bytes], receive: Receive, visitor: Visitor) -> Reply:
        try:
            _check_size(scope, headers)
            if scope["method"] == _OPTIONS and (preflight := self._cors.preflight(headers)):
                return preflight
            route = self._routes.get(scope["path"])
            if route is None:
                scope[VISITOR] = visitor
                return await self._elsewhere(scope, headers, receive)
            _check_read(scope)
            return await route(scope, visitor)
        except Exception as error:  # noqa: BLE001 - whatever escapes is answered as a problem, its trace logged
            return self._refused(scope, error)

    async def _elsewhere(self, scope: Scope, headers: Mapping[bytes, bytes], receive: Receive) -> Reply:
        below = self._over(scope)
        if below is None:
            return await reply_of(self._app, scope, receive)
        return await below.answer(scope, await whole_body(receive), headers)

    def _over(self, scope: Scope) -> Below | None:
        """Return what answers all addresses around this one."""
        return next((each for each in self._below if scope["path"].startswith(each.path)), None)

    def _refused(self, scope: Scope, error: Exception) -> Reply:
        refusal = refusal_of(error)
        if refusal.problem is problem_of(Internal()):
            self._rules.telemetry.log.error("http.failed", route=self._route(scope), exc_info=error)
        return refusal.reply()

    def _fitted(self, reply: Reply, headers: Mapping[bytes, bytes]) -> Reply:
        """Return the answer as this caller needs it: as a word that nothing has changed, or compressed, or as it is."""
        held = headers.get(b"if-none-match")
        if held is not None:
            reply = not_modified(reply, held)
        return in_gzip(reply) if accepts_gzip(headers.get(b"accept-encoding", b"")) else reply

    def _further(self, path: str, headers: Mapping[bytes, bytes], request_id: str, visitor: Visitor) -> Lines:
        further = [(b"x-request-id", request_id.encode()), *self._always]
        origin = headers.get(b"origin")
        if origin is not None:
            further += self._cors.headers(origin)
        if visitor.cookie and path.startswith(_API):
            # Not with files: what shared caches keep must carry nobody's name.
            further.append((b"set-cookie", visitor.cookie.encode()))
        return further

    def _route(self, scope: Scope) -> str:
        name = self._names.get(scope["path"])
        if name is None:
            below = self._over(scope)
            name = below.name if below else self._calls.known(_name(scope.get("endpoint")))
        return name


def _check_read(scope: Scope) -> None:
    if scope["method"] != _READ:
        raise Refused(405, "This address is only read.", {"allow": "GET, HEAD"})


def _check_size(scope: Scope, headers: Mapping[bytes, bytes]) -> None:
    if len(scope["raw_path"]) + len(scope["query_string"]) > MAX_TARGET_BYTES:
        raise Refused(414, f"The address is longer than {MAX_TARGET_BYTES} bytes.")
    announced = headers.get(b"content-length")
    if announced and not (announced.isdigit() and int(announced) <= MAX_BODY_BYTES):
        raise too_large()


def _name(endpoint: object) -> str:
    return getattr(endpoint, "__name__", OTHER)
