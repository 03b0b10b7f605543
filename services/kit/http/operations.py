"""The operations listener: metrics, health and the settings in force, for the people and machines that run the service.

/metrics   Prometheus text; rendered in a thread, since a few thousand series take tens of milliseconds
/healthz   200 while the process is alive; depends on nothing
/readyz    200 while the service takes requests, else 503; the body tells draining from a slow dependency
/settings  the settings in force, secrets masked

A service may mount an application of its own below a further first part of the path, such as /index.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeAlias

import orjson
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from services.kit.clock import Clock
from services.kit.http.asgi import App, Receive, Scope, Send, encoded, respond
from services.kit.lifecycle import Health
from services.kit.settings import shown

_RENDER_AGAIN_S = 1.0
_JSON = {"content-type": "application/json"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a page of the listener answers."""

    status: int
    headers: Mapping[str, str]
    body: bytes


Page: TypeAlias = Callable[[], Awaitable[Answer]]


class Metrics:
    """Renders a registry off the event loop, at most once a second."""

    def __init__(self, registry: CollectorRegistry, clock: Clock) -> None:
        self._registry, self._clock = registry, clock
        self._rendered, self._fresh_until = b"", float("-inf")
        self._lock = asyncio.Lock()

    async def page(self) -> Answer:
        """Answer /metrics."""
        async with self._lock:
            if self._clock.monotonic() >= self._fresh_until:
                self._rendered = await asyncio.to_thread(generate_latest, self._registry)
                self._fresh_until = self._clock.monotonic() + _RENDER_AGAIN_S
        return Answer(200, {"content-type": CONTENT_TYPE_LATEST}, self._rendered)


def operations_app(
    registry: CollectorRegistry,
    clock: Clock,
    health: Health,
    settings: Any,  # noqa: ANN401 - any settings class
    mounted: Mapping[str, App] = MappingProxyType({}),
) -> App:
    """Return the listener's application. What is mounted, by the first part of the path, may come and go meanwhile."""

    async def alive() -> Answer:
        return Answer(200, _JSON, b'{"alive":true}')

    async def ready() -> Answer:
        return Answer(200 if health.ready else 503, _JSON, orjson.dumps(health.report()))

    async def in_force() -> Answer:
        return Answer(200, _JSON, orjson.dumps(shown(settings), option=orjson.OPT_INDENT_2))

    pages: dict[str, Page] = {
        "/metrics": Metrics(registry, clock).page,
        "/healthz": alive,
        "/readyz": ready,
        "/settings": in_force,
    }

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        page, below = pages.get(path), mounted.get("/" + path[1:].partition("/")[0])
        if below is not None:
            await below(scope, receive, send)
        elif page is None:
            await respond(scope, send, 404, encoded(_JSON), orjson.dumps({"pages": sorted({*pages, *mounted})}))
        elif scope["method"] not in ("GET", "HEAD"):
            await respond(scope, send, 405, encoded({**_JSON, "allow": "GET, HEAD"}), b"{}")
        else:
            answer = await page()
            await respond(
                scope, send, answer.status, encoded(answer.headers), answer.body, head=scope["method"] == "HEAD"
            )

    return app
