"""The OpenAPI document: what FastAPI knows of its own routes, and the hot routes beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from services.edge.api import examples, models
from services.edge.api.answers import Json
from services.edge.api.documented_headers import with_headers
from services.edge.api.parameters import Parameter
from services.edge.api.search import SEARCH_PARAMETERS, SUGGEST_PARAMETERS
from services.kit.http.problem import BY_STATUS, CONTENT_TYPE

TITLE, VERSION = "Backline", "1"
DESCRIPTION = "Searches a music catalogue and reads it. Every error is a problem document (RFC 9457)."
ABOUT: dict[str, Any] = {
    "servers": [{"url": "/", "description": "Where this document comes from."}],
    "license_info": {"name": "Apache 2.0", "identifier": "Apache-2.0"},
    "tags": [
        {"name": "search", "description": "Finds what people type."},
        {"name": "catalogue", "description": "Reads single items, and the lists that belong to them."},
        {"name": "caller", "description": "Tells a caller what is known of it."},
    ],
}
_REF = "#/components/schemas/{model}"


@dataclass(frozen=True, slots=True)
class HotRoute:
    """A route that FastAPI does not know of."""

    path: str
    name: str
    summary: str
    description: str
    parameters: Sequence[Parameter[Any]]
    model: type[BaseModel]
    example: Json


HOT_STATUSES = (200, 414, 422, 429, 503, 504)
HOT_ROUTES = (
    HotRoute(
        "/v1/search",
        "search",
        "Search",
        "Returns what best matches the query, all kinds in one list. An empty query finds nothing.",
        SEARCH_PARAMETERS,
        models.SearchAnswer,
        examples.SEARCH,
    ),
    HotRoute(
        "/v1/suggest",
        "suggest",
        "Suggest",
        "Returns completions of what has been typed so far.",
        SUGGEST_PARAMETERS,
        models.SuggestAnswer,
        examples.SUGGEST,
    ),
)


def problem_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the documentation of the problems that a route may answer with."""
    content = {CONTENT_TYPE: {"schema": {"$ref": _REF.format(model=models.ProblemAnswer.__name__)}}}
    return {status: {"description": BY_STATUS[status].title, "content": content} for status in statuses}


def not_modified_response() -> dict[int | str, dict[str, Any]]:
    """Return the documentation of the answer to those who have the page already."""
    return {304: {"description": "The page whose tag If-None-Match names is still as it was."}}


def openapi(app: FastAPI) -> bytes:
    """Return the whole document."""
    document = get_openapi(title=TITLE, version=VERSION, description=DESCRIPTION, routes=app.routes, **ABOUT)
    beside: list[type[BaseModel]] = [models.ProblemAnswer, *(route.model for route in HOT_ROUTES)]
    _, definitions = models_json_schema([(model, "serialization") for model in beside], ref_template=_REF)
    schemas = {**document["components"]["schemas"], **definitions["$defs"]}
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    paths = {**{route.path: {"get": _operation(route)} for route in HOT_ROUTES}, **document["paths"]}
    paths = {path: {"get": with_headers(item["get"])} for path, item in paths.items()}
    components = {"schemas": dict(sorted(schemas.items()))}
    return orjson.dumps({**document, "paths": paths, "components": components, "security": []})


def _operation(route: HotRoute) -> Mapping[str, Any]:
    schema = {"$ref": _REF.format(model=route.model.__name__)}
    answer = {
        "description": "The answer.",
        "content": {"application/json": {"schema": schema, "example": route.example}},
    }
    problems = problem_responses(*(status for status in HOT_STATUSES if status in BY_STATUS))
    responses = {"200": answer, **{str(status): text for status, text in problems.items()}}
    return {
        "tags": ["search"],
        "operationId": route.name,
        "summary": route.summary,
        "description": route.description,
        "parameters": [parameter.documented() for parameter in route.parameters],
        "responses": responses,
    }
