"""OFREP at the edge: flags evaluated for whoever asks by the open protocol, by what the edge itself holds."""

import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import settings
from schemathesis import Case

from services.edge.api.bodies import MAX_BODY_BYTES
from services.edge.api.ofrep import ALL, MOST_LEVELS, ONE
from services.edge.api.ofrep_models import BulkEvaluationFailure, EvaluationFailure, EvaluationSuccess, FlagNotFound
from services.kit.flags.bounds import MOST_OF_CONTEXT
from services.kit.flags.client.memory import FixedFlags
from tests.edge.api_edge import app, caller
from tests.flags.every_kind import FLAGS, METADATA, OBJECT, constant
from tests.flags.writing import switch

CAR = {"targetingKey": "somebody", "client_type": "car"}
ODD = {
    "astray": switch(on=True, targeting={"if": [True, "no-such-variant"]}),
    "unreadable": switch(on=True, targeting={"no-such-operator": []}),
}


@asynccontextmanager
async def asking(flags: FixedFlags | None = None, cors_origins: str = "") -> AsyncGenerator[httpx.AsyncClient, None]:
    """Open an HTTP client of an edge that has flags of every kind."""
    async with caller(app(flags=flags or FixedFlags({**FLAGS, **ODD}), cors_origins=cors_origins)) as client:
        yield client


def nested(levels: int) -> dict[str, Any]:
    """Return a context with so many objects in one another."""
    context: dict[str, Any] = {}
    for _ in range(levels - 1):
        context = {"in": context}
    return context


@pytest.mark.parametrize(
    ("key", "context", "answer"),
    [
        ("boolean", {}, {"value": True, "variant": "on", "reason": "STATIC"}),
        ("text", {}, {"value": "grüße", "variant": "only", "reason": "STATIC"}),
        ("whole", {}, {"value": 9_007_199_254_740_991, "variant": "only", "reason": "STATIC"}),
        ("number", {}, {"value": 0.25, "variant": "only", "reason": "STATIC"}),
        ("object", {}, {"value": OBJECT, "variant": "only", "reason": "STATIC"}),
        ("in-cars", CAR, {"value": True, "variant": "on", "reason": "TARGETING_MATCH"}),
        ("in-cars", {"client_type": "tv"}, {"value": False, "variant": "off", "reason": "DEFAULT"}),
        ("stopped", {}, {"variant": "", "reason": "DISABLED"}),
        ("undecided", {}, {"variant": "", "reason": "DEFAULT"}),
    ],
)
async def test_one_flag_is_evaluated(key: str, context: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
    """With key, reason, variant and metadata; without a value where the caller's own default holds."""
    async with asking() as client:
        got = await client.post(ONE + key, json={"context": context})
    assert (got.status_code, got.headers["content-type"]) == (200, "application/json")
    assert got.json() == {"key": key, "metadata": METADATA, **answer}
    EvaluationSuccess.model_validate(got.json())


async def test_a_snapshot_from_the_disk_says_so() -> None:
    """Its reason is CACHED, as with every other caller of this process."""
    async with asking(FixedFlags(FLAGS, cached=True)) as client:
        assert (await client.post(f"{ONE}boolean")).json()["reason"] == "CACHED"


@pytest.mark.parametrize(
    ("key", "status", "code"),
    [
        ("no-such-flag", 404, "FLAG_NOT_FOUND"),
        ("with/a/slash", 404, "FLAG_NOT_FOUND"),
        ("unreadable", 400, "PARSE_ERROR"),
        ("astray", 400, "GENERAL"),
    ],
)
async def test_a_flag_that_has_no_decision_is_an_error_of_the_protocol(key: str, status: int, code: str) -> None:
    """With its code, and a sentence."""
    async with asking() as client:
        got = await client.post(ONE + key, json={"context": CAR})
    answer = got.json()
    assert (got.status_code, answer["key"], answer["errorCode"]) == (status, key, code)
    (FlagNotFound if status == 404 else EvaluationFailure).model_validate(answer)


@pytest.mark.parametrize("key", ["boolean", ""])
@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "INVALID_CONTEXT"),
        (b"\xff", "INVALID_CONTEXT"),
        (b"[]", "INVALID_CONTEXT"),
        (b"null", "INVALID_CONTEXT"),
        (b'{"context": "car"}', "INVALID_CONTEXT"),
        (b'{"context": [1]}', "INVALID_CONTEXT"),
        (b"[" * 9_000, "INVALID_CONTEXT"),
        (json.dumps({"context": nested(MOST_LEVELS + 1)}).encode(), "INVALID_CONTEXT"),
        (json.dumps({"context": {"a": list(range(MOST_OF_CONTEXT))}}).encode(), "INVALID_CONTEXT"),
        (json.dumps({"context": {"a": [[[[0]]]] * MOST_OF_CONTEXT}}).encode(), "INVALID_CONTEXT"),
        (b'{"context": {"a": NaN}}', "INVALID_CONTEXT"),
        (rb'{"context": {"a": "\ud800"}}', "INVALID_CONTEXT"),
        (b'{"context": {"targetingKey": ""}}', "TARGETING_KEY_MISSING"),
        (b'{"context": {"targetingKey": 7}}', "TARGETING_KEY_MISSING"),
    ],
)
async def test_a_context_that_cannot_be_used_is_refused(key: str, body: bytes, code: str) -> None:
    """By name for one flag, and without one for all."""
    async with asking() as client:
        got = await client.post(ONE + key if key else ALL, content=body)
    answer = got.json()
    assert (got.status_code, answer.get("key", ""), answer["errorCode"]) == (400, key, code)
    (EvaluationFailure if key else BulkEvaluationFailure).model_validate(answer)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b'{"context": null}',
        b'{"context": {"targetingKey": null}}',
        b'{"more": 1}',
        json.dumps({"context": nested(MOST_LEVELS)}).encode(),
        json.dumps({"context": {"a": "[{" * MOST_LEVELS, "b": [[], {}] * MOST_LEVELS}}).encode(),
        json.dumps({"context": {"a": list(range(MOST_OF_CONTEXT - 3)), "__proto__": "," * MOST_OF_CONTEXT}}).encode(),
    ],
)
async def test_a_context_may_say_little(body: bytes) -> None:
    """Rules then decide what they decide of nobody."""
    async with asking() as client:
        assert (await client.post(f"{ONE}in-cars", content=body)).json()["reason"] == "DEFAULT"


