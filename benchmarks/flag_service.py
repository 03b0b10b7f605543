"""The flags service as a process of its own, on a port that stays, so that it can be killed and come back."""

import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from services.commands.announcement import announced, forget
from services.commands.client import open_command_client
from services.flags.api.administrator import FlagAdministrator
from services.kit.admin import admin_token
from services.kit.author import Author
from services.kit.files import made
from tests.ports import lasting_port

AUTHOR = Author("benchmarks", "a benchmark")
LIMIT_S = 10.0
_START_S = 30.0


@dataclass
class FlagService:
    """One that may run."""

    home: Path
    port: int = field(default_factory=lasting_port)
    settings: dict[str, str] = field(default_factory=dict)
    """More environment variables, without their beginning `BACKLINE_FLAGS_`."""
    name: str = "flags"
    """Of its process, unlike that of any other that shares its store."""
    _process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Return where it listens, now or later."""
        return f"127.0.0.1:{self.port}"

    @property
    def operations(self) -> str:
        """Return where its metrics are."""
        announcement = announced(self.home / self.name)
        return announcement.addresses["flags"]["operations"] if announcement else ""

    def start(self) -> None:
        """Start it, and return once it serves. Raises RuntimeError where it does not."""
        own = {"GRPC_PORT": str(self.port), "EVALUATION_PORT": "0", "SYNC_PORT": "0", "OPERATIONS_PORT": "0"}
        own |= {"SHIPPED": "false", "SETTLE_S": "0", **self.settings}
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("BACKLINE_")}
        environ = {f"BACKLINE_FLAGS_{name}": value for name, value in own.items()}
        folder, logged = made(self.home / self.name), self.home / f"{self.name}.log"
        forget(folder)
        with logged.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                [sys.executable, "-m", "services", "run", "flags", "--until-eof", "--process", self.name],
                env={**inherited, **environ, "BACKLINE_HOME": str(self.home)},
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=log,
            )
        until = time.monotonic() + _START_S
        while announced(folder) is None:
            if time.monotonic() > until or self._process.poll() is not None:
                raise RuntimeError(f"the flags service did not start:\n{logged.read_text()}")
            time.sleep(0.02)

    def kill(self) -> None:
        """End it without a word, as `kill -9` does."""
        if self._process:
            self._process.kill()
            self._process.communicate()

    def stop(self) -> None:
        """End it in order."""
        if self._process:
            self._process.communicate()

    @asynccontextmanager
    async def administrator(self) -> AsyncGenerator[FlagAdministrator, None]:
        """Give what writes flags."""
        async with open_command_client("flags", self.address, admin_token(self.home)) as client:
            yield FlagAdministrator(client, LIMIT_S)


@contextmanager
def flag_service(home: Path, name: str = "flags", **settings: str) -> Iterator[FlagService]:
    """Run the service for the block."""
    service = FlagService(home, settings=settings, name=name)
    service.start()
    try:
        yield service
    finally:
        service.stop()


def definition(**parts: Any) -> str:  # noqa: ANN401 - JSON
    """Return a flag that is on or off, with what every flag has to have; more parts replace these."""
    expires = datetime.now(UTC).date() + timedelta(days=300)
    flag = {
        "state": "ENABLED",
        "variants": {"on": True, "off": False},
        "defaultVariant": "off",
        "metadata": {"owner": "benchmarks", "expires": expires.isoformat()},
    }
    return json.dumps({**flag, **parts})


RULE = {
    "if": [
        {
            "and": [
                {"==": [{"var": "client_type"}, "car"]},
                {"sem_ver": [{"var": "app_version"}, ">=", "8.9.0"]},
                {"in": [{"var": "country"}, ["SE", "NO"]]},
            ]
        },
        {"fractional": [["on", 10], ["off", 90]]},
    ]
}
"""As the flags with rules of the benchmarks have them."""


async def write_flags(administrator: FlagAdministrator, count: int) -> None:
    """Write so many flags, one in twenty of them with a rule."""
    for number in range(count):
        rule = {"targeting": RULE} if number % 20 == 0 else {}
        await administrator.put(f"flag-{number}", definition(**rule), 0, AUTHOR)
