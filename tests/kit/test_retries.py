"""A call that an endpoint fails is asked of another one: which calls, how often, and what bounds it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from backline.catalog.v1 import catalog_pb2
from backline.search.v1 import search_pb2 as pb
from services.kit.clock import SystemClock
from services.kit.errors import Failure, Invalid, Unavailable
from services.kit.grpc.calls import Rules
from services.kit.grpc.client import Client, open_client
from services.kit.grpc.endpoint import IN_FLIGHT
from services.kit.grpc.methods import unary
from services.kit.grpc.rpc import rpc
from services.kit.grpc.server import Listening, open_grpc_server
from services.kit.lifecycle import Health, Phase
from services.kit.resilience.budget import Budget
from services.kit.settings import Secret
from services.kit.telemetry import Telemetry
from tests.kit.toys import CLIENT, SERVER, telemetry

READ = rpc(pb.SuggestRequest, pb.SuggestResponse)
WRITE = rpc(catalog_pb2.TakedownRequest, catalog_pb2.TakedownResponse)


class Replica:
    """Answers, unless the test has it fail; knows how often it was asked."""

    def __init__(self, failure: Failure | None = None) -> None:
        self.failure, self.asked = failure, 0

    async def read(self, _request: pb.SuggestRequest) -> pb.SuggestResponse:
        """Answer a read."""
        self._answer()
        return pb.SuggestResponse(index_generation="answered")

    async def write(self, _request: catalog_pb2.TakedownRequest) -> catalog_pb2.TakedownResponse:
        """Answer a mutation."""
        self._answer()
        return catalog_pb2.TakedownResponse()

    def _answer(self) -> None:
        self.asked += 1
        if self.failure:
            raise self.failure

    @asynccontextmanager
    async def served(self) -> AsyncGenerator[str, None]:
        """Serve, and give the address."""
        health = Health()
        methods = [unary(READ, self.read, 5), unary(WRITE, self.write, 5)]
        rules = Rules(telemetry(), SERVER, SystemClock(), Secret())
        async with open_grpc_server(methods, rules, Listening("127.0.0.1", 0, "TOY_PORT", 1), health) as address:
            await health.set(Phase.SERVING)
            yield address


@asynccontextmanager
async def client_of(*replicas: Replica) -> AsyncGenerator[tuple[Client, Telemetry], None]:
    """Serve the replicas and give a client of them all."""
    instruments = telemetry()
    async with replicas[0].served() as one, replicas[-1].served() as other:
        addresses = ",".join({one, other} if len(replicas) > 1 else {one})
        async with open_client("toy", addresses, instruments, CLIENT, SystemClock()) as client:
            yield client, instruments


def retries(instruments: Telemetry) -> float | None:
    """Return how many calls were made again."""
    return instruments.registry.get_sample_value("backline_toy_client_retries_total", {"target": "toy"})


async def test_a_read_that_one_endpoint_fails_is_answered_by_another() -> None:
    """With one of two endpoints failing, every read is answered, each retry counted."""
    good, bad = Replica(), Replica(Unavailable("Not now."))
    async with client_of(good, bad) as (client, instruments):
        for _ in range(20):
            assert (await client.call(READ, pb.SuggestRequest(), 5)).index_generation == "answered"
        assert bad.asked > 0
        assert retries(instruments) == bad.asked


async def test_a_mutation_is_never_repeated() -> None:
    """What has side effects fails as it failed, and the other endpoint never hears of it."""
    good, bad = Replica(), Replica(Unavailable("Not now."))
    async with client_of(good, bad) as (client, instruments):
        failed = 0
        for _ in range(10):
            try:
                await client.call(WRITE, catalog_pb2.TakedownRequest(), 5)
            except Unavailable:
                failed += 1
        assert failed == bad.asked > 0
        assert good.asked + bad.asked == 10
        assert retries(instruments) == 0


async def test_a_refusal_is_no_reason_to_ask_again() -> None:
    """Only what is not available now is asked of another; an invalid request stays one."""
    one, other = Replica(Invalid("No.")), Replica(Invalid("No."))
    async with client_of(one, other) as (client, _):
        with pytest.raises(Invalid):
            await client.call(READ, pb.SuggestRequest(), 5)
        assert one.asked + other.asked == 1


async def test_a_call_is_made_twice_at_most() -> None:
    """Where both endpoints fail, the caller hears it after the second."""
    one, other = Replica(Unavailable("Not now.")), Replica(Unavailable("Not now."))
    async with client_of(one, other) as (client, _):
        with pytest.raises(Unavailable, match="Not now"):
            await client.call(READ, pb.SuggestRequest(), 5)
        assert (one.asked, other.asked) == (1, 1)


async def test_a_lone_endpoint_is_not_asked_again() -> None:
    """There is nobody else to ask, and the same one would fail the same."""
    only = Replica(Unavailable("Not now."))
    async with client_of(only) as (client, _):
        with pytest.raises(Unavailable):
            await client.call(READ, pb.SuggestRequest(), 5)
        assert only.asked == 1


async def test_an_outage_is_not_answered_with_twice_the_load() -> None:
    """Once the budget is spent, retries are a tenth of the calls."""
    one, other = Replica(Unavailable("Not now.")), Replica(Unavailable("Not now."))
    calls = 400
    async with client_of(one, other) as (client, instruments):
        for _ in range(calls):
            with pytest.raises(Unavailable):
                await client.call(READ, pb.SuggestRequest(), 5)
        again = retries(instruments)
        assert again is not None
        assert again <= IN_FLIGHT + calls / 10 + 1
        assert one.asked + other.asked == calls + again


def test_a_budget_begins_full_and_fills_by_calls() -> None:
    """It covers what fails together at first, then as many retries as calls have earned, and never hoards more."""
    budget = Budget(most=2, share=0.5)
    assert [budget.spend() for _ in range(3)] == [True, True, False]
    budget.earn()
    assert budget.spend() is False
    budget.earn()
    assert budget.spend() is True
    for _ in range(100):
        budget.earn()
    assert [budget.spend() for _ in range(3)] == [True, True, False]
