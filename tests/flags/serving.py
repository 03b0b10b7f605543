"""A flags service that runs, with the sides of it that tests look at."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx

from backline.flags.v1 import flags_pb2 as pb
from services.commands.client import open_command_client
from services.flags.api.administrator import FlagAdministrator
from services.flags.main import open_flags
from services.flags.settings import FlagsSettings
from services.kit.admin import admin_token
from services.kit.author import Author
from services.kit.clock import SystemClock
from services.kit.grpc.client import Client
from services.kit.grpc.rpc import rpc
from services.kit.lifecycle import Running
from services.kit.process import Surroundings

WATCH = rpc(pb.WatchRequest, pb.WatchResponse)
FETCH = rpc(pb.FetchRequest, pb.FetchResponse)
OPS = Author("ops", "a test")
LIMIT_S = 30.0


def lasting(definition: dict[str, Any]) -> str:
    """Return the definition as JSON, with a promise that the service's own clock takes for sound."""
    expires = (SystemClock().now() + timedelta(days=100)).date().isoformat()
    return json.dumps({**definition, "metadata": {"owner": "tests", "expires": expires}})


@dataclass
class Open:
    """A service that runs, and a client that shows its admin token."""

    running: Running
    client: Client
    administrator: FlagAdministrator

    async def metrics(self) -> dict[str, float]:
        """Return what the operations port shows."""
        url = f"http://{self.running.addresses['operations']}/metrics"
        async with httpx.AsyncClient(trust_env=False) as client:
            lines = (await client.get(url)).text.splitlines()
        return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line[0] != "#")}


@asynccontextmanager
async def flags(surroundings: Surroundings, **settings: Any) -> AsyncGenerator[Open, None]:  # noqa: ANN401 - of any field
    """Open a service on free ports, empty unless the settings say otherwise, that knows of no one before it."""
    ports = dict.fromkeys(("grpc_port", "evaluation_port", "sync_port", "operations_port"), 0)
    chosen = FlagsSettings(**{**ports, "shipped": False, "settle_s": 0.0, **settings})
    token = admin_token(surroundings.settings.home)
    async with (
        open_flags(chosen, surroundings) as running,
        open_command_client("flags", running.addresses["grpc"], token) as client,
    ):
        yield Open(running, client, FlagAdministrator(client, LIMIT_S))


@dataclass
class Watcher:
    """A process that watches, acts on nothing by itself, and says what a test has it say."""

    answers: AsyncGenerator[pb.WatchResponse, None]
    _said: asyncio.Queue[pb.WatchRequest | None]

    async def next(self) -> pb.WatchResponse:
        """Return the next message."""
        return await anext(self.answers)

    async def snapshot(self) -> pb.Snapshot:
        """Return the next snapshot, past all signs of life."""
        while not (answer := await self.next()).HasField("snapshot"):
            pass
        return answer.snapshot

    async def refusal(self) -> str:
        """Return why nothing is handed out, once it is said."""
        while not (answer := await self.next()).refuses:
            pass
        return answer.refuses

    async def apply(self) -> pb.Snapshot:
        """Return the next snapshot, applied and acknowledged."""
        snapshot = await self.snapshot()
        self.say(applied=pb.Applied(generation=snapshot.held.generation))
        return snapshot

    def say(self, **said: Any) -> None:  # noqa: ANN401 - one of the messages
        """Say something."""
        self._said.put_nowait(pb.WatchRequest(**said))

    def leave(self) -> None:
        """Say nothing any more."""
        self._said.put_nowait(None)


@asynccontextmanager
async def watching(
    client: Client, process: str, held: pb.Held | None = None, *, service: str = "search"
) -> AsyncGenerator[Watcher, None]:
    """Watch as a process of that name for the block."""
    queue: asyncio.Queue[pb.WatchRequest | None] = asyncio.Queue()

    async def said() -> AsyncIterator[pb.WatchRequest]:
        while (request := await queue.get()) is not None:
            yield request

    async with aclosing(client.duplex(WATCH, said(), LIMIT_S)) as answers:
        watcher = Watcher(answers, queue)
        watcher.say(hello=pb.Hello(process=process, service=service, held=held))
        yield watcher
