"""The kit's server and client, against each other and against strangers, over real sockets."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from backline.catalog.v1 import catalog_pb2
from backline.flags.v1 import flags_pb2
from backline.search.v1 import search_pb2 as pb
from services.kit.clock import SystemClock
from services.kit.context import Criticality, RequestContext, Trace, current, entered
from services.kit.errors import Conflict, Denied, Exhausted, Failure, Internal, Invalid, NotFound, TooLate, Unavailable
from services.kit.grpc.calls import Rules
from services.kit.grpc.client import Client, open_client
from services.kit.grpc.endpoint import IN_FLIGHT, WAITING
from services.kit.grpc.methods import Answer, Method, download, duplex, unary, upload
from services.kit.grpc.rpc import rpc
from services.kit.grpc.server import Listening, open_grpc_server
from services.kit.lifecycle import Health, Phase
from services.kit.settings import Secret
from services.kit.telemetry import Telemetry
from tests.kit.toys import CLIENT, SERVER, telemetry

SUGGEST = rpc(pb.SuggestRequest, pb.SuggestResponse)
EXPORT = rpc(catalog_pb2.ExportRequest, catalog_pb2.ExportResponse)
IMPORT = rpc(catalog_pb2.ImportRequest, catalog_pb2.ImportResponse)
WATCH = rpc(flags_pb2.WatchRequest, flags_pb2.WatchResponse)
TOKEN = Secret("open-sesame")
PEERS_TOKEN = Secret("what our own processes show")
LIMIT_S = 5.0


@dataclass
class Toy:
    """A server whose method does what the test says."""

    address: str
    health: Health
    telemetry: Telemetry

    def count(self, method: str, code: str) -> float:
        """Return how many calls ended so."""
        value = self.telemetry.registry.get_sample_value(
            "backline_toy_rpc_calls_total", {"method": method, "code": code}
        )
        assert value is not None, f"{method} {code} has no counter from the start"
        return value


def _raw(channel: grpc.aio.Channel) -> Any:  # noqa: ANN401 - the stubs want serialisers, and bytes need none
    """Return what sends bytes as they are."""
    return channel.unary_unary(SUGGEST.path)


Suggest = Callable[[pb.SuggestRequest], Awaitable[Answer]]
Export = Callable[[catalog_pb2.ExportRequest], AsyncGenerator[Answer, None]]
Watch = Callable[[AsyncIterator[flags_pb2.WatchRequest]], AsyncGenerator[Answer, None]]


async def echo(request: pb.SuggestRequest) -> pb.SuggestResponse:
    """Answer with the query."""
    return pb.SuggestResponse(index_generation=request.query)


async def count_up(request: catalog_pb2.ExportRequest) -> AsyncGenerator[Answer, None]:
    """Answer with as many messages as the request says."""
    for number in range(request.known_generation):
        yield catalog_pb2.ExportResponse(generation=number)


async def add_up(requests: AsyncIterator[catalog_pb2.ImportRequest]) -> Answer:
    """Answer with how many messages came."""
    return catalog_pb2.ImportResponse(added=len([request async for request in requests]))


async def say_back(requests: AsyncIterator[flags_pb2.WatchRequest]) -> AsyncGenerator[Answer, None]:
    """Answer each message, as it comes, with its number."""
    async for request in requests:
        yield said(request.applied.generation)


def number(value: int) -> flags_pb2.WatchRequest:
    """Return a message that says a number."""
    return flags_pb2.WatchRequest(applied=flags_pb2.Applied(generation=value))


def said(value: int) -> flags_pb2.WatchResponse:
    """Return an answer that says a number."""
    return flags_pb2.WatchResponse(snapshot=flags_pb2.Snapshot(held=flags_pb2.Held(generation=value)))


def heard(answer: flags_pb2.WatchResponse) -> int:
    """Return the number that an answer says."""
    return answer.snapshot.held.generation


@asynccontextmanager
async def toy(
    suggest: Suggest = echo,
    export: Export = count_up,
    watch: Watch = say_back,
    limit_s: float = LIMIT_S,
    port: int = 0,
    *,
    peers: bool = False,
) -> AsyncGenerator[Toy, None]:
    """Serve the toy; its Suggest to peers alone, where that is said."""
    health, instruments = Health(), telemetry()
    methods: list[Method] = [
        unary(SUGGEST, suggest, limit_s, fails=(NotFound,), peers=peers),
        download(EXPORT, export, limit_s),
        upload(IMPORT, add_up, limit_s, admin=True),
        duplex(WATCH, watch, limit_s, fails=(NotFound,)),
    ]
    rules = Rules(instruments, SERVER, SystemClock(), TOKEN, PEERS_TOKEN)
    listening = Listening("127.0.0.1", port, "TOY_PORT", grace_s=2)
    async with open_grpc_server(methods, rules, listening, health) as address:
        await health.set(Phase.SERVING)
        yield Toy(address, health, instruments)


@asynccontextmanager
async def client(addresses: str, token: str = "", *, lazy: bool = False) -> AsyncGenerator[Client, None]:
    """Open a client of the toy."""
    async with open_client("toy", addresses, telemetry(), CLIENT, SystemClock(), token, lazy=lazy) as opened:
        yield opened


async def test_a_unary_call_is_answered() -> None:
    """One message goes, one comes back, and one call is counted."""
    async with toy() as server, client(server.address) as caller:
        assert (await caller.call(SUGGEST, pb.SuggestRequest(query="x"), 1)).index_generation == "x"
        assert server.count("Suggest", "OK") == 1


async def test_a_handler_may_answer_with_wire_bytes() -> None:
    """Stored bytes are sent as they are."""

    async def stored(_request: pb.SuggestRequest) -> bytes:
        return pb.SuggestResponse(index_generation="stored").SerializeToString()

    async with toy(stored) as server, client(server.address) as caller:
        assert (await caller.call(SUGGEST, pb.SuggestRequest(), 1)).index_generation == "stored"


async def test_streams_run_in_both_directions() -> None:
    """A download gives every message, an upload takes every message."""
    async with toy() as server, client(server.address, TOKEN) as caller:
        parts = [
            part.generation async for part in caller.download(EXPORT, catalog_pb2.ExportRequest(known_generation=3), 1)
        ]
        assert parts == [0, 1, 2]
        answer = await caller.upload(IMPORT, [catalog_pb2.ImportRequest()] * 4, 1)
        assert answer.added == 4


async def test_a_download_that_is_left_is_closed_in_the_server() -> None:
    """Whoever stops reading frees what the stream held, and counts as cancelled."""
    closed = asyncio.Event()

    async def endless(_request: catalog_pb2.ExportRequest) -> AsyncGenerator[Answer, None]:
        try:
            while True:
                yield catalog_pb2.ExportResponse()
                await asyncio.sleep(0)
        finally:
            closed.set()

    async with toy(export=endless) as server, client(server.address) as caller:
        async with aclosing(caller.download(EXPORT, catalog_pb2.ExportRequest(), 5)) as parts:
            await anext(parts)
        await closed.wait()

        async def counted() -> bool:
            return server.count("Export", "CANCELLED") == 1

        await until(counted)


@pytest.mark.parametrize("token", ["", "wrong"])
async def test_a_mutation_without_the_token_is_denied(token: str) -> None:
    """Only who shows the admin token may change anything."""
    async with toy() as server, client(server.address, token) as caller:
        with pytest.raises(Denied, match="needs the admin token"):
            await caller.upload(IMPORT, [catalog_pb2.ImportRequest()], 1)
        assert server.count("Import", "PERMISSION_DENIED") == 1


@pytest.mark.parametrize("shown", [TOKEN, PEERS_TOKEN])
async def test_what_is_for_our_own_processes_is_opened_by_their_token(shown: str) -> None:
    """And by the admin's, which opens everything."""
    async with toy(peers=True) as server, client(server.address, shown) as caller:
        assert (await caller.call(SUGGEST, pb.SuggestRequest(query="x"), 1)).index_generation == "x"


