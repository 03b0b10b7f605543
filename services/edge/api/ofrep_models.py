"""OFREP as documentation has it: messages and routes. It documents and never runs: ofrep.py builds the JSON.

The names are those of OFREP's own OpenAPI document, so that its readers find their way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from services.edge.api.answers import Json
from services.edge.api.models import Exact
from services.edge.api.ofrep import ALL, ONE

Key = Annotated[str, Field(description="The flag's key.")]
Value = Annotated[
    bool | int | float | str | dict[str, Any] | list[Any] | None,
    Field(description="The variant's value; absent where the caller's own default holds."),
]
Metadata = Annotated[
    dict[str, bool | int | float | str], Field(description="What is known of the flag and the set that it is of.")
]
EvaluationReason = Literal["STATIC", "DEFAULT", "TARGETING_MATCH", "DISABLED", "CACHED"]
EvaluationError = Literal["PARSE_ERROR", "TARGETING_KEY_MISSING", "INVALID_CONTEXT", "TYPE_MISMATCH", "GENERAL"]


class Context(BaseModel):
    """What is known of whom or what a flag is evaluated for; attributes of any name and type."""

    model_config = ConfigDict(extra="allow", alias_generator=to_camel)

    targeting_key: Annotated[
        str | None, Field(min_length=1, description="Names whom the flag is evaluated for, so that they share it out.")
    ] = None


class EvaluationRequest(BaseModel):
    """Asks for flags."""

    context: Context | None = None


class EvaluationSuccess(Exact):
    """What a flag is for this context."""

    key: Key
    reason: Annotated[EvaluationReason, Field(description="Why it is so.")]
    variant: Annotated[str, Field(description="The variant's name; empty where the caller's own default holds.")]
    metadata: Metadata
    value: Value = None


class Failure(Exact):
    """Why nothing was evaluated."""

    model_config = ConfigDict(extra="forbid", alias_generator=to_camel)

    error_code: Annotated[EvaluationError, Field(description="What kind of error it is.")]
    error_details: Annotated[str, Field(description="What went wrong this time.")]


class BulkEvaluationFailure(Failure):
    """Why no flag was evaluated."""


class EvaluationFailure(Failure):
    """Why this flag was not evaluated."""

    key: Key


class FlagNotFound(Exact):
    """There is no such flag."""

    model_config = ConfigDict(extra="forbid", alias_generator=to_camel)

    key: Key
    error_code: Literal["FLAG_NOT_FOUND"]
    error_details: str


class BulkEvaluationSuccess(Exact):
    """What each flag is for this context."""

    flags: list[EvaluationSuccess | EvaluationFailure]


@dataclass(frozen=True, slots=True)
class PostRoute:
    """A route with a body, which FastAPI does not know of."""

    path: str
    name: str
    summary: str
    description: str
    request: type[BaseModel]
    answers: Mapping[int, tuple[str, type[BaseModel]]]
    """By status: what it means, and what it says in JSON."""
    asked: Json
    """An example of a request."""
    answer: Json
    """An example of what answers it."""
    parameters: Sequence[Json] = ()
    has_tag: bool = False
    """Whether its answer is a 304 to those who have it already."""


_ASKED: Json = {"context": {"targetingKey": "3f1c…", "client_type": "tv", "app_version": "3.1.0", "country": "SE"}}
_SUCCESS: Json = {
    "key": "view-layout",
    "reason": "TARGETING_MATCH",
    "variant": "shelf",
    "metadata": {"flagSetId": "backline", "owner": "edge", "expires": "2026-12-31"},
    "value": "shelf",
}
_KEY: Json = {
    "name": "key",
    "in": "path",
    "required": True,
    "description": "The flag's key.",
    "schema": {"type": "string", "minLength": 1},
    "example": "view-layout",
}
POST_ROUTES = (
    PostRoute(
        f"{ONE}{{key}}",
        "evaluate_flag",
        "Evaluate a flag",
        "Returns what one flag is for a context, by OpenFeature's remote evaluation protocol.",
        EvaluationRequest,
        {
            200: ("The answer.", EvaluationSuccess),
            400: ("The context cannot be used, or the flag's rule fails.", EvaluationFailure),
            404: ("There is no such flag.", FlagNotFound),
        },
        _ASKED,
        _SUCCESS,
        (_KEY,),
    ),
    PostRoute(
        ALL,
        "evaluate_flags",
        "Evaluate all flags",
        "Returns what every flag is for a context, by OpenFeature's remote evaluation protocol.",
        EvaluationRequest,
        {
            200: ("The answer.", BulkEvaluationSuccess),
            400: ("The context cannot be used.", BulkEvaluationFailure),
        },
        _ASKED,
        {"flags": [_SUCCESS]},
        has_tag=True,
    ),
)
