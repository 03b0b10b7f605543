"""The whole system as real processes, started as a person starts it, in a folder of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from services.commands.announcement import announced
from services.kit.admin import admin_token, bearer
from services.kit.settings import variables
from services.stack import STACK

READY = "ready: "
_ORDER_LIMIT_S = 60.0


@dataclass(frozen=True, slots=True)
class Running:
    """A system that runs."""

    home: Path
    url: str
    """Of the edge."""

    def address(self, process: str, service: str, protocol: str) -> str:
        """Return where a process answers."""
        announcement = announced(self.home / process)
        if announcement is None:
            raise RuntimeError(f"{process} does not run")
        return announcement.addresses[service][protocol]

    def order(self, what: str) -> Any:  # noqa: ANN401 - JSON
        """Have the indexer build or roll back, and return what it answers."""
        body = json.dumps({"actor": "benchmarks", "reason": "a benchmark"}).encode()
        return self._asked(what, body, dict([bearer(admin_token(self.home))]))

    def index_status(self) -> Any:  # noqa: ANN401 - JSON
        """Return what the indexer says of itself."""
        return self._asked("generations", None, {})

    def _asked(self, page: str, body: bytes | None, headers: Mapping[str, str]) -> Any:  # noqa: ANN401 - JSON
        address = self.address("indexer", "indexer", "operations")
        request = Request(f"http://{address}/index/{page}", body, dict(headers))
        with urlopen(request, timeout=_ORDER_LIMIT_S) as answer:  # noqa: S310 - as above
            return json.load(answer)


@contextmanager
def running(home: Path, tracks: int, *arguments: str, environ: Mapping[str, str]) -> Iterator[Running]:
    """Start everything over a generated catalogue and give it once it is ready; end it afterwards."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("BACKLINE_")}
    everything = {**inherited, **_any_ports(), "BACKLINE_HOME": str(home), **environ}
    command = [sys.executable, "-m", "services"]
    generate = [*command, "import", "generate", "--tracks", str(tracks)]
    subprocess.run(generate, env=everything, check=True, capture_output=True)  # noqa: S603 - our own command
    with (
        (home / "up.log").open("w") as log,
        subprocess.Popen(  # noqa: S603 - our own command
            [*command, "up", *arguments], env=everything, stdout=subprocess.PIPE, stderr=log, text=True
        ) as process,
    ):
        try:
            line = process.stdout.readline() if process.stdout else ""
            if not line.startswith(READY):
                raise RuntimeError(f"the system did not become ready:\n{(home / 'up.log').read_text()}")
            yield Running(home, line.removeprefix(READY).strip())
        finally:
            process.terminate()


def _any_ports() -> dict[str, str]:
    """Return an environment in which nobody needs a port of a certain number."""
    known = [variable for service in STACK.values() for variable in variables(service.settings, service.prefix)]
    return {variable.name: "0" for variable in known if variable.name.endswith("_PORT")}
