"""Two flags servers over one PostgreSQL: to the processes they serve they are one."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from backline.flags.v1 import flags_pb2 as pb
from services.kit.errors import Conflict
from services.kit.process import Surroundings
from services.kit.settings import Secret
from tests.flags.serving import FETCH, LIMIT_S, OPS, Open, flags, lasting, watching
from tests.flags.writing import switch
from tests.postgres_server import found, shared


@pytest.fixture(autouse=True)
def _postgres(require: Callable[[str, bool], None]) -> None:
    require("postgres", found())


@asynccontextmanager
async def two(surroundings: Surroundings) -> AsyncGenerator[tuple[Open, Open], None]:
    """Open two servers over one database, with a flag that both know."""
    with shared().database() as database:
        store = Secret(database.url)
        async with (
            flags(replace(surroundings, process="flags-1"), store=store) as one,
            flags(replace(surroundings, process="flags-2"), store=store) as other,
        ):
            await one.administrator.put("grid", lasting(switch(on=True)), 0, OPS)
            async with watching(other.client, "until-it-is-known", service="test") as watcher:
                await watcher.apply()
                watcher.say(goodbye=pb.Goodbye())
                async for _ in watcher.answers:
                    pass
            yield one, other


async def known_to(server: Open, processes: list[str]) -> None:
    """Wait until a server knows just these, wherever they are served."""
    while [each.process for each in (await server.administrator.subscribers()).listing.processes] != processes:
        pass


async def test_a_kill_on_one_waits_for_those_whom_the_other_serves(surroundings: Surroundings) -> None:
    """They get it from their server, and their word for it counts."""
    async with (
        two(surroundings) as (one, other),
        watching(one.client, "search-1") as here,
        watching(other.client, "search-2") as there,
    ):
        await here.apply()
        await there.apply()
        await known_to(one, ["search-1", "search-2"])
        reports = one.administrator.kill("grid", OPS, LIMIT_S)
        _, first = await anext(reports)
        assert [each.process for each in first.waiting] == ["search-1", "search-2"]
        await here.apply()
        await there.apply()
        *_, (killed, last) = [report async for report in reports]
        assert (killed.generation, last.applied, last.waiting) == (2, 2, ())


async def test_a_goodbye_at_one_is_one_at_both(surroundings: Surroundings) -> None:
    """A process that polls one and has its stream at the other holds up no kill once it has stopped."""
    async with two(surroundings) as (one, other):
        caller = pb.Hello(process="search-1", service="search")
        await one.client.call(FETCH, pb.FetchRequest(caller=caller), LIMIT_S)
        async with watching(other.client, "search-1") as leaving:
            await leaving.apply()
            leaving.say(goodbye=pb.Goodbye())
            async for _ in leaving.answers:
                pass
        await known_to(one, [])
        *_, (_, last) = [report async for report in one.administrator.kill("grid", OPS, LIMIT_S)]
        assert (last.applied, last.waiting) == (0, ())


async def test_what_one_was_shown_the_other_refuses_too(surroundings: Surroundings) -> None:
    """And either may be told to go on, above all that was shown to both."""
    async with two(surroundings) as (one, other), watching(one.client, "ahead", pb.Held(generation=9)) as ahead:
        assert await ahead.refusal()
        while not (await other.administrator.subscribers()).refuses:
            pass
        with pytest.raises(Conflict, match="generation 9"):
            await other.administrator.put("voice", lasting(switch(on=True)), 0, OPS)
        assert await other.administrator.adopt(OPS) == 10
        assert (await ahead.apply()).held.generation == 10
        assert (await one.administrator.list()).refuses == ""


async def test_the_shipped_flags_are_written_once(surroundings: Surroundings) -> None:
    """Whichever of two servers comes first to an empty database."""
    with shared().database() as database:
        store = Secret(database.url)
        async with (
            flags(replace(surroundings, process="flags-1"), store=store, shipped=True) as one,
            flags(replace(surroundings, process="flags-2"), store=store, shipped=True) as other,
        ):
            listed, again = await one.administrator.list(), await other.administrator.list()
            assert listed == again
            assert listed.generation == len(listed.flags) > 0
