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
from services.edge.api.ofrep_models import POST_ROUTES, PostRoute
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
        {"name": "flags", "description": "Evaluates feature flags (OFREP); its errors are that protocol's own."},
    ],
}
_REF = "#/components/schemas/{model}"
_OK = 200


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
    schemas = {**document["components"]["schemas"], **_schemas()}
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    hot = {route.path: {"get": _operation(route)} for route in HOT_ROUTES}
    posted = {route.path: {"post": _posted(route)} for route in POST_ROUTES}
    paths = {
        path: {method: with_headers(operation) for method, operation in item.items()}
        for path, item in {**hot, **document["paths"], **posted}.items()
    }
    components = {"schemas": dict(sorted(schemas.items()))}
    return orjson.dumps({**document, "paths": paths, "components": components, "security": []})


def _schemas() -> Mapping[str, Any]:
    """Return the schemas of what FastAPI does not know of."""
    answers: list[type[BaseModel]] = [models.ProblemAnswer, *(route.model for route in HOT_ROUTES)]
    answers += [model for route in POST_ROUTES for _, model in route.answers.values()]
    requests = {route.request for route in POST_ROUTES}
    _, definitions = models_json_schema(
        [*((model, "serialization") for model in answers), *((model, "validation") for model in requests)],
        ref_template=_REF,
    )
    schemas: Mapping[str, Any] = definitions["$defs"]
    return schemas


def _operation(route: HotRoute) -> Mapping[str, Any]:
    answer = {"description": "The answer.", "content": _json(route.model, route.example)}
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


def _posted(route: PostRoute) -> Mapping[str, Any]:
    responses: dict[str, Any] = {
        str(status): {"description": text, "content": _json(model, route.answer if status == _OK else None)}
        for status, (text, model) in route.answers.items()
    }
    if route.has_tag:
        responses |= {str(status): text for status, text in not_modified_response().items()}
    responses |= {str(status): text for status, text in problem_responses(413, 414).items()}
    return {
        "tags": ["flags"],
        "operationId": route.name,
        "summary": route.summary,
        "description": route.description,
        "parameters": list(route.parameters),
        "requestBody": {"required": False, "content": _json(route.request, route.asked)},
        "responses": dict(sorted(responses.items())),
    }


def _json(model: type[BaseModel], example: Json | None) -> Json:
    shown = {} if example is None else {"example": example}
    return {"application/json": {"schema": {"$ref": _REF.format(model=model.__name__)}, **shown}}
