"""The flags page's files: read once, kept in memory, answered with a policy that lets nothing else in."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

WEB = Path(__file__).parent.parent / "web"
_CONTENT_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
_HEADERS = {
    "cache-control": "no-cache",
    "content-security-policy": _POLICY,
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class File:
    """One file, and the headers that it is answered with."""

    body: bytes
    headers: Mapping[str, str]

    def answer(self, request: Request) -> Response:
        """Answer with the file, or say that it is what the browser has."""
        if request.headers.get("if-none-match") == self.headers["etag"]:
            return Response(status_code=304, headers=self.headers)
        return Response(self.body, headers=self.headers)


def read_files(folder: Path = WEB) -> dict[str, File]:
    """Return the page's files by name."""
    return {path.name: _file(path) for path in sorted(folder.iterdir()) if path.suffix in _CONTENT_TYPES}


def _file(path: Path) -> File:
    body = path.read_bytes()
    tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    return File(body, {**_HEADERS, "content-type": _CONTENT_TYPES[path.suffix], "etag": tag})
