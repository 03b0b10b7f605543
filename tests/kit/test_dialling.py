"""A connection that takes its time, on a machine that has other things to do, is a connection all the same."""

import pytest

from backline.search.v1 import search_pb2 as pb
from tests.kit.test_grpc import SUGGEST, client, toy
from tests.tcp_proxy import proxied

SLOW_S = 0.25


@pytest.mark.parametrize("lazy", [True, False])
async def test_the_first_call_waits_for_a_connection_that_is_slow(lazy: bool) -> None:  # noqa: FBT001 - parametrized
    """Nobody is told that a service does not answer because its first word took some tenths of a second."""
    async with (
        toy() as server,
        proxied(server.address, delay_s=SLOW_S) as proxy,
        client(proxy.address, lazy=lazy) as caller,
    ):
        assert (await caller.call(SUGGEST, pb.SuggestRequest(query="x"), 30)).index_generation == "x"
        assert proxy.connections == 1
