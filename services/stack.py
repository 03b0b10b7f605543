"""The table of services: what each needs and how it is opened. A new service is a new row.

The same rows open one service in a container, all of them in one process for a test, and one process each under
`backline up`. Wherever they run, they talk gRPC over real sockets.
"""

import dataclasses
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Any, TypeAlias, cast

from services.catalog.settings import CatalogSettings
from services.edge.settings import EdgeSettings
from services.flags.settings import FlagsSettings
from services.kit.errors import Invalid
from services.kit.lifecycle import Running
from services.kit.process import ProcessSettings, Surroundings
from services.kit.settings import read, read_all
from services.search.indexer.settings import IndexerSettings
from services.search.settings import SearchSettings

Open: TypeAlias = Callable[[Any, Surroundings], AbstractAsyncContextManager[Running]]


def _catalog() -> Open:
    from services.catalog.main import open_catalog  # noqa: PLC0415 - a process imports only the services it runs

    return open_catalog


def _indexer() -> Open:
    from services.search.indexer.main import open_indexer  # noqa: PLC0415 - as above

    return open_indexer


def _search() -> Open:
    from services.search.main import open_search  # noqa: PLC0415 - as above

    return open_search


def _flags() -> Open:
    from services.flags.main import open_flags  # noqa: PLC0415 - as above

    return open_flags


def _edge() -> Open:
    from services.edge.main import open_edge  # noqa: PLC0415 - as above

    return open_edge


@dataclass(frozen=True, slots=True)
class Service:
    """One row of the table."""

    name: str
    summary: str
    settings: type
    opener: Callable[[], Open]
    needs: tuple[str, ...] = ()
    """Services whose address a setting of the same name takes."""
    heeds: tuple[str, ...] = ()
    """Services whose address one takes too, and without which it starts and serves all the same."""
    default: bool = True
    """Whether `backline up` starts it unasked."""
    one_only: Callable[[Any], str] = lambda _settings: ""
    """Says of its settings why there is one replica at most; empty where there may be more."""
    address: str = "grpc"
    """Which of its addresses its callers take: "grpc" or "operations"."""

    @property
    def asks(self) -> tuple[str, ...]:
        """Return all services whose address a setting of the same name takes."""
        return (*self.needs, *self.heeds)

    @property
    def prefix(self) -> str:
        """Return the beginning of its environment variables' names."""
        return f"BACKLINE_{self.name.upper()}"


def _embedded(variable: str) -> Callable[[CatalogSettings | FlagsSettings], str]:
    reason = f"its embedded store belongs to one process; name a PostgreSQL that several can share ({variable})"
    return lambda settings: "" if settings.store else reason


STACK = {
    service.name: service
    for service in (
        Service("flags", "who gets which feature", FlagsSettings, _flags, one_only=_embedded("BACKLINE_FLAGS_STORE")),
        Service(
            "catalog",
            "artists, albums and tracks by id",
            CatalogSettings,
            _catalog,
            heeds=("flags",),
            one_only=_embedded("BACKLINE_CATALOG_STORE"),
        ),
        Service(
            "indexer",
            "builds the index and rolls it out",
            IndexerSettings,
            _indexer,
            needs=("catalog",),
            heeds=("flags",),
            one_only=lambda _settings: "it alone says which index is served",
            address="operations",
        ),
        Service("search", "what people type", SearchSettings, _search, needs=("indexer",), heeds=("flags",)),
        Service(
            "edge",
            "HTTP, the API and the page",
            EdgeSettings,
            _edge,
            needs=("search", "catalog"),
            heeds=("flags",),
            one_only=lambda _settings: "there is no gateway yet to share one port out among several",
        ),
    )
}


def in_order(names: Iterable[str]) -> list[Service]:
    """Return the services so that each comes after those it asks. Raises Invalid for a name not in the table."""
    chosen = set(names)
    unknown = sorted(chosen - STACK.keys())
    if unknown:
        raise Invalid(f"There is no service {', '.join(unknown)}; there are {', '.join(STACK)}.")
    order = TopologicalSorter({name: set(STACK[name].asks) & chosen for name in sorted(chosen)})
    return [STACK[name] for name in order.static_order()]


_OF_TESTS = "BACKLINE_REQUIRE"
"""Says what the tests may not skip; whoever exports it starts services too."""


def process_settings(environ: Mapping[str, str]) -> ProcessSettings:
    """Return the settings that all services share; what belongs to a single one is left for it to read."""
    own = (*(f"{service.prefix}_" for service in STACK.values()), _OF_TESTS)
    return read(
        ProcessSettings, "BACKLINE", {name: value for name, value in environ.items() if not name.startswith(own)}
    )


def settings_of(name: str, environ: Mapping[str, str]) -> Any:  # noqa: ANN401 - the row says of which class
    """Return the settings of one service. Raises Invalid for those that cannot be used."""
    service = STACK[name]
    return read(service.settings, service.prefix, environ)


@asynccontextmanager
async def opened(
    names: Sequence[str], surroundings: Surroundings, environ: Mapping[str, str]
) -> AsyncGenerator[Mapping[str, Running], None]:
    """Open the services in this process, each once those it asks are ready, and close them in reverse.

    A service gets the addresses of those that are opened here; for others its settings say where they are.

    Raises Conflict where another process has the folder of one of them, and what the services' own opening raises.
    """
    services = in_order(names)
    # All settings are read before anything is opened: faults in them come at once, and together.
    all_settings = read_all([(service.settings, service.prefix) for service in services], environ)
    running: dict[str, Running] = {}
    async with AsyncExitStack() as stack:
        stack.enter_context(surroundings.alone(names))
        for service, settings in zip(services, all_settings, strict=True):
            here = {name: running[name].addresses[STACK[name].address] for name in service.asks if name in running}
            settings_here = dataclasses.replace(cast("Any", settings), **here)
            running[service.name] = await stack.enter_async_context(service.opener()(settings_here, surroundings))
            await running[service.name].health.until_ready()
        yield running
