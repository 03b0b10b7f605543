"""What was decided at the edge, as search hears it over real gRPC."""

from collections.abc import Mapping

import pytest

from backline.search.v1 import search_pb2 as pb
from services.edge.clients.search import GrpcSearch
from services.edge.signals import CLIENT
from services.kit.clock import SystemClock
from services.kit.context import current
from services.kit.flags.client.memory import FixedFlags
from services.kit.flags.travelling import Taken, decisions_of
from services.kit.grpc.calls import Rules
from services.kit.grpc.client import open_client
from services.kit.grpc.methods import unary
from services.kit.grpc.rpc import rpc
from services.kit.grpc.server import Listening, open_grpc_server
from services.kit.lifecycle import Health, Phase
from services.kit.settings import Secret
from services.kit.telemetry import make_telemetry
from services.search.signals import METRICS, RPC
from tests.edge.api_edge import app, caller, telemetry
from tests.edge.shipped import definitions

LIMIT_S = 30.0


async def heard_by_search(flags: FixedFlags) -> Mapping[str, Taken]:
    """Return what search hears of the decisions for somebody who searches."""
    heard: list[Mapping[str, Taken]] = []

    async def listen(_request: pb.SearchRequest) -> pb.SearchResponse:
        heard.append(decisions_of(current()))
        return pb.SearchResponse()

    instruments, clock, health = telemetry(), SystemClock(), Health()
    rules = Rules(make_telemetry("search", METRICS, instruments.log), RPC, clock, Secret())
    methods = [unary(rpc(pb.SearchRequest, pb.SearchResponse), listen, LIMIT_S)]
    async with (
        open_grpc_server(methods, rules, Listening("127.0.0.1", 0, "", 1.0), health) as address,
        open_client("search", address, instruments, CLIENT, clock) as client,
        caller(app(GrpcSearch(client, LIMIT_S), flags=flags, clock=clock, limit_s=LIMIT_S)) as visitor,
    ):
        await health.set(Phase.SERVING)
        answer = await visitor.get("/v1/search?q=night", headers={"x-backline-user": "person-7"})
    assert answer.status_code == 200
    return heard[0]


async def test_a_decision_reaches_the_next_hop_as_it_was_taken() -> None:
    """Flag, variant, value, generation and for whom: nothing is decided a second time."""
    flags = FixedFlags(definitions())
    taken = (await heard_by_search(flags))["search-ranker"]
    ((_, unit), *_) = flags.told
    assert (taken.choice.variant, taken.choice.value) == ("match-and-popularity", "match-and-popularity")
    assert (taken.generation, taken.unit) == (flags.generation, unit)


@pytest.mark.parametrize(("variant", "value"), [("long", "x" * 20_000), ("x" * 20_000, "short")])
async def test_a_decision_that_is_too_long_to_travel_stays(variant: str, value: str) -> None:
    """No call could carry it, and no slip in a flag may end all searches: the next hop has its own default."""
    ranker = {"state": "ENABLED", "variants": {variant: value}, "defaultVariant": variant}
    assert await heard_by_search(FixedFlags({"search-ranker": ranker})) == {}
