"""flagd's protocols over a store in memory and real gRPC."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from services.flags.api.evaluation import EvaluationApi
from services.flags.api.flagd_sync import FlagdSyncApi
from services.flags.api.foreign import Streams
from services.flags.domain.head import Head
from services.flags.domain.roster import Roster
from services.flags.domain.store import Action, Change
from services.flags.store.memory import MemoryFlags
from services.kit.clock import ManualClock, SystemClock
from services.kit.grpc.calls import Rules
from services.kit.grpc.client import Client, open_client
from services.kit.grpc.server import Listening, open_grpc_server
from services.kit.journal import Record
from services.kit.lifecycle import Health, Phase
from services.kit.logs import Lines, LogFormat, open_log
from services.kit.settings import Secret
from services.kit.telemetry import make_telemetry
from tests.flags.writing import NOW, canonical, head_over
from tests.kit.toys import CLIENT, SERVER

SELDOM_S = 3_600.0


@dataclass(frozen=True, slots=True)
class Served:
    """What serves, what it serves from, and a client of it."""

    store: MemoryFlags
    head: Head
    roster: Roster
    client: Client

    async def write(self, key: str, definition: Any, action: Action = Action.PUT) -> None:  # noqa: ANN401 - JSON
        """Write a definition as it is, whatever a review would say of it."""
        record = Record(NOW, "ops", action, key, "a test", canonical(definition))
        await self.store.write(Change(record, None))

    async def remove(self, key: str) -> None:
        """Remove a flag, whatever uses it."""
        await self.store.write(Change(Record(NOW, "ops", Action.REMOVE, key, "a test"), None))


@asynccontextmanager
async def served(keep_alive_s: float = SELDOM_S, most: int = 8) -> AsyncGenerator[Served, None]:
    """Serve an empty store."""
    store, health, lines = MemoryFlags(ManualClock()), Health(), Lines(BytesIO())
    # Nobody reads the log: rules that fail are faults of ours, and logged as such.
    log = open_log("toy", SystemClock(), LogFormat.TEXT, lines=lines)
    instruments = make_telemetry("toy", [*SERVER.all(), *CLIENT.all()], log)
    head, roster = await head_over(store), Roster(ManualClock().monotonic)
    streams = Streams(head, roster, keep_alive_s, most)
    methods = [
        *EvaluationApi(head, streams).methods(10, SELDOM_S),
        *FlagdSyncApi(head, streams).methods(10, SELDOM_S),
    ]
    rules = Rules(instruments, SERVER, SystemClock(), Secret())
    async with open_grpc_server(methods, rules, Listening("127.0.0.1", 0, "", 1), health) as address:
        await health.set(Phase.SERVING)
        async with open_client("toy", address, instruments, CLIENT, SystemClock()) as client:
            try:
                yield Served(store, head, roster, client)
            finally:
                head.end()
                lines.close()
