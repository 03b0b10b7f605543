"""What every service of a process is given from outside: settings common to all, the clock, chance, and its folder."""

from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from services.kit.clock import Clock, SystemClock
from services.kit.errors import Conflict
from services.kit.files import lock, made, one_sentence
from services.kit.ids import Ids
from services.kit.logs import LogFormat, Logger, LogLevel, open_log
from services.kit.settings import setting
from services.kit.tracing import Tracer, exporting_tracer


@dataclass(frozen=True, slots=True)
class ProcessSettings:
    """Settings that all services of a process share; read under `BACKLINE`."""

    home: Path = setting(Path(".backline"), "Folder that holds all state; one folder per process below it.")
    log_format: LogFormat = setting(LogFormat.JSON, "json for machines, text for people who look on.")
    log_level: LogLevel = setting(LogLevel.INFO, "Least important lines to write: debug, info, warning or error.")
    drain_s: float = setting(
        0.2,
        "Seconds between telling load balancers to go elsewhere and refusing calls; longer than they take to notice: "
        "5 on Kubernetes, hardly anything on a laptop.",
        at_least=0,
        at_most=60,
    )
    grace_s: float = setting(
        10.0, "Seconds that calls under way get to finish once no new ones are taken.", at_least=0, at_most=300
    )
    otlp_endpoint: str = setting(
        "", "Where spans are sent by OTLP over gRPC, for example http://127.0.0.1:4317; empty for nowhere."
    )


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a service is given besides its own settings."""

    settings: ProcessSettings = field(default_factory=ProcessSettings)
    clock: Clock = field(default_factory=SystemClock)
    ids: Ids = field(default_factory=Ids)
    process: str = ""
    """This process's name where it differs from the service's: `search-2` for a second replica."""

    def folder(self, service: str) -> Path:
        """Return the folder of this process's own state, made if need be. Raises Unavailable where it cannot be."""
        return made(self.settings.home / (self.process or service))

    @contextmanager
    def alone(self, services: Iterable[str]) -> Iterator[None]:
        """Hold the folders of the services for the block, as the one process that has their names.

        Raises Conflict where another process has one: who waits for what both say would take either's word for it.
        """
        with ExitStack() as stack:
            for folder in {self.folder(service) for service in services}:
                with one_sentence(path := folder / "process.lock"):
                    stack.enter_context(lock(path, partial(_taken, folder)))
            yield

    def shared_folder(self, name: str) -> Path:
        """Return a folder that processes share, made if need be. Raises Unavailable where it cannot be."""
        return made(self.settings.home / name)

    def log(self, service: str) -> Logger:
        """Return the service's log."""
        return open_log(service, self.clock, self.settings.log_format, self.settings.log_level)

    @asynccontextmanager
    async def tracer(self, service: str) -> AsyncGenerator[Tracer | None, None]:
        """Give the service's tracer; None where spans go nowhere."""
        endpoint = self.settings.otlp_endpoint
        async with exporting_tracer(service, endpoint) if endpoint else nullcontext() as tracer:
            yield tracer


def _taken(folder: Path, holder: str) -> Conflict:
    return Conflict(f"{folder} is in use by process {holder}; give this one a name of its own with --process.")
