"""A flags service in memory, over real sockets: what it hands out is what the test says, and it hears what is said."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from backline.flags.v1 import flags_pb2 as pb
from services.kit.clock import Clock, SystemClock
from services.kit.errors import Exhausted
from services.kit.flags.client.local import Flags
from services.kit.flags.client.opening import Place, following
from services.kit.flags.client.policy import WatchPolicy
from services.kit.flags.client.signals import METRICS
from services.kit.flags.client.watch import Sample, Watch
from services.kit.grpc.calls import Rules
from services.kit.grpc.methods import Answer, duplex, unary
from services.kit.grpc.rpc import rpc
from services.kit.grpc.server import Listening, open_grpc_server
from services.kit.lifecycle import Health, Phase, background
from services.kit.logs import LogFormat, Logger, LogLevel, open_log
from services.kit.settings import Secret
from services.kit.telemetry import Telemetry, make_telemetry
from tests.kit.toys import SERVER, telemetry

POLICY = WatchPolicy(
    poll_s=3600, heartbeat_s=0.2, first_pause_s=0.01, most_pause_s=0.1, patience_s=30, farewell_s=30, sample_s=0.01
)
"""Quick in coming back, slow in giving up, and no poll unless a test asks for one."""
CLOCK = SystemClock()


def document(**values: str) -> bytes:
    """Return a document in which each flag has one value, which is its variant too."""
    flags = {
        key: {"state": "ENABLED", "variants": {value: value}, "defaultVariant": value} for key, value in values.items()
    }
    return json.dumps({"flags": flags, "metadata": {"flagSetId": "test"}}).encode()


def snapshot(generation: int, definitions: bytes, **fields: Any) -> pb.Snapshot:  # noqa: ANN401 - a message's fields
    """Return a sound snapshot, save for the fields that are said to be otherwise."""
    committed = Timestamp()
    committed.FromDatetime(CLOCK.now())
    sound = {
        "held": pb.Held(generation=generation, hash=f"{generation:064x}"),
        "checksum": sha256(definitions).hexdigest(),
        "committed_at": committed,
        "definitions": definitions,
    }
    return pb.Snapshot(**{**sound, **fields})


@dataclass
class Service:
    """What a flags service does, as far as its subscribers see it."""

    snapshot: pb.Snapshot = field(default_factory=pb.Snapshot)
    refuses: str = ""
    silent: bool = False
    """Whether it takes streams and says nothing on them, like one that hangs."""
    most: int = 1_000
    """Streams that it takes at a time."""
    streams: int = 0
    heard: list[pb.WatchRequest] = field(default_factory=list)
    """All that was said on streams, oldest first."""
    fetched: list[pb.Hello] = field(default_factory=list)
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def put(self, put: pb.Snapshot) -> None:
        """Hand this out from now on."""
        self.snapshot = put
        async with self._changed:
            self._changed.notify_all()

    async def fetch(self, request: pb.FetchRequest) -> Answer:
        """Answer a poll."""
        self.fetched.append(request.caller)
        return self._news(request.caller.held.generation).SerializeToString()

    async def watch(self, requests: AsyncIterator[pb.WatchRequest]) -> AsyncGenerator[Answer, None]:
        """Answer a stream, until its caller says goodbye."""
        if self.streams >= self.most:
            raise Exhausted("Too many.")
        self.streams += 1
        leaving = asyncio.Event()
        try:
            hello = await anext(requests)
            self.heard.append(hello)
            async with background(self._listen(requests, leaving)):
                sent = hello.hello.held.generation
                while not leaving.is_set():
                    if not self.silent:
                        news = self._news(sent)
                        sent = max(sent, news.snapshot.held.generation)
                        yield news
                    await self._something(sent, leaving)
        finally:
            self.streams -= 1

    def _news(self, sent: int) -> pb.WatchResponse:
        if self.refuses:
            return pb.WatchResponse(refuses=self.refuses)
        newer = self.snapshot.held.generation > sent
        return pb.WatchResponse(snapshot=self.snapshot if newer else None)

    async def _listen(self, requests: AsyncIterator[pb.WatchRequest], leaving: asyncio.Event) -> None:
        async for request in requests:
            self.heard.append(request)
            if request.WhichOneof("said") == "goodbye":
                break
        leaving.set()
        async with self._changed:
            self._changed.notify_all()

    async def _something(self, sent: int, leaving: asyncio.Event) -> None:
        try:
            async with asyncio.timeout(POLICY.heartbeat_s), self._changed:
                await self._changed.wait_for(lambda: leaving.is_set() or self.snapshot.held.generation > sent)
        except TimeoutError:
            return

    def applied(self) -> list[tuple[int, str]]:
        """Return what was said to have been applied or refused, oldest first."""
        return [
            (said.applied.generation, said.applied.refused)
            for said in self.heard
            if said.WhichOneof("said") == "applied"
        ]


@asynccontextmanager
async def serving(service: Service, port: int = 0) -> AsyncGenerator[str, None]:
    """Serve it and give the address; at the end its streams are broken off, as when a process dies."""
    health = Health()
    methods = [
        duplex(rpc(pb.WatchRequest, pb.WatchResponse), service.watch, 60, fails=(Exhausted,)),
        unary(rpc(pb.FetchRequest, pb.FetchResponse), service.fetch, 60),
    ]
    rules = Rules(telemetry(), SERVER, CLOCK, Secret())
    async with open_grpc_server(methods, rules, Listening("127.0.0.1", port, "TOY_PORT", grace_s=0), health) as address:
        await health.set(Phase.SERVING)
        yield address


@dataclass(frozen=True)
class Follower:
    """A process that uses flags."""

    flags: Flags
    watch: Watch
    telemetry: Telemetry

    def value(self, key: str) -> Any:  # noqa: ANN401 - JSON
        """Return what a flag says."""
        return self.flags.evaluate(key, {}).value

    def metric(self, name: str, **labels: str) -> float:
        """Return a metric."""
        value = self.telemetry.registry.get_sample_value(f"backline_flags_{name}", labels)
        assert value is not None, f"{name} {labels} is not there"
        return value


@asynccontextmanager
async def follower(
    address: str,
    folder: Path,
    policy: WatchPolicy = POLICY,
    sample: Sample | None = None,
    clock: Clock = CLOCK,
    log: Logger | None = None,
) -> AsyncGenerator[Follower, None]:
    """Follow the flags of a service."""
    log = log or open_log("toy", clock, LogFormat.TEXT, LogLevel.ERROR)
    instruments = make_telemetry("toy", METRICS, log)
    chance = Random(1)  # noqa: S311 - the same in every run
    place = Place("toy", "toy-1", instruments, clock, chance, folder)
    async with following(address, place, policy, sample) as (flags, watch):
        yield Follower(flags, watch, instruments)


async def until(true: Callable[[], bool]) -> None:
    """Wait until something is so; the test's own time limit ends the wait."""
    while not true():  # noqa: ASYNC110 - what is waited for is elsewhere
        await asyncio.sleep(0.005)