async def test_the_token_of_our_own_processes_opens_nothing_more() -> None:
    """Who serves the public holds it, and may not change anything by it; nor is anybody let in without it."""
    async with toy(peers=True) as server:
        for shown in ("", "wrong"):
            async with client(server.address, shown) as stranger:
                with pytest.raises(Denied, match="needs the peers' token"):
                    await stranger.call(SUGGEST, pb.SuggestRequest(), 1)
        async with client(server.address, PEERS_TOKEN) as peer:
            with pytest.raises(Denied, match="needs the admin token"):
                await peer.upload(IMPORT, [catalog_pb2.ImportRequest()], 1)
        assert server.count("Suggest", "PERMISSION_DENIED") == 2


@pytest.mark.parametrize(
    "failure", [NotFound("n"), Invalid("i", field="f"), Conflict("c"), Exhausted("e"), Unavailable("u"), TooLate("t")]
)
async def test_a_failure_reaches_the_caller_as_itself(failure: Failure) -> None:
    """What a handler raises, the caller's own code catches."""

    async def fail(_request: pb.SuggestRequest) -> Answer:
        raise failure

    async with toy(fail) as server, client(server.address) as caller:
        with pytest.raises(type(failure), match=str(failure)):
            await caller.call(SUGGEST, pb.SuggestRequest(), 1)