async def test_all_flags_are_evaluated_at_once() -> None:
    """Each as it would be alone, those without a decision as an error among the others."""
    async with asking() as client:
        answers = (await client.post(ALL, json={"context": CAR})).json()["flags"]
        alone = [(await client.post(ONE + key, json={"context": CAR})).json() for key in {**FLAGS, **ODD}]
        with_a_slash = (await client.post(ONE, json={"context": CAR})).json()["flags"]
    assert answers == alone == with_a_slash


async def test_who_has_all_flags_hears_only_what_is_new() -> None:
    """304 as long as this context would get the same, and a new tag once a flag or the context differs."""
    flags = FixedFlags(FLAGS)
    async with asking(flags) as client:

        async def held(tag: str, context: Mapping[str, Any] = CAR) -> httpx.Response:
            return await client.post(ALL, json={"context": context}, headers={"if-none-match": tag})

        tag = (await client.post(ALL, json={"context": CAR})).headers["etag"]
        unchanged = await held(tag)
        assert (unchanged.status_code, unchanged.content, unchanged.headers["etag"]) == (304, b"", tag)
        assert (await held(f'"other", {tag}')).status_code == 304
        assert (await held(tag, {"client_type": "tv"})).status_code == 200
        flags.change({**FLAGS, "boolean": switch(on=False)})
        changed = await held(tag)
    assert (changed.status_code, changed.headers["etag"] != tag) == (200, True)


async def test_one_flag_has_no_tag() -> None:
    """The protocol has it for all of them only."""
    async with asking() as client:
        assert "etag" not in (await client.post(f"{ONE}boolean")).headers


@pytest.mark.parametrize("value", [2**70, "\ud800", {"deep": [2**64]}])
async def test_a_value_that_is_rare_is_answered_too(value: object) -> None:
    """JSON has no bound for integers, and a text of half a character."""
    async with asking(FixedFlags({"rare": constant(value)})) as client:
        assert (await client.post(f"{ONE}rare")).json()["value"] == value


async def test_no_cache_between_keeps_what_one_caller_got() -> None:
    """The answer is for one context, which is not in its address."""
    async with asking() as client:
        answers = [await client.post(address) for address in (ALL, f"{ONE}boolean", f"{ONE}no-such-flag")]
    told = [answer.headers["cache-control"] for answer in answers]
    assert told == ["private, no-cache", "no-store", "no-store"]
    assert not any("set-cookie" in answer.headers for answer in answers)


