"""Opens the flags of a service."""

import asyncio
import re
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from backline.flags.v1 import flags_pb2 as pb
from services.kit.admin import peers_token
from services.kit.clock import Clock
from services.kit.errors import Invalid, Unavailable
from services.kit.flags.client.disk import Disk, Keeper, kept_in
from services.kit.flags.client.instruments import Instruments
from services.kit.flags.client.intake import Intake
from services.kit.flags.client.local import Flags
from services.kit.flags.client.pauses import Pauses
from services.kit.flags.client.policy import WatchPolicy
from services.kit.flags.client.poll import Poll
from services.kit.flags.client.signals import CALLS
from services.kit.flags.client.watch import Sample, Watch
from services.kit.grpc.client import open_client
from services.kit.lifecycle import background
from services.kit.process import Surroundings
from services.kit.service import Frame
from services.kit.settings import Secret
from services.kit.telemetry import Telemetry

POLICY = WatchPolicy()
_MOST_NAME_CHARS, _NO_NAME = 64, re.compile(r"[^A-Za-z0-9@._-]")
"""What the service takes as a process's name."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where flags are used: whose they are, and what they are given."""

    service: str
    process: str
    """Its name, unique among those of its service."""
    telemetry: Telemetry
    clock: Clock
    chance: Random
    folder: Path
    """Where the flags that decided last are kept."""
    token: Secret = field(default_factory=Secret)
    """What the flags service knows a process of ours by."""


@asynccontextmanager
async def open_flags(
    address: str, frame: Frame, surroundings: Surroundings, policy: WatchPolicy = POLICY, sample: Sample | None = None
) -> AsyncGenerator[Flags, None]:
    """Give a service its flags, kept true to those of the flags service until the block ends.

    Neither waits for that service nor fails without it: then what the disk remembers decides, or else the code.
    """
    # Processes on several machines may have one name, and one machine has several.
    process = f"{surroundings.process or frame.name}@{socket.gethostname()}"
    place = Place(
        frame.name,
        _NO_NAME.sub("-", process)[:_MOST_NAME_CHARS],
        frame.telemetry,
        frame.clock,
        surroundings.ids.source,
        surroundings.folder(frame.name),
        peers_token(surroundings.settings.home),
    )
    async with following(address, place, policy, sample) as (flags, watch):
        frame.health.dependencies["flags"] = lambda: watch.connected
        yield flags


@asynccontextmanager
async def following(
    address: str, place: Place, policy: WatchPolicy = POLICY, sample: Sample | None = None
) -> AsyncGenerator[tuple[Flags, Watch], None]:
    """Give the flags of a place, and the stream that keeps them true."""
    telemetry, clock = place.telemetry, place.clock
    instruments = Instruments(telemetry)
    flags = Flags(instruments.uses, clock.monotonic)
    intake = Intake(flags, instruments, clock, telemetry.log)
    disk = Disk(kept_in(place.folder, place.service), lambda: clock.now().timestamp())
    keeper = Keeper(disk, lambda: flags.age_s, telemetry.log)
    intake.on_applied = keeper.keep
    await _remember(disk, intake, place)

    def hello() -> pb.Hello:
        return pb.Hello(process=place.process, service=place.service, held=intake.held.message())

    pauses = Pauses(policy.first_pause_s, policy.most_pause_s, place.chance)
    async with open_client("flags", address, telemetry, CALLS, clock, place.token, lazy=True) as client:
        watch = Watch(client, intake, hello, policy, pauses, clock, telemetry.log)
        poll = Poll(client, intake, watch, hello, policy)
        instruments.generation.set_function(lambda: flags.generation)
        instruments.age.set_function(lambda: flags.age_s)
        instruments.stream.set_function(lambda: watch.connected)
        async with background(
            watch.run(),
            poll.run(place.chance),
            keeper.run(policy.poll_s, policy.settle_s),
            _tell(watch, sample, policy, place.chance),
        ):
            with suppress(TimeoutError):
                async with asyncio.timeout(policy.patience_s):
                    await watch.begun.wait()
            try:
                yield flags, watch
            finally:
                await watch.leave()
        await keeper.flush()


async def _remember(disk: Disk, intake: Intake, place: Place) -> None:
    """Begin with what the disk remembers, if that is of use."""
    try:
        kept = await asyncio.to_thread(disk.read)
        if kept is not None:
            await intake.remember(*kept)
            place.telemetry.log.info("flags.remembered", generation=kept[0].held.generation, age_s=round(kept[1], 1))
    except (Invalid, Unavailable) as failure:
        place.telemetry.log.warning("flags.not_remembered", reason=str(failure))


async def _tell(watch: Watch, sample: Sample | None, policy: WatchPolicy, chance: Random) -> None:
    """Send a sample of contexts now and then, for ever."""
    while sample:
        await asyncio.sleep(policy.sample_s)
        contexts = sample()
        if len(contexts) > policy.sample_contexts:
            contexts = chance.sample(contexts, policy.sample_contexts)
        if contexts:
            watch.send(contexts)