async def test_a_fault_of_ours_keeps_its_detail_to_itself() -> None:
    """An exception that nobody expected is Internal to the caller, and says nothing of what is inside."""

    async def break_down(_request: pb.SuggestRequest) -> Answer:
        raise RuntimeError("secret detail")

    async with toy(break_down) as server, client(server.address) as caller:
        with pytest.raises(Internal) as caught:
            await caller.call(SUGGEST, pb.SuggestRequest(), 1)
        assert "secret" not in str(caught.value)
        assert server.count("Suggest", "INTERNAL") == 1


async def test_garbage_is_an_invalid_argument() -> None:
    """Bytes that are no message are the caller's mistake, told as such."""
    async with toy() as server, grpc.aio.insecure_channel(server.address) as stranger:  # noqa: TID251 - a stranger has no kit
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await _raw(stranger)(b"\xff\xff\xff\xff")
        assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert server.count("Suggest", "INVALID_ARGUMENT") == 1


async def test_a_method_that_is_slower_than_its_limit_is_cut_off() -> None:
    """A handler that outstays the method's own limit is cancelled and answered as too late."""
    cancelled = asyncio.Event()

    async def sleep(_request: pb.SuggestRequest) -> Answer:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.set()
            raise
        return b""

    async with toy(sleep, limit_s=0.05) as server, client(server.address) as caller:
        with pytest.raises(TooLate):
            await caller.call(SUGGEST, pb.SuggestRequest(), 5)
        assert cancelled.is_set()
        assert server.count("Suggest", "DEADLINE_EXCEEDED") == 1


async def test_a_call_that_arrives_too_late_is_refused_unheard() -> None:
    """With less than 5 ms left, the handler is not even asked."""
    asked = list[pb.SuggestRequest]()

    async def hear(request: pb.SuggestRequest) -> Answer:
        asked.append(request)
        return b""

    async with toy(hear) as server, grpc.aio.insecure_channel(server.address) as stranger:  # noqa: TID251 - a stranger has no kit
        await _raw(stranger)(b"", timeout=5)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await _raw(stranger)(b"", timeout=0.004)
        assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert len(asked) == 1


