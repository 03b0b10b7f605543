"""What a process tells of its flags: in its log once per change, on its operations port always."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pytest

from services.kit.flags.client.opening import open_flags
from services.kit.flags.client.signals import METRICS
from services.kit.flags.decision import Reason
from services.kit.flags.flag import Choice
from services.kit.logs import Lines, LogFormat, Logger, open_log
from services.kit.process import Surroundings
from services.kit.service import open_frame
from tests.kit.flags.client.service import CLOCK, POLICY, Service, document, follower, serving, snapshot, until


@dataclass(frozen=True, slots=True)
class Settings:
    """Those of a service that only uses flags."""

    host: str = "127.0.0.1"
    operations_port: int = 0


class Told:
    """A log that is kept."""

    def __init__(self) -> None:
        self._out = BytesIO()
        self._lines = Lines(self._out)
        self.log: Logger = open_log("toy", CLOCK, LogFormat.JSON, lines=self._lines)

    @contextmanager
    def ended(self) -> Iterator[list[str]]:
        """Give the events, oldest first, and no more of them."""
        self._lines.close()
        yield [json.loads(line)["event"] for line in self._out.getvalue().splitlines()]


async def test_what_happens_is_written_once(tmp_path: Path) -> None:
    """A service that is away, that is back and that refuses is a line each, however often it is tried."""
    told, service = Told(), Service(snapshot(1, document(colour="red")))
    async with serving(service) as address:
        pass
    async with follower(address, tmp_path, log=told.log) as here, serving(service, int(address.rpartition(":")[2])):
        await until(lambda: here.watch.connected)
        service.refuses = "The store is an older copy."
        heard = len(service.heard)
        await service.put(snapshot(2, document(colour="blue")))
        await here.watch._client.hang_up()
        await until(lambda: len(service.heard) > heard and here.watch.connected)
    with told.ended() as events:
        assert events.count("flags.server_refuses") == 1
        assert events[:3] == ["flags.not_followed", "flags.applied", "flags.followed"]


async def test_a_use_is_a_line_with_its_generation(tmp_path: Path) -> None:
    """Flag, variant, hashed unit and the generation that decided: in the log once, on a counter each time."""
    told, service = Told(), Service(snapshot(4, document(colour="red")))
    choice = Choice("colour", "red", "red", Reason.STATIC)
    async with serving(service) as address, follower(address, tmp_path, log=told.log) as here:
        for _ in range(3):
            here.flags.used(choice, "4f2a")
        here.flags.used(choice, "4f2a", generation=3)
        assert here.metric("uses_total", flag="colour", variant="red") == 4
    with told.ended() as events:
        assert events.count("flags.used") == 2


@pytest.mark.parametrize(("process", "name"), [("", "toy@"), ("toy-2", "toy-2@"), ("my toy/ü", "my-toy--@")])
async def test_a_service_opens_its_flags_in_one_line(surroundings: Surroundings, process: str, name: str) -> None:
    """It names itself as the service takes names, its readiness waits for nothing, and its dependencies tell."""
    here = Surroundings(surroundings.settings, process=process)
    service = Service(snapshot(1, document(colour="red")))
    async with serving(service) as address, open_frame("toy", Settings(), METRICS, here) as frame:
        async with open_flags(address, frame, here, POLICY) as flags:
            assert flags.evaluate("colour", {}).value == "red"
            assert frame.health.dependencies["flags"]()
        assert service.heard[0].hello.service == "toy"
        assert service.heard[0].hello.process.startswith(name)
