"""`backline run flags edge` as a process, and applications with foreign providers that connect to it."""

import asyncio
import json
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from services.commands.announcement import announced
from services.commands.client import open_command_client
from services.flags.api.administrator import FlagAdministrator
from services.kit.admin import admin_token
from tests.flags.serving import LIMIT_S, OPS, lasting
from tests.ports import lasting_port
from tests.stack.processes import environment

PROGRAM = Path(__file__).with_name("client.py")
HOST = "127.0.0.1"
PORTS = {"rpc": "FLAGS_EVALUATION", "in-process": "FLAGS_SYNC", "ofrep": "EDGE_HTTP"}
"""Where each provider connects to, by the setting's name."""


@dataclass
class Backline:
    """A home with its ports, and the process that runs there now."""

    home: Path
    ports: Mapping[str, int]
    process: Process | None = None

    async def start(self) -> None:
        """Start `backline run flags edge` and wait until it serves."""
        ports = {f"BACKLINE_{name}_PORT": str(port) for name, port in self.ports.items()}
        command = (sys.executable, "-m", "services", "run", "flags", "edge")
        own = {"BACKLINE_FLAGS_SHIPPED": "false", "BACKLINE_EDGE_FLAGS": f"{HOST}:{self.ports['FLAGS_GRPC']}"}
        environ = environment(self.home, **ports, **own)
        self.process = await asyncio.create_subprocess_exec(*command, env=environ)
        while (there := announced(self.home / "edge")) is None or there.pid != self.process.pid:
            assert self.process.returncode is None, "it ended before it served"
            await asyncio.sleep(0.02)

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Send a signal and wait until the process is gone."""
        if self.process and self.process.returncode is None:
            self.process.send_signal(number)
            await self.process.wait()

    @asynccontextmanager
    async def administrator(self) -> AsyncGenerator[FlagAdministrator, None]:
        """Open the API that writes flags."""
        address = f"{HOST}:{self.ports['FLAGS_GRPC']}"
        async with open_command_client("flags", address, admin_token(self.home)) as client:
            yield FlagAdministrator(client, LIMIT_S)

    async def write(self, flags: Mapping[str, Any], version: int = 0) -> None:
        """Write flags as a person does, reviewed."""
        async with self.administrator() as administrator:
            for key, definition in flags.items():
                await administrator.put(key, lasting(definition), version, OPS)

    async def share(self, name: str, rule: Any) -> None:  # noqa: ANN401 - JSON
        """Write a rule that flags share."""
        async with self.administrator() as administrator:
            await administrator.put(f"$evaluators/{name}", json.dumps(rule), 0, OPS)

    async def version(self, key: str) -> int:
        """Return a flag's version; 0 where there is none."""
        async with self.administrator() as administrator:
            kept = (await administrator.list()).flags.get(key)
        return kept.version if kept else 0


def lasting_ports() -> dict[str, int]:
    """Return a port for each of the settings; a process that is started again listens where it did."""
    names = ("FLAGS_GRPC", "FLAGS_EVALUATION", "FLAGS_SYNC", "FLAGS_OPERATIONS", "EDGE_HTTP", "EDGE_OPERATIONS")
    return {name: lasting_port(HOST) for name in names}


@asynccontextmanager
async def backline(home: Path) -> AsyncGenerator[Backline, None]:
    """Run the flags service and the edge in one process."""
    running = Backline(home, lasting_ports())
    await running.start()
    try:
        yield running
    finally:
        await running.stop()


@dataclass
class Application:
    """A foreign application: answers what it is asked, and keeps the events that it prints in between."""

    process: Process
    events: list[dict[str, Any]] = field(default_factory=list)

    async def ask(self, kind: str, key: str, default: object, **context: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        """Return what the provider makes of a flag."""
        question = {"kind": kind, "key": key, "default": default, "context": context}
        assert self.process.stdin
        self.process.stdin.write(json.dumps(question).encode() + b"\n")
        while "event" in (line := await self._line()):
            self.events.append(line)
        return line

    async def until(self, event: str, flag: str = "") -> None:
        """Wait for an event, of that flag where one is named; earlier ones count too, each once."""
        while True:
            while self.events:
                first = self.events.pop(0)
                if first["event"] == event and (not flag or flag in first["flags"]):
                    return
            self.events.append(await self._line())

    async def _line(self) -> dict[str, Any]:
        assert self.process.stdout
        line = await self.process.stdout.readline()
        assert line, "the application has ended"
        said: dict[str, Any] = json.loads(line)
        return said


@asynccontextmanager
async def application(provider: str, running: Backline) -> AsyncGenerator[Application, None]:
    """Run an application with that provider, as it is on PyPI, until it has connected and for the block."""
    command = (sys.executable, PROGRAM, provider, HOST, str(running.ports[PORTS[provider]]))
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, env={"no_proxy": HOST})
    try:
        opened = Application(process)
        await opened.until("PROVIDER_READY")
        yield opened
    finally:
        process.terminate()
        await process.wait()