async def test_a_call_that_its_caller_has_no_more_time_for_counts_as_too_late() -> None:
    """Work for a caller whose deadline has passed is broken off, and told apart from a caller that left."""

    async def sleep(_request: pb.SuggestRequest) -> Answer:
        await asyncio.sleep(60)
        return b""

    async with toy(sleep, limit_s=60) as server, client(server.address) as caller:
        with pytest.raises(TooLate):
            await caller.call(SUGGEST, pb.SuggestRequest(), 0.1)

        async def counted() -> bool:
            return server.count("Suggest", "DEADLINE_EXCEEDED") == 1

        await until(counted)
        assert server.count("Suggest", "CANCELLED") == 0


async def test_the_context_and_the_deadline_travel_with_the_call() -> None:
    """The callee knows request, trace and criticality, and has no more time than its caller."""
    clock, seen = SystemClock(), list[RequestContext]()

    async def look(_request: pb.SuggestRequest) -> Answer:
        context = current()
        assert context is not None
        seen.append(context)
        return b""

    trace = Trace("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", sampled=False)
    request = RequestContext("r-1", clock.monotonic() + 0.5, Criticality.SHEDDABLE, trace.traceparent())
    async with toy(look) as server, client(server.address) as caller:
        with entered(request):
            await caller.call(SUGGEST, pb.SuggestRequest(), 5)
    assert (seen[0].request_id, seen[0].criticality, seen[0].trace) == ("r-1", Criticality.SHEDDABLE, trace)
    assert seen[0].deadline < request.deadline


async def test_a_strangers_traceparent_is_taken() -> None:
    """A caller that knows nothing of our context is still part of its trace."""
    seen = list[Trace | None]()

    async def look(_request: pb.SuggestRequest) -> Answer:
        context = current()
        seen.append(context.trace if context else None)
        return b""

    trace = Trace("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", sampled=False)
    async with toy(look) as server, grpc.aio.insecure_channel(server.address) as stranger:  # noqa: TID251 - a stranger has no kit
        entries = (("traceparent", trace.traceparent()), ("backline-context-bin", b"\xff garbage"))
        await _raw(stranger)(b"", metadata=entries)
    assert seen == [trace]


async def test_a_message_over_the_bound_is_refused() -> None:
    """A megabyte is enough for every message of ours."""
    async with toy() as server, client(server.address) as caller:
        with pytest.raises(Exhausted):
            await caller.call(SUGGEST, pb.SuggestRequest(query="x" * 1024 * 1024), 5)


async def test_the_server_bounds_messages_itself() -> None:
    """A stranger's client that has no bound of its own is held to ours."""
    unbounded = [("grpc.max_send_message_length", -1)]
    async with toy() as server, grpc.aio.insecure_channel(server.address, unbounded) as stranger:  # noqa: TID251 - a stranger has no kit
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await _raw(stranger)(pb.SuggestRequest(query="x" * 2 * 1024 * 1024).SerializeToString())
        assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_a_burst_waits_for_its_turn_instead_of_being_refused() -> None:
    """A connection carries a hundred streams; calls beyond that wait at the caller, and all are answered."""

    async def slow(_request: pb.SuggestRequest) -> Answer:
        await asyncio.sleep(0.01)
        return b""

    async with toy(slow) as server, client(server.address) as caller:
        calls = (caller.call(SUGGEST, pb.SuggestRequest(), 30) for _ in range(IN_FLIGHT + WAITING))
        await asyncio.gather(*calls)
        assert server.count("Suggest", "OK") == IN_FLIGHT + WAITING


async def test_the_queue_for_an_endpoint_is_bounded() -> None:
    """What would only wait for longer than anyone does is refused at once."""
    go_on = asyncio.Event()

    async def hold(_request: pb.SuggestRequest) -> Answer:
        await go_on.wait()
        return b""

    async with toy(hold, limit_s=60) as server, client(server.address) as caller, asyncio.TaskGroup() as group:
        for _ in range(IN_FLIGHT + WAITING):
            group.create_task(caller.call(SUGGEST, pb.SuggestRequest(), 60))
        await asyncio.sleep(0)
        with pytest.raises(Exhausted, match="Too many calls wait"):
            await caller.call(SUGGEST, pb.SuggestRequest(), 60)
        go_on.set()


