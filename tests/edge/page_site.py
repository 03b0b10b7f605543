"""The whole system with the page's small catalogue in it: real services, real gRPC, free ports, one process."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from services.catalog.api.wire import decode, encode
from services.catalog.store.sqlite.catalog import open_sqlite_catalog
from services.kit.process import Surroundings
from services.kit.settings import variables
from services.stack import STACK, opened
from tests.edge.page_catalogue import ITEMS

PORTS = {
    variable.name: "0"
    for service in STACK.values()
    for variable in variables(service.settings, service.prefix)
    if variable.name.endswith("_PORT")
}
# What is tested is the page: no limit may cut an answer short because the machine is busy.
LIMITS = {
    "BACKLINE_SEARCH_SHARE_S": "0.1",
    "BACKLINE_SEARCH_LIMIT_S": "30",
    "BACKLINE_EDGE_LIMIT_S": "30",
    "BACKLINE_EDGE_SEARCH_LIMIT_S": "30",
    "BACKLINE_EDGE_CATALOG_LIMIT_S": "30",
}


@asynccontextmanager
async def open_site(surroundings: Surroundings) -> AsyncGenerator[str, None]:
    """Fill a catalogue, open every service, and give the site's origin."""
    async with open_sqlite_catalog(surroundings.folder("catalog"), encode, decode) as store:
        await store.write(ITEMS)
    async with opened(list(STACK), surroundings, {**PORTS, **LIMITS}) as running:
        yield f"http://{running['edge'].addresses['http']}"