async def test_who_asks_says_nothing_of_the_evaluation_itself() -> None:
    """Its key and its time are not theirs to give."""
    rule = {"if": [{"==": [{"var": "$flagd.flagKey"}, "own"]}, "on", "off"]}
    timed = {"if": [{"==": [{"var": "$flagd.timestamp"}, 1]}, "on", "off"]}
    flags = FixedFlags({"own": switch(on=False, targeting=rule), "timed": switch(on=False, targeting=timed)})
    context = {"$flagd": {"flagKey": "other", "timestamp": 1}, "$flagd.timestamp": 1}
    async with asking(flags) as client:
        answers = (await client.post(ALL, json={"context": context})).json()["flags"]
    assert [answer["variant"] for answer in answers] == ["on", "off"]


@pytest.mark.parametrize("address", [ALL, f"{ONE}boolean", f"{ONE}no-such-flag"])
async def test_it_can_be_kept_to_who_shows_a_token(address: str) -> None:
    """Who does not learns nothing, not even which flags there are."""
    told = app(flags=FixedFlags(FLAGS), ofrep_token="open-sesame")  # noqa: S106 - one of a test
    async with caller(told) as client:
        for shown in ({}, {"authorization": "Bearer open"}, {"authorization": "open-sesame"}):
            got = await client.post(address, headers=shown)
            assert (got.status_code, got.headers["content-type"]) == (403, "application/problem+json")
        got = await client.post(address, headers={"authorization": "Bearer open-sesame"})
    assert got.status_code == (404 if address.endswith("no-such-flag") else 200)


@pytest.mark.parametrize("address", [ALL, f"{ONE}boolean"])
async def test_it_can_be_turned_off(address: str) -> None:
    """Then there is nothing at its addresses."""
    async with caller(app(flags=FixedFlags(FLAGS), ofrep=False)) as client:
        assert (await client.post(address)).status_code == 404


@pytest.mark.parametrize("address", [ALL, f"{ONE}boolean"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
async def test_flags_are_evaluated_by_post(address: str, method: str) -> None:
    """Any other method is told so."""
    async with asking() as client:
        got = await client.request(method, address)
    assert (got.status_code, got.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize("address", ["/ofrep/v1/", "/ofrep/v1/configuration", "/ofrep/v1/evaluate/flag", f"{ALL}s"])
async def test_there_is_nothing_else_below_the_path(address: str) -> None:
    """What is no part of the protocol is not found, as anywhere."""
    async with asking() as client:
        got = await client.post(address)
    assert (got.status_code, got.headers["content-type"]) == (404, "application/problem+json")


async def test_a_body_has_a_bound() -> None:
    """Whether or not it says how long it is."""

    async def chunks() -> AsyncGenerator[bytes, None]:
        yield b"{" + b" " * MAX_BODY_BYTES
        yield b"}"

    async with asking() as client:
        announced = await client.post(ALL, content=b" " * (MAX_BODY_BYTES + 1))
        silent = await client.post(ALL, content=chunks())
    assert (announced.status_code, silent.status_code) == (413, 413)


async def test_pages_of_sites_with_leave_may_ask() -> None:
    """A browser asks first, and may read the tag afterwards."""
    origin = {"origin": "https://example.org"}
    asked = {**origin, "access-control-request-method": "POST", "access-control-request-headers": "content-type"}
    async with asking(cors_origins="https://example.org") as client:
        before = await client.options(ALL, headers=asked)
        got = await client.post(ALL, json={"context": CAR}, headers=origin)
    assert "POST" in before.headers["access-control-allow-methods"]
    assert "content-type" in before.headers["access-control-allow-headers"]
    assert got.headers["access-control-allow-origin"] == "https://example.org"
    assert "etag" in got.headers["access-control-expose-headers"]


schema = schemathesis.openapi.from_asgi("/openapi.json", app(flags=FixedFlags({**FLAGS, **ODD})))


@schema.include(path_regex="^/ofrep/.*flags$").parametrize()
@settings(max_examples=60, deadline=None)
def test_the_protocol_is_as_documented(case: Case[Any]) -> None:
    """Whatever the document allows is answered as documented, and what it does not allow is refused."""
    case.call_and_validate()