async def test_what_gives_way_inside_is_not_told_outside() -> None:
    """C-core's own words name addresses; the caller gets a sentence of ours."""
    async with client("127.0.0.1:1") as caller:
        with pytest.raises(Unavailable) as caught:
            await caller.call(SUGGEST, pb.SuggestRequest(), 5)
    assert str(caught.value) == "A service that is needed does not answer."


async def test_calls_are_timed_and_counted_while_they_last() -> None:
    """Latency is by method, and what is under way shows as such."""
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def hold(_request: pb.SuggestRequest) -> Answer:
        begun.set()
        await go_on.wait()
        return b""

    async with toy(hold) as server, client(server.address) as caller, asyncio.TaskGroup() as group:
        labels, value = {"method": "Suggest"}, server.telemetry.registry.get_sample_value
        group.create_task(caller.call(SUGGEST, pb.SuggestRequest(), 5))
        await begun.wait()
        assert value("backline_toy_rpc_in_flight_calls", labels) == 1
        assert value("backline_toy_rpc_latency_seconds_count", labels) == 0
        go_on.set()

        async def timed() -> bool:
            return value("backline_toy_rpc_latency_seconds_count", labels) == 1

        await until(timed)
        assert value("backline_toy_rpc_in_flight_calls", labels) == 0


async def test_a_name_that_nobody_knows_takes_no_other_along() -> None:
    """Of a list of addresses, those that can be resolved are used."""
    async with toy(named("a")) as one, client(f"no-such-host.invalid:1,{one.address}") as caller:
        assert await spread(caller, 3) == {"a"}


async def test_a_taken_port_is_one_clear_sentence() -> None:
    """Two servers never share a port in silence."""
    async with toy() as server:
        port = int(server.address.rpartition(":")[2])
        with pytest.raises(Conflict, match=f"Port {port} on 127.0.0.1 is taken .* TOY_PORT"):
            async with toy(port=port):
                pass


async def test_the_health_service_follows_the_phase() -> None:
    """Readiness follows the service, liveness follows nothing, and watchers are let go when it drains."""
    async with toy() as server, grpc.aio.insecure_channel(server.address) as channel:  # noqa: TID251 - a stranger has no kit
        stub: Any = health_pb2_grpc.HealthStub(channel)  # its stubs do not know asyncio
        names = ("", SUGGEST.service, "liveness")
        check = [(await stub.Check(health_pb2.HealthCheckRequest(service=name))).status for name in names]
        assert check == [health_pb2.HealthCheckResponse.SERVING] * 3
        watch = stub.Watch(health_pb2.HealthCheckRequest())
        assert (await watch.read()).status == health_pb2.HealthCheckResponse.SERVING
        await server.health.set(Phase.DRAINING)
        assert (await watch.read()).status == health_pb2.HealthCheckResponse.NOT_SERVING
        assert await watch.read() is grpc.aio.EOF
        assert (await stub.Check(health_pb2.HealthCheckRequest(service="liveness"))).status == 1
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.Check(health_pb2.HealthCheckRequest(service="nobody"))
        assert caught.value.code() is grpc.StatusCode.NOT_FOUND


async def spread(caller: Client, calls: int) -> set[str]:
    """Return which servers answered that many calls."""
    return {(await caller.call(SUGGEST, pb.SuggestRequest(), 1)).index_generation for _ in range(calls)}


def named(name: str) -> Suggest:
    """Return a handler that answers with a name."""

    async def answer(_request: pb.SuggestRequest) -> Answer:
        return pb.SuggestResponse(index_generation=name)

    return answer


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something is so; the test's own time limit ends the wait."""
    while not await true():  # noqa: ASYNC110 - what is waited for is elsewhere
        await asyncio.sleep(0.01)


