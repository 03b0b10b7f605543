"""GET /v1/me/context: tells a caller what was understood of it, where from, and what it gets for that."""

from fastapi import APIRouter


def me_routes() -> APIRouter:
    """Return the route, without the prefix being anyone else's matter."""
    return APIRouter(prefix="/v1/me", tags=["me"])
