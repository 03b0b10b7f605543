"""The stores that the contract's tests run over."""

from collections.abc import AsyncGenerator, Callable
from pathlib import Path

import pytest

from services.catalog.domain.store import CatalogStore
from tests.contract.catalog_stores import STORES
from tests.postgres_server import found


@pytest.fixture(params=STORES)
async def store(
    request: pytest.FixtureRequest, tmp_path: Path, require: Callable[[str, bool], None]
) -> AsyncGenerator[CatalogStore, None]:
    """Return an empty catalogue of each kind in turn."""
    if request.param == "postgres":
        require("postgres", found())
    async with STORES[request.param](tmp_path) as opened:
        yield opened