async def test_endpoints_are_used_in_turn_and_a_draining_one_is_left() -> None:
    """Two servers share the calls until one says that it drains; then the other has them all."""
    async with toy(named("a")) as one, toy(named("b")) as two, client(f"{one.address},{two.address}") as caller:

        async def both() -> bool:
            return await spread(caller, 4) == {"a", "b"}

        async def only_b() -> bool:
            return await spread(caller, 4) == {"b"}

        await until(both)
        await one.health.set(Phase.DRAINING)
        await until(only_b)


async def test_a_file_of_endpoints_is_followed(tmp_path: Path) -> None:
    """Who is added to the file gets calls, and who is taken out of it gets none."""
    listed = tmp_path / "toys"
    async with toy(named("a")) as one, toy(named("b")) as two:
        listed.write_text(f"{one.address}\n")
        async with client(f"file:{listed}") as caller:
            assert await spread(caller, 4) == {"a"}
            listed.write_text(f"{two.address}\n")

            async def only_b() -> bool:
                return await spread(caller, 4) == {"b"}

            await until(only_b)


async def test_a_call_under_way_outlives_its_endpoints_place_on_the_list(tmp_path: Path) -> None:
    """Who is taken off the list finishes what it has begun."""
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow_at_first(_request: pb.SuggestRequest) -> Answer:
        if not begun.is_set():
            begun.set()
            await go_on.wait()
        return pb.SuggestResponse(index_generation="a")

    listed = tmp_path / "toys"
    async with toy(slow_at_first) as one, toy(named("b")) as two, asyncio.TaskGroup() as group:
        listed.write_text(f"{one.address}\n")
        async with client(f"file:{listed}") as caller:
            call = group.create_task(caller.call(SUGGEST, pb.SuggestRequest(), 5))
            await begun.wait()
            listed.write_text(f"{two.address}\n")

            async def only_b() -> bool:
                return await spread(caller, 2) == {"b"}

            await until(only_b)
            go_on.set()
            assert (await call).index_generation == "a"


async def test_a_service_that_is_gone_is_unavailable_and_found_again_when_it_is_back() -> None:
    """A caller needs no restart of its own when a service restarts on its port."""
    async with toy() as server:
        address = server.address
    async with client(address) as caller:
        with pytest.raises(Unavailable):
            await caller.call(SUGGEST, pb.SuggestRequest(), 1)
        async with toy(port=int(address.rpartition(":")[2])):

            async def answers() -> bool:
                try:
                    await caller.call(SUGGEST, pb.SuggestRequest(), 1)
                except Unavailable:
                    return False
                return caller.answers()

            await until(answers)


async def test_without_any_address_a_call_is_unavailable(tmp_path: Path) -> None:
    """A file that is not there yet is no reason to fail for good."""
    async with client(f"file:{tmp_path / 'nobody'}") as caller:
        with pytest.raises(Unavailable):
            await caller.call(SUGGEST, pb.SuggestRequest(), 1)


@pytest.mark.parametrize("target", ["", "nowhere", "host:", ":1", "host:port", "a:1,b"])
async def test_what_is_no_address_is_refused_at_once(target: str) -> None:
    """A misspelt address is a clear sentence at the start, not a time-out later."""
    with pytest.raises(Invalid, match="is no address"):
        async with client(target):
            pass


async def test_a_stop_lets_calls_under_way_finish() -> None:
    """Closing the server waits for the call that it has taken."""
    entered_call = asyncio.Event()

    async def slow(_request: pb.SuggestRequest) -> Answer:
        entered_call.set()
        await asyncio.sleep(0.2)
        return pb.SuggestResponse(index_generation="whole")

    async with asyncio.TaskGroup() as group:
        async with toy(slow) as server:
            caller = await asyncio.wait_for(_opened(group, server.address), 5)
            await entered_call.wait()
        assert (await caller).index_generation == "whole"


async def _opened(group: asyncio.TaskGroup, address: str) -> "asyncio.Task[pb.SuggestResponse]":
    async def call() -> pb.SuggestResponse:
        async with client(address) as caller:
            return await caller.call(SUGGEST, pb.SuggestRequest(), 5)

    return group.create_task(call())
