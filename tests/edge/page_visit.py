"""A visit to the search page: what a test does there beside all that can be done on any page."""

import re
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

from playwright.async_api import Browser, Locator, Route, expect

from tests import browser

SEARCHES = "**/v1/search?*"
"""The page's searches."""

Json: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Visit(browser.Visit):
    """A page on the site, and its search box."""

    @property
    def box(self) -> Locator:
        """The search box."""
        return self.page.get_by_role("searchbox")

    @property
    def titles(self) -> Locator:
        """The titles of the rows on screen, in order."""
        return self.page.locator(".row__title")

    async def search(self, query: str) -> None:
        """Type over what is in the box, key by key."""
        await self.box.select_text()
        await self.box.press_sequentially(query)

    async def alter(self, change: Callable[[Json], Json]) -> None:
        """Let every answer to a search be changed on its way to the page."""

        async def pass_on(route: Route) -> None:
            answer = await route.fetch()
            await route.fulfill(response=answer, json=change(await answer.json()))

        await self.page.route(SEARCHES, pass_on)

    async def shows(self, *titles: str) -> None:
        """Expect exactly these rows in this order."""
        await expect(self.titles).to_have_text(list(titles))

    async def finds(self, *titles: str) -> None:
        """Expect exactly these rows in any order: ranking is not the page's matter."""
        for title in titles:
            await expect(self.titles.filter(has_text=re.compile(f"^{re.escape(title)}$"))).to_have_count(1)
        await expect(self.titles).to_have_count(len(titles))


@asynccontextmanager
async def open_visit(
    opened: Browser, site: str, width: int = 1280, scheme: browser.Scheme = "light"
) -> AsyncGenerator[Visit, None]:
    """Visit the site as someone who was never there before."""
    async with browser.open_visit(opened, site, width, scheme) as visit:
        yield Visit(visit.page, visit.site, visit.requested, visit.complaints)


async def refuse(route: Route, status: int, detail: str, headers: dict[str, str] | None = None) -> None:
    """Answer a request with a problem, in the service's place."""
    problem = {"type": "about:blank", "title": "Refused", "status": status, "detail": detail, "request_id": "rq-42"}
    await route.fulfill(status=status, json=problem, headers=headers or {}, content_type="application/problem+json")
