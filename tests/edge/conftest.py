"""What the tests of the page share: the site, a browser, and a visit to it."""

from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from services.kit.logs import LogFormat, LogLevel
from services.kit.process import ProcessSettings, Surroundings
from tests.browser import browser
from tests.edge.page_site import open_site
from tests.edge.page_visit import Visit, open_visit

__all__ = ["browser"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[str, None]:
    """Serve the invented catalogue and return the site's origin."""
    settings = ProcessSettings(
        home=tmp_path_factory.mktemp("page"), log_format=LogFormat.TEXT, log_level=LogLevel.ERROR, drain_s=0, grace_s=2
    )
    async with open_site(Surroundings(settings)) as origin:
        yield origin


@pytest_asyncio.fixture(loop_scope="module")
async def visit(browser: Browser, site: str) -> AsyncGenerator[Visit, None]:
    """Visit the page on a desktop, and see to it that nothing it does leaves the site."""
    async with open_visit(browser, site) as opened:
        yield opened
        assert opened.strayed() == []
