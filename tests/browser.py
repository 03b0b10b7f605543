"""A page in a real browser: a visit to it, and what a test watches all the while."""

import asyncio
import shutil
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

import pytest_asyncio
from playwright.async_api import Browser, CDPSession, Locator, Page, Request, Route, async_playwright, expect

CHROMIUM_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE_MS = 20_000
"""How long an expectation is waited for before it is a failure: far longer than anything here takes."""

INTERACTIVE = frozenset({"button", "link", "searchbox", "textbox", "checkbox", "combobox", "DisclosureTriangle"})
"""Roles of what a person can use, as Chromium names them."""

Scheme = Literal["dark", "light"]


@dataclass(frozen=True, slots=True)
class Visit:
    """A page on the site, and all that it asked for or complained of."""

    page: Page
    site: str
    requested: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @property
    def announced(self) -> Locator:
        """What a screen reader was told last."""
        return self.page.locator("#announcer")

    @property
    def notice(self) -> Locator:
        """What the page says is wrong."""
        return self.page.locator(".notice:visible")

    async def open(self, path: str) -> None:
        """Go to an address of the site."""
        await self.page.goto(self.site + path)

    async def hold_the_clock(self) -> None:
        """Let the page's time go on only when the test says so."""
        await self.page.clock.install(time=0)
        await self.page.clock.pause_at(1_000)

    async def hold(self, addresses: str) -> asyncio.Future[Route]:
        """Keep the next such request from the service; it waits in what is returned until the test lets it go on."""
        held: asyncio.Future[Route] = asyncio.get_running_loop().create_future()

        def keep(route: Route) -> None:
            held.set_result(route)

        await self.page.route(addresses, keep, times=1)
        return held

    async def is_at(self, path: str) -> None:
        """Expect this address."""
        await expect(self.page).to_have_url(self.site + path)

    def strayed(self) -> list[str]:
        """Return the requests that left the site."""
        origin = urlsplit(self.site)
        return [url for url in self.requested if urlsplit(url)[:2] != origin[:2]]

    async def nameless(self) -> list[str]:
        """Return the roles of what a person can use but that has no accessible name."""
        session: CDPSession = await self.page.context.new_cdp_session(self.page)
        tree = await session.send("Accessibility.getFullAXTree")
        usable = [node for node in tree["nodes"] if node.get("role", {}).get("value") in INTERACTIVE]
        assert usable, "the page offers nothing to use"
        return [node["role"]["value"] for node in usable if not node.get("name", {}).get("value", "").strip()]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(require: Callable[[str, bool], None]) -> AsyncGenerator[Browser, None]:
    """Start the system's Chromium; without one the tests are skipped, or fail where it is required."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    require("chromium", executable is not None)
    expect.set_options(timeout=PATIENCE_MS)
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=executable, args=[*CHROMIUM_ARGUMENTS])
        yield opened
        await opened.close()


@asynccontextmanager
async def open_visit(
    browser: Browser, site: str, width: int = 1280, scheme: Scheme = "light"
) -> AsyncGenerator[Visit, None]:
    """Visit the site as someone who was never there before."""
    context = await browser.new_context(viewport={"width": width, "height": 720}, color_scheme=scheme)
    context.set_default_timeout(PATIENCE_MS)
    page = await context.new_page()
    visit = Visit(page, site)

    def note_request(request: Request) -> None:
        visit.requested.append(request.url)

    page.on("request", note_request)
    page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    page.on("console", lambda message: visit.complaints.append(message.text) if message.type == "error" else None)
    yield visit
    await context.close()
