"""The page and its files, read once and kept in memory, plain and compressed, answered with an entity tag."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.edge.api.encoding import LEAST_BYTES, accepts_gzip, compressed
from services.kit.errors import NotFound

WEB = Path(__file__).parent.parent / "web"
PAGE, DOCS = "index.html", "docs.html"
POLICY = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
CONTENT_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class File:
    """What is answered as it is, to everyone: the same bytes, or the same bytes compressed."""

    body: bytes
    compressed: bytes
    """Empty where it is not worth it."""
    headers: Mapping[str, str]

    @classmethod
    def of(cls, body: bytes, content_type: str, **headers: str) -> "File":
        """Make a file of these bytes; its other headers are named with underscores."""
        small = compressed(body, once=True) if len(body) >= LEAST_BYTES else b""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return cls(body, small, {"content-type": content_type, "cache-control": "no-cache", **named})

    def answer(self, request: Request) -> Response:
        """Answer a request for the file. Each of its two forms has a strong tag of its own."""
        if self.compressed and accepts_gzip(request.headers.get("accept-encoding", "").encode("latin-1")):
            coding = {"content-encoding": "gzip"}
            return Response(self.compressed, headers={**self.headers, **coding, "etag": _tag(self.compressed)})
        return Response(self.body, headers={**self.headers, "etag": _tag(self.body)})


def _tag(body: bytes) -> str:
    return f'"{hashlib.sha256(body).hexdigest()[:16]}"'


def read_files(folder: Path = WEB) -> dict[str, File]:
    """Return the page's files by name."""
    return {
        path.name: File.of(path.read_bytes(), CONTENT_TYPES[path.suffix], content_security_policy=POLICY)
        for path in sorted(folder.iterdir())
        if path.suffix in CONTENT_TYPES
    }


def site_routes(files: Mapping[str, File]) -> list[Route]:
    """Return the page's addresses: the page itself for everything that it shows, and /web/<name> for its files."""

    async def page(request: Request) -> Response:
        return files[PAGE].answer(request)

    async def docs(request: Request) -> Response:
        return files[DOCS].answer(request)

    async def file(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in files:
            raise NotFound(f"There is no file {name!r}.")
        return files[name].answer(request)

    shown = [Route(path, page) for path in ("/", "/tracks/{id}", "/albums/{id}", "/artists/{id}")]
    return [*shown, Route("/docs", docs), Route("/web/{name}", file)]
