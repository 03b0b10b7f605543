"""Following: head and roster stay true to the store, through its silence too, and servers hear of one another."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from services.flags.domain.following import Following
from services.flags.domain.head import Head
from services.flags.domain.roster import Name, Roster
from services.flags.domain.store import Held
from services.flags.store.memory import MemoryFlags
from services.kit.clock import ManualClock
from services.kit.errors import Unavailable
from services.kit.lifecycle import background
from tests.flags.fickle import Fickle
from tests.flags.writing import NOW, put


@dataclass
class Server:
    """One server of a store, and what it was told of the store's silence."""

    following: Following
    told: list[str] = field(default_factory=list)

    @property
    def head(self) -> Head:
        """What is in force."""
        return self.following.head

    @property
    def roster(self) -> Roster:
        """Who is served."""
        return self.following.roster


@asynccontextmanager
async def serving(store: MemoryFlags, name: str) -> AsyncGenerator[Server, None]:
    """Follow the store as the server of that name."""
    told: list[str] = []
    following = Following(store, Head(store, NOW.timestamp), Roster(ManualClock().monotonic), name, told.append)
    async with background(following.follow(), following.hear(), following.share()):
        yield Server(following, told)


@pytest.fixture
def store() -> Fickle:
    """Return an empty store."""
    return Fickle()


async def settled() -> None:
    """Let what can happen without time passing happen."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_what_anyone_writes_is_taken_up(store: Fickle) -> None:
    """By every server of the store."""
    async with serving(store, "one") as one, serving(store, "other") as other:
        await put(store, "grid")
        await one.head.until_after(0)
        await other.head.until_after(0)
        assert one.head.document.held == other.head.document.held


async def test_silence_is_told_once_and_lived_through(store: Fickle) -> None:
    """What is known stays in force, and what was written meanwhile is taken up when the store answers again."""
    async with serving(store, "one") as one:
        await put(store, "grid")
        await one.head.until_after(0)
        store.silent = True
        for _ in range(3):
            await put(store, "grid")
            with pytest.raises(Unavailable):
                await one.head.look()
            await settled()
        assert (one.told, one.head.document.held.generation) == (["The database does not answer."], 1)
        store.silent = False
        await put(store, "grid")
        await one.head.until_after(4)
        assert (one.told[1:], one.following.silent) == ([""], "")


async def test_servers_hear_of_each_other(store: Fickle) -> None:
    """Of processes, of what they apply, and of what a caller has shown that the store never wrote."""
    news = asyncio.Event()
    async with serving(store, "one") as one, serving(store, "other") as other:
        with one.roster.news.stirring(news), one.head.news.stirring(news):
            with other.roster.subscribed(Name("search", "search-1"), 3):
                while not one.roster.everywhere().processes:
                    await news.wait()
                    news.clear()
                assert one.roster.here().processes == ()
                other.roster.said(Name("search", "search-1"), 4)
                while one.roster.everywhere().waiting(4):
                    await news.wait()
                    news.clear()
            await other.head.check(Held(9, "elsewhere"), "search search-1")
            while not one.head.refuses:
                await news.wait()
                news.clear()
        assert one.head.refuses == other.head.refuses
