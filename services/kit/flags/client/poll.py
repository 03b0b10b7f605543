"""The poll beside the stream: what keeps flags true where streams break and single calls do not."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from random import Random

from backline.flags.v1 import flags_pb2 as pb
from services.kit.errors import Failure
from services.kit.flags.client.intake import Intake
from services.kit.flags.client.policy import WatchPolicy
from services.kit.flags.client.watch import Watch
from services.kit.grpc.client import Client
from services.kit.grpc.rpc import rpc

_FETCH = rpc(pb.FetchRequest, pb.FetchResponse)


class Poll:
    """Asks now and then what is new, and at once where there is no place for a stream.

    It leaves dialling to the stream: a service that cannot be reached has one visitor of us less when it is back.
    """

    def __init__(
        self, client: Client, intake: Intake, watch: Watch, hello: Callable[[], pb.Hello], policy: WatchPolicy
    ) -> None:
        self._client, self._intake, self._watch, self._hello, self._policy = client, intake, watch, hello, policy

    async def run(self, chance: Random) -> None:
        """Ask for ever."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._policy.poll_s * chance.uniform(0.5, 1.5)):
                    await self._watch.refused.wait()
            self._watch.refused.clear()
            if not self._watch.unreachable:
                await self.once()

    async def once(self) -> None:
        """Ask once; a question that fails is asked again later."""
        with suppress(Failure):
            request = pb.FetchRequest(caller=self._hello())
            answer = await self._client.call(_FETCH, request, self._policy.fetch_limit_s)
            await self._intake.hear(answer)
