"""OFREP's route for one flag as FastAPI and pydantic have it: models in, models out, the same evaluator in between."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import FastAPI, HTTPException
from fastapi.telemetry import TelemetryConfig
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from benchmarks.peers.bare_http import open_bare_http
from services.kit.flags.decision import ErrorCode
from services.kit.flags.snapshot import Snapshot

QUIET: TelemetryConfig = {"tracing": False, "metrics": False}
"""Or FastAPI would measure itself, which the edge does by other means."""


class Context(BaseModel):
    """What is known of whom a flag is evaluated for."""

    model_config = ConfigDict(extra="allow", alias_generator=to_camel)

    targeting_key: Annotated[str | None, Field(min_length=1)] = None


class Asked(BaseModel):
    """Asks for a flag."""

    context: Context = Context()


class Evaluated(BaseModel):
    """What a flag is for a context."""

    key: str
    reason: str
    variant: str
    metadata: dict[str, bool | int | float | str]
    value: Any = None


@asynccontextmanager
async def open_fastapi_ofrep(snapshot: Snapshot) -> AsyncGenerator[str, None]:
    """Serve the route over the snapshot on uvicorn, and give the address."""
    app = FastAPI(telemetry=QUIET)

    @app.post("/ofrep/v1/evaluate/flags/{key}", response_model_exclude_unset=True)
    async def evaluate(key: str, asked: Asked) -> Evaluated:
        decision = snapshot.evaluate(key, asked.context.model_dump(by_alias=True))
        if decision.error:
            status = 404 if decision.error is ErrorCode.FLAG_NOT_FOUND else 400
            raise HTTPException(status, {"key": key, "errorCode": decision.error, "errorDetails": decision.detail})
        value = {} if decision.variant is None else {"value": decision.value}
        metadata = dict(decision.metadata)
        return Evaluated(key=key, reason=decision.reason, variant=decision.variant or "", metadata=metadata, **value)

    async with open_bare_http(app) as address:
        yield address
