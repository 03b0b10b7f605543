"""The page and its files, read once and kept in memory, answered with an entity tag."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

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
    """One file of the page."""

    content_type: str
    tag: str
    body: bytes


def read_files(folder: Path = WEB) -> dict[str, File]:
    """Return the page's files by name."""
    return {path.name: _file(path) for path in sorted(folder.iterdir()) if path.suffix in CONTENT_TYPES}


def _file(path: Path) -> File:
    body = path.read_bytes()
    return File(CONTENT_TYPES[path.suffix], f'"{hashlib.sha256(body).hexdigest()[:16]}"', body)


def site_routes(files: Mapping[str, File]) -> list[Route]:
    """Return the page's addresses: the page itself for everything that it shows, and /web/<name> for its files."""

    def answer(request: Request, name: str) -> Response:
        file = files.get(name)
        if file is None:
            raise NotFound(f"There is no file {name!r}.")
        headers = {"etag": file.tag, "cache-control": "no-cache", "content-security-policy": POLICY}
        if request.headers.get("if-none-match") == file.tag:
            return Response(status_code=304, headers=headers)
        return Response(file.body, media_type=file.content_type, headers=headers)

    async def page(request: Request) -> Response:
        return answer(request, PAGE)

    async def docs(request: Request) -> Response:
        return answer(request, DOCS)

    async def file(request: Request) -> Response:
        return answer(request, request.path_params["name"])

    shown = [Route(path, page) for path in ("/", "/tracks/{id}", "/albums/{id}", "/artists/{id}")]
    return [*shown, Route("/docs", docs), Route("/web/{name}", file)]
