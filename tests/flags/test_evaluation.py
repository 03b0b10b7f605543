"""flagd.evaluation, called as its generated clients call it, over real gRPC."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, asynccontextmanager
from types import ModuleType
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from google.protobuf.struct_pb2 import Struct

from flagd.evaluation.v1 import evaluation_pb2 as v1
from flagd.evaluation.v2 import evaluation_pb2 as v2
from services.flags.api.structs import context_of, struct_of
from services.flags.domain.store import Action, Held
from services.kit.errors import Failure, Internal, Invalid, NotFound, Unavailable
from services.kit.flags.bounds import MOST_OF_CONTEXT
from services.kit.grpc.rpc import rpc
from services.kit.grpc.status import DataLoss
from tests.flags.every_kind import FLAGS, METADATA, OBJECT, constant
from tests.flags.served import SELDOM_S, Served, served
from tests.flags.writing import adoption, switch

VERSIONS = pytest.mark.parametrize("version", [v1, v2], ids=["v1", "v2"])
ALL_METADATA = {**METADATA, "flagSetId": "backline"}
CAR = {"targetingKey": "somebody", "client_type": "car"}


async def resolve(the: Served, version: ModuleType, kind: str, key: str, context: Mapping[str, Any] = CAR) -> Any:  # noqa: ANN401 - the message of either version
    """Ask for one flag."""
    request, response = (getattr(version, f"Resolve{kind}{part}") for part in ("Request", "Response"))
    return await the.client.call(rpc(request, response), request(flag_key=key, context=struct_of(context)), 10)


@asynccontextmanager
async def with_flags(*more: tuple[str, Any]) -> AsyncGenerator[Served, None]:
    """Serve flags of every kind, and these."""
    async with served() as the:
        for key, definition in (*FLAGS.items(), *more):
            await the.write(key, definition)
        await the.head.look()
        yield the


@VERSIONS
@pytest.mark.parametrize(
    ("kind", "key", "variant", "value", "reason"),
    [
        ("Boolean", "boolean", "on", True, "STATIC"),
        ("String", "text", "only", "grüße", "STATIC"),
        ("Int", "whole", "only", 9_007_199_254_740_991, "STATIC"),
        ("Float", "number", "only", 0.25, "STATIC"),
        ("Float", "whole", "only", 9_007_199_254_740_991.0, "STATIC"),
        ("Boolean", "in-cars", "on", True, "TARGETING_MATCH"),
    ],
)
async def test_a_flag_is_answered_by_its_type(
    version: ModuleType, kind: str, key: str, variant: str, value: object, reason: str
) -> None:
    """Value, variant, reason and metadata are those of the definition."""
    async with with_flags() as the:
        answer = await resolve(the, version, kind, key)
    assert (answer.value, answer.variant, answer.reason) == (value, variant, reason)
    assert MessageToDict(answer.metadata) == ALL_METADATA


@VERSIONS
async def test_an_object_is_answered_whole(version: ModuleType) -> None:
    """Whatever is nested in it."""
    async with with_flags(("empty", constant({}))) as the:
        assert MessageToDict((await resolve(the, version, "Object", "object")).value) == OBJECT
        empty = await resolve(the, version, "Object", "empty")
    assert (empty.HasField("value"), empty.variant) == (True, "only")


@VERSIONS
async def test_a_rule_that_decides_nothing_leaves_the_default_variant(version: ModuleType) -> None:
    """With its own reason."""
    async with with_flags() as the:
        answer = await resolve(the, version, "Boolean", "in-cars", {"client_type": "tv"})
    assert (answer.value, answer.variant, answer.reason) == (False, "off", "DEFAULT")


@pytest.mark.parametrize(("key", "reason"), [("stopped", "DISABLED"), ("undecided", "DEFAULT")])
async def test_where_the_callers_default_holds_there_is_no_value(key: str, reason: str) -> None:
    """Version 2 leaves it out, and version 1 has nothing; neither is an error, nor a question of type."""
    async with with_flags() as the:
        for kind, nothing in (("Boolean", False), ("Object", Struct())):
            old, new = await resolve(the, v1, kind, key), await resolve(the, v2, kind, key)
            assert (old.value, old.variant, old.reason) == (nothing, "", reason)
            assert (new.HasField("value"), new.HasField("variant"), new.reason) == (False, False, reason)
            assert MessageToDict(new.metadata) == ALL_METADATA


@VERSIONS
@pytest.mark.parametrize(
    ("kind", "key", "failure"),
    [
        ("Boolean", "nothing-of-the-kind", NotFound),
        ("Boolean", "text", Invalid),
        ("String", "boolean", Invalid),
        ("Int", "number", Invalid),
        ("Object", "text", Invalid),
        ("Int", "vast", Invalid),
        ("Object", "list", Invalid),
        ("Object", "vast-within", Invalid),
        ("Boolean", "of-another-kind", DataLoss),
        ("Boolean", "astray", Internal),
    ],
)
async def test_what_is_wrong_is_a_status_that_clients_know(
    version: ModuleType, kind: str, key: str, failure: type[Failure]
) -> None:
    """NOT_FOUND is an unknown flag, INVALID_ARGUMENT another type, DATA_LOSS a rule that cannot be read."""
    odd = (
        ("vast", constant(2**63)),
        ("list", constant([1, 2])),
        ("vast-within", constant({"deep": 10**400})),
        ("of-another-kind", switch(on=True, targeting={"no-such-operator": []})),
        ("astray", switch(on=True, targeting={"if": [True, "no-such-variant"]})),
    )
    async with with_flags(*odd) as the:
        with pytest.raises(failure) as caught:
            await resolve(the, version, kind, key)
    assert type(caught.value) is failure


async def test_all_flags_are_answered_at_once() -> None:
    """Each by its type, a disabled one without a value; what AnyFlag cannot carry is left out, and so are errors."""
    odd = (
        ("list", constant([1, 2])),
        ("vast", constant({"deep": 10**400})),
        ("astray", switch(on=True, targeting={"if": [True, "no-such-variant"]})),
    )
    request = v1.ResolveAllRequest(context=struct_of(CAR))
    async with with_flags(*odd) as the:
        answer = await the.client.call(rpc(v1.ResolveAllRequest, v1.ResolveAllResponse), request, 10)
    flags = MessageToDict(answer)["flags"]
    assert {key: (flag["reason"], flag.get("variant")) for key, flag in flags.items()} == {
        "boolean": ("STATIC", "on"),
        "text": ("STATIC", "only"),
        "whole": ("STATIC", "only"),
        "number": ("STATIC", "only"),
        "object": ("STATIC", "only"),
        "in-cars": ("TARGETING_MATCH", "on"),
        "stopped": ("DISABLED", None),
    }
    values = {key: answer.flags[key].WhichOneof("value") for key in flags}
    assert values == {
        "boolean": "bool_value",
        "text": "string_value",
        "whole": "double_value",
        "number": "double_value",
        "object": "object_value",
        "in-cars": "bool_value",
        "stopped": None,
    }
    assert all(flag["metadata"] == ALL_METADATA for flag in flags.values())
    assert MessageToDict(answer.metadata) == {"flagSetId": "backline"}


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (3.0, 3),
        (-(2.0**63), -(2**63)),
        (2.0**64 - 2048, 2**64 - 2048),
        (2.0**64, 2.0**64),
        (-(2.0**63) - 2048, -(2.0**63) - 2048),
        (0.5, 0.5),
        (float("inf"), float("inf")),
        (True, True),
        (None, None),
        ([1, {"a": [2.5]}], [1, {"a": [2.5]}]),
    ],
)
def test_a_context_is_read_as_it_was_meant(sent: object, read: object) -> None:
    """A double that is whole is an integer, as far as integers are hashed; all else is as it was sent."""
    found = context_of(struct_of({"it": sent}))["it"]
    assert (found, type(found)) == (read, type(read))


def test_a_context_has_a_bound() -> None:
    """However small its values are, and however they are nested: rules go through lists of them."""
    most = {"items": [None] * (MOST_OF_CONTEXT - 2)}
    assert context_of(struct_of(most)) == most
    for items in ([None] * (MOST_OF_CONTEXT - 1), [[None] * 9] * (MOST_OF_CONTEXT // 9)):
        with pytest.raises(Invalid, match="more than 1,000 values"):
            context_of(struct_of({"items": items}))


def test_a_value_of_no_kind_is_null() -> None:
    """The wire allows a value that says nothing."""
    struct = Struct()
    struct.fields["it"].Clear()
    assert context_of(struct) == {"it": None}


async def events(the: Served, version: ModuleType) -> AsyncGenerator[Message, None]:
    """Open an EventStream."""
    method = rpc(version.EventStreamRequest, version.EventStreamResponse)
    async with aclosing(the.client.download(method, version.EventStreamRequest(), SELDOM_S)) as stream:
        async for event in stream:
            yield event


def kinds(event: Any) -> dict[str, str]:  # noqa: ANN401 - the message of either version
    """Return what an event says has become of each flag."""
    assert event.type == "configuration_change"
    flags = MessageToDict(event.data)["flags"]
    assert all(flag["source"] == "backline" for flag in flags.values())
    return {key: flag["type"] for key, flag in flags.items()}


@VERSIONS
async def test_whoever_listens_hears_what_changes(version: ModuleType) -> None:
    """First that the service is ready and which flags there are, then each change by key, those of shared rules too."""
    shared = switch(on=False, targeting={"if": [{"$ref": "vehicles"}, "on", "off"]})
    async with served() as the:
        await the.write("$evaluators/vehicles", {"==": [{"var": "client_type"}, "car"]})
        await the.write("shared", shared)
        await the.write("plain", switch(on=True))
        await the.head.look()
        async with aclosing(events(the, version)) as stream:
            ready: Any = await anext(stream)
            assert (ready.type, ready.HasField("data")) == ("provider_ready", False)
            assert kinds(await anext(stream)) == {"shared": "write", "plain": "write"}
            await the.write("plain", switch(on=False), Action.KILL)
            await the.write("new", switch(on=True))
            await the.head.look()
            assert kinds(await anext(stream)) == {"plain": "update", "new": "write"}
            await the.write("$evaluators/vehicles", {"in": [{"var": "client_type"}, ["car", "tv"]]})
            await the.head.look()
            assert kinds(await anext(stream)) == {"shared": "update"}
            the.head.end()
            assert [event async for event in stream] == []


async def test_a_service_without_flags_is_ready() -> None:
    """There is nothing that could have changed."""
    async with served() as the, aclosing(events(the, v2)) as stream:
        ready: Any = await anext(stream)
        the.head.end()
        assert (ready.type, [event async for event in stream]) == ("provider_ready", [])


async def test_a_silent_stream_gives_signs_of_life() -> None:
    """They tell a quiet service from a dead connection."""
    async with served(keep_alive_s=0.01) as the, aclosing(events(the, v2)) as stream:
        said: list[Any] = [await anext(stream) for _ in range(3)]
    assert [event.type for event in said] == ["provider_ready", "keep_alive", "keep_alive"]


async def test_a_listener_is_on_the_roster_while_it_listens() -> None:
    """As somebody who never says what was applied."""
    async with served() as the:
        async with aclosing(events(the, v1)) as stream:
            await anext(stream)
            assert [each.process for each in the.roster.here().foreign] == ["flagd events"]
        async with asyncio.timeout(10):
            while the.roster.here().foreign:  # noqa: ASYNC110 - the roster has no event for this
                await asyncio.sleep(0.01)


async def test_a_store_from_another_line_evaluates_nothing() -> None:
    """Its flags may have been killed since; whoever adopts it says otherwise."""
    async with with_flags() as the:
        await the.head.check(Held(99, "of-another-line"), "search-1")
        for asked in (resolve(the, v1, "Boolean", "boolean"), anext(events(the, v2))):
            with pytest.raises(Unavailable, match="adopt"):
                await asked
        await adoption(the.store, at_least=100)
        await the.head.look()
        assert (await resolve(the, v2, "Boolean", "boolean")).value is True


async def test_who_listens_already_is_not_sent_away() -> None:
    """Whoever listens has what was in force before: a crowd that comes again and again would help nobody."""
    async with served(keep_alive_s=0.01) as the, aclosing(events(the, v2)) as stream:
        await anext(stream)
        await the.head.check(Held(99, "of-another-line"), "search-1")
        said: list[Any] = [await anext(stream) for _ in range(3)]
    assert {event.type for event in said} == {"keep_alive"}


async def test_a_caller_may_send_no_context() -> None:
    """Then rules decide what they decide of nobody."""
    method = rpc(v2.ResolveBooleanRequest, v2.ResolveBooleanResponse)
    async with with_flags() as the:
        answer = await the.client.call(method, v2.ResolveBooleanRequest(flag_key="in-cars"), 10)
    assert answer.reason == "DEFAULT"
