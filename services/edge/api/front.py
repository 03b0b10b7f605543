"""What happens around every HTTP request, as plain ASGI: context, limits, metrics, errors, headers.

Hot routes are answered from a table right here; everything else goes on to the application behind.
"""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from services.edge.api.refusals import Refusal, Refused, refusal_of
from services.edge.signals import HTTP
from services.kit.clock import Clock
from services.kit.context import RequestContext, Trace, parse_traceparent
from services.kit.errors import Internal
from services.kit.http.asgi import App, Message, Receive, Scope, Send, encoded, respond
from services.kit.http.problem import problem_of
from services.kit.ids import Ids
from services.kit.instruments import BoundCounter
from services.kit.telemetry import Telemetry

MAX_TARGET_BYTES = 32 * 1024
MAX_BODY_BYTES = 64 * 1024
OTHER = "other"

_REQUEST_ID = re.compile(b"[A-Za-z0-9._-]{8,64}")
_READ = "GET"
_FIRST_ERROR = 400
JSON = {"content-type": "application/json", "cache-control": "no-store"}
_SECURITY_HEADERS = ((b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"same-origin"))
_HOT_HEADERS = (*encoded(JSON), *_SECURITY_HEADERS)

HotRoute: TypeAlias = Callable[[Scope], Awaitable[bytes]]
"""Takes a GET request and returns the JSON to answer it with; whatever else it has to say it raises."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for all requests."""

    telemetry: Telemetry
    clock: Clock
    ids: Ids
    limit_s: float
    trace_share: float


class Answer:
    """Watches an answer go out: puts our headers on it, and leaves out its body where only the head was asked for."""

    def __init__(self, send: Send, request_id: str, *, head: bool) -> None:
        self._send, self._request_id, self._head = send, request_id.encode(), head
        self.status = 0
        """0 until the answer has begun."""

    async def send(self, message: Message) -> None:
        """Pass a part of the answer on."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message["headers"], (b"x-request-id", self._request_id), *_SECURITY_HEADERS]
        elif self._head:
            message["body"] = b""
        await self._send(message)

    async def give(self, body: bytes) -> None:
        """Answer with JSON, in as few steps as there can be."""
        self.status = 200
        headers = [(b"content-length", b"%d" % len(body)), (b"x-request-id", self._request_id), *_HOT_HEADERS]
        await self._send({"type": "http.response.start", "status": 200, "headers": headers})
        await self._send({"type": "http.response.body", "body": b"" if self._head else body})

    async def refuse(self, refusal: Refusal) -> None:
        """Answer with a problem, unless an answer has begun."""
        if not self.status:
            await respond(self.send, refusal.problem.status, encoded(refusal.all_headers()), refusal.body())


class Front:
    """Surrounds an application. `routes` are answered here, by exact path; `names` are the endpoints behind."""

    def __init__(self, app: App, routes: Mapping[str, HotRoute], names: Iterable[str], rules: Rules) -> None:
        self._app, self._routes, self._rules = app, routes, rules
        self._hot_labels = {path: _name(route) for path, route in routes.items()}
        labels = {*self._hot_labels.values(), *names, OTHER}
        telemetry = rules.telemetry
        self._latency = {label: telemetry.timing(HTTP.latency, method=label) for label in labels}
        self._in_flight = telemetry.gauge(HTTP.in_flight, method="all")
        self._counts = {(label, 200): telemetry.counter(HTTP.calls, method=label, code="200") for label in labels}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        now, in_flight = self._rules.clock.monotonic, self._in_flight
        started, headers = now(), dict(scope["headers"])
        request = self._context(headers, started)
        head = scope["method"] == "HEAD"
        scope = {**scope, "method": _READ} if head else scope
        answer = Answer(send, request.request_id, head=head)
        in_flight.value += 1
        try:
            with self._rules.telemetry.entered(scope["path"], request):
                await self._answer(scope, headers, receive, answer)
        finally:
            in_flight.value -= 1
            self._count(self._label(scope), answer.status, now() - started)

    def _context(self, headers: Mapping[bytes, bytes], now: float) -> RequestContext:
        rules, given, asked = self._rules, headers.get(b"traceparent"), headers.get(b"x-request-id")
        trace = parse_traceparent(given.decode("latin-1")) if given else None
        if trace is None:
            trace = Trace(*rules.ids.trace_and_span(), sampled=rules.ids.chance(rules.trace_share))
        request_id = asked.decode() if asked and _REQUEST_ID.fullmatch(asked) else trace.trace_id
        return RequestContext(request_id, now + rules.limit_s, traceparent=trace.traceparent())

    async def _answer(self, scope: Scope, headers: Mapping[bytes, bytes], receive: Receive, answer: Answer) -> None:
        try:
            _check_size(scope, headers)
            route = self._routes.get(scope["path"])
            if route is None:
                await self._app(scope, receive, answer.send)
                if answer.status >= _FIRST_ERROR:
                    self._rules.telemetry.log.info("http.refused", path=scope["path"], status=answer.status)
            else:
                _check_read(scope)
                await answer.give(await route(scope))
        except Exception as error:  # noqa: BLE001 - whatever escapes is answered as a problem, its trace logged
            self._log(scope, error)
            await answer.refuse(refusal_of(error))

    def _label(self, scope: Scope) -> str:
        label = self._hot_labels.get(scope["path"]) or _name(scope.get("endpoint"))
        return label if label in self._latency else OTHER

    def _log(self, scope: Scope, error: Exception) -> None:
        refusal, log = refusal_of(error), self._rules.telemetry.log
        if refusal.problem is problem_of(Internal()):
            log.error("http.failed", path=scope["path"], exc_info=error)
        else:
            log.info("http.refused", path=scope["path"], status=refusal.problem.status, reason=refusal.detail)

    def _count(self, label: str, status: int, seconds: float) -> None:
        self._latency[label].observe(seconds)
        counter = self._counts.get((label, status))
        if counter is None:
            counter = self._counts[label, status] = self._new_counter(label, status)
        counter.inc()

    def _new_counter(self, label: str, status: int) -> BoundCounter:
        # 0 is a caller that left before the answer began, as nginx has it.
        return self._rules.telemetry.counter(HTTP.calls, method=label, code=str(status or 499))


def _check_read(scope: Scope) -> None:
    if scope["method"] != _READ:
        raise Refused(405, "This address is only read.", {"allow": "GET, HEAD"})


def _check_size(scope: Scope, headers: Mapping[bytes, bytes]) -> None:
    if len(scope["raw_path"]) + len(scope["query_string"]) > MAX_TARGET_BYTES:
        raise Refused(414, f"The address is longer than {MAX_TARGET_BYTES} bytes.")
    announced = headers.get(b"content-length", b"0")
    if not announced.isdigit() or int(announced) > MAX_BODY_BYTES:
        raise Refused(413, f"The request's body is larger than {MAX_BODY_BYTES} bytes.")


def _name(endpoint: object) -> str:
    return getattr(endpoint, "__name__", OTHER)
