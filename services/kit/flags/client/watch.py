"""The stream: hears at once what changes, says at once what was made of it, and comes back when it breaks."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing, suppress
from typing import Any, TypeAlias

import orjson

from backline.flags.v1 import flags_pb2 as pb
from services.kit.clock import Clock
from services.kit.errors import Failure, TooLate, Unavailable
from services.kit.flags.client.intake import Intake
from services.kit.flags.client.pauses import Pauses
from services.kit.flags.client.policy import WatchPolicy
from services.kit.grpc.client import Client
from services.kit.grpc.rpc import rpc
from services.kit.logs import Logger

_WATCH = rpc(pb.WatchRequest, pb.WatchResponse)
_LIMIT_S = 24 * 3600.0
"""Longer than any server keeps a watcher."""

Sample: TypeAlias = Callable[[], Sequence[Mapping[str, Any]]]
"""Returns contexts that requests were evaluated for since it was asked last."""


class Watch:
    """One stream after the other."""

    def __init__(
        self,
        client: Client,
        intake: Intake,
        hello: Callable[[], pb.Hello],
        policy: WatchPolicy,
        pauses: Pauses,
        clock: Clock,
        log: Logger,
    ) -> None:
        self._client, self._intake, self._hello, self._policy = client, intake, hello, policy
        self._pauses, self._clock, self._log = pauses, clock, log
        self._contexts: list[str] = []
        self._something, self._leaving, self._over = asyncio.Event(), False, asyncio.Event()
        self._told: bool | None = None
        """What the log has about being connected; None where nothing yet."""
        self.connected = False
        """Whether the service speaks to us on a stream."""
        self.unreachable = False
        """Whether nothing was heard since a connection could not be had: a poll would be in want of it too."""
        self.refused = asyncio.Event()
        """Set when a service that can be reached has ended or refused a stream: a poll brings what that would have."""
        self.begun = asyncio.Event()
        """Set once the first attempt has brought something, or failed."""
        intake.on_change = self._something.set

    async def run(self) -> None:
        """Watch until `leave`."""
        while not self._leaving:
            began_s = self._clock.monotonic()
            await self._once()
            if self._clock.monotonic() - began_s > self._policy.most_pause_s:
                self._pauses.begin()
            if not self._leaving:
                await asyncio.sleep(self._pauses.next_s())
        self._over.set()

    async def leave(self) -> None:
        """Say goodbye, if there is anyone to hear it."""
        self._leaving = True
        self._something.set()
        if self.connected:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._policy.farewell_s):
                    await self._over.wait()

    def send(self, contexts: Sequence[Mapping[str, Any]]) -> None:
        """Tell of contexts, in place of those that still wait; nobody is told while there is no stream."""
        self._contexts = [orjson.dumps(context, default=str).decode() for context in contexts] if self.connected else []
        self._something.set()

    async def _once(self) -> None:
        """Hold one stream for as long as it lasts."""
        failure: Failure | None = None
        try:
            async with aclosing(self._client.duplex(_WATCH, self._said(), _LIMIT_S)) as answers:
                while (answer := await self._next(answers)) is not None:
                    await self._intake.hear(answer)
                    self.unreachable = False
                    self._note(connected=True)
        except Failure as caught:
            failure = caught
        self.unreachable = isinstance(failure, Unavailable | TooLate)
        self._note(connected=False, reason=str(failure or "The service ended the stream."))
        if self.unreachable:
            await self._client.hang_up()
        else:
            self.refused.set()

    async def _next(self, answers: AsyncGenerator[pb.WatchResponse, None]) -> pb.WatchResponse | None:
        try:
            async with asyncio.timeout(self._policy.silence_s):
                return await anext(answers, None)
        except TimeoutError:
            raise TooLate("The flags service is silent.") from None

    async def _said(self) -> AsyncGenerator[pb.WatchRequest, None]:
        """Yield what there is to say, as it comes up: never more than the last of its kind waits."""
        self._something.clear()
        yield pb.WatchRequest(hello=self._hello())
        told = (self._intake.held.generation, "")
        while not self._leaving:
            await self._something.wait()
            self._something.clear()
            news = (self._intake.held.generation, self._intake.refused)
            if news != told:
                told = news
                yield pb.WatchRequest(applied=pb.Applied(generation=news[0], refused=news[1]))
            contexts, self._contexts = self._contexts, []
            if contexts:
                yield pb.WatchRequest(seen=pb.Seen(contexts=contexts))
        yield pb.WatchRequest(goodbye=pb.Goodbye())

    def _note(self, *, connected: bool, reason: str = "") -> None:
        self.connected = connected
        self.begun.set()
        if connected is self._told or self._leaving:
            return
        self._told = connected
        if connected:
            self._log.info("flags.followed", generation=self._intake.held.generation)
        else:
            self._log.warning("flags.not_followed", reason=reason)
