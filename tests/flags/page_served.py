"""The flags page over flags in memory, on a port of its own; what a process would say, the test says in its place."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from services.flags.api.page import FlagsPage
from services.flags.domain.administration import Administration
from services.flags.domain.head import Head
from services.flags.domain.roster import Name, Roster
from services.flags.domain.store import Action, Change
from services.flags.store.memory import MemoryFlags
from services.kit import ports
from services.kit.clock import ManualClock
from services.kit.http.server import open_http_server
from services.kit.journal import Record
from tests.flags.writing import NOW, canonical

TOKEN = "a-token-for-tests"  # noqa: S105 - of no other use


@dataclass(slots=True)
class ServedPage:
    """A page, and what stands behind it."""

    site: str
    store: MemoryFlags
    roster: Roster
    administration: Administration
    recent: list[Mapping[str, Any]]
    """Contexts that came lately."""
    clock: ManualClock
    connected: ExitStack = field(default_factory=ExitStack)

    @property
    def generation(self) -> int:
        """The generation in force."""
        return self.administration.head.document.held.generation

    async def write(self, key: str, definition: Any, actor: str = "ops", reason: str = "a test") -> None:  # noqa: ANN401 - JSON
        """Write a flag past all review."""
        record = Record(NOW, actor, Action.PUT, key, reason, canonical(definition))
        await self.store.write(Change(record, None))
        await self.administration.head.look()

    def connect(self, process: str, service: str) -> None:
        """Let a process be subscribed that has what is in force."""
        self.connected.enter_context(self.roster.subscribed(Name(service, process), self.generation))

    def says(self, process: str, service: str, refused: str = "") -> None:
        """Let a process say that it has applied what is in force, or why it has not."""
        applied = self.generation - bool(refused)
        self.roster.said(Name(service, process), applied, refused)


@asynccontextmanager
async def open_served_page(
    kind: type[MemoryFlags] = MemoryFlags, settle_s: float = 0.0
) -> AsyncGenerator[ServedPage, None]:
    """Serve the page of an empty store of that kind, on a server that waits so long for who was connected before."""
    clock = ManualClock()
    store, roster = kind(clock), Roster(clock.monotonic, settle_s)
    recent: list[Mapping[str, Any]] = []
    administration = Administration(store, Head(store, NOW.timestamp), roster, lambda: recent, clock.now)
    app = FlagsPage.over(administration, TOKEN).app()
    listener = ports.listen("127.0.0.1", 0, "")
    async with open_http_server(app, listener, 1, clock) as address:
        served = ServedPage(f"http://{address}", store, roster, administration, recent, clock)
        with served.connected:
            yield served
