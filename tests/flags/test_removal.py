"""The removal of a flag: gone for everybody, with a word to whoever does it, and never from under another flag."""

import json
from contextlib import aclosing
from typing import Any

import pytest

from flagd.evaluation.v2 import evaluation_pb2 as evaluation
from flagd.sync.v1 import sync_pb2 as sync
from services.commands.client import open_command_client
from services.flags.api.administrator import FlagAdministrator
from services.flags.domain.administration import Administration
from services.flags.domain.head import Head
from services.flags.domain.roster import Roster
from services.flags.domain.store import Held
from services.flags.store.memory import MemoryFlags
from services.kit.clock import ManualClock
from services.kit.errors import Conflict, Denied, NotFound
from services.kit.grpc.rpc import rpc
from services.kit.process import Surroundings
from services.kit.settings import Secret
from tests.flags.served import SELDOM_S, Served, served
from tests.flags.serving import LIMIT_S, OPS, flags, lasting, watching
from tests.flags.writing import put, switch

IN_CARS = {"==": [{"var": "client_type"}, "car"]}
BY_SHARED_RULE = switch(on=False, targeting={"if": [{"$ref": "in-cars"}, "on", "off"]})
SEEN = [{"client_type": "tv"}, {"client_type": "car"}, {"client_type": "tv", "country": "SE"}]
EVENTS = rpc(evaluation.EventStreamRequest, evaluation.EventStreamResponse)
SYNC = rpc(sync.SyncFlagsRequest, sync.SyncFlagsResponse)


@pytest.fixture
def administration() -> Administration:
    """Return the administration of an empty store in memory."""
    clock = ManualClock()
    store = MemoryFlags(clock)
    head = Head(store, lambda: clock.now().timestamp())
    return Administration(store, head, Roster(clock.monotonic), lambda: SEEN, clock.now)


async def test_a_removed_flag_is_gone_and_told_of(administration: Administration) -> None:
    """Nobody finds it any more; who removed it and why is in its history, and its key is free."""
    await administration.put("grid", json.dumps(switch(on=True)), 0, OPS)
    assert (await administration.remove("grid", OPS, 1))[0] == 2
    with pytest.raises(NotFound, match="grid"):
        administration.get("grid")
    with pytest.raises(NotFound, match="grid"):
        await administration.kill("grid", OPS)
    last = [entry async for entry in administration.history("grid")][-1]
    assert (last.record.action, last.record.reason, last.record.detail) == ("remove", "a test", "")
    assert (await administration.put("grid", json.dumps(switch(on=False)), 0, OPS))[0] == 3


async def test_whoever_removes_a_flag_that_decides_is_told_for_whom(administration: Administration) -> None:
    """It is done all the same; of one that is killed nothing is said, since nobody will notice."""
    for key in ("grid", "hints"):
        await administration.put(key, json.dumps(switch(on=True)), 0, OPS)
    await administration.kill("hints", OPS)
    _, (warning,) = await administration.remove("grid", OPS, 1)
    assert warning.startswith("It decides for 3 of 3 recent contexts")
    assert await administration.remove("hints", OPS, 3) == (5, [])


async def test_a_flag_that_leaves_all_to_callers_goes_without_a_word(administration: Administration) -> None:
    """Without a default variant it decides for nobody but those whom its rule names."""
    definition = {**switch(on=True, targeting={"if": [IN_CARS, "on"]}), "defaultVariant": None}
    await administration.put("grid", json.dumps(definition), 0, OPS)
    _, (warning,) = await administration.remove("grid", OPS, 1)
    assert "1 of 3" in warning


async def test_a_shared_rule_stays_while_flags_use_it(administration: Administration) -> None:
    """They are named, killed ones too, since they may be restored; once none does it can go."""
    await put(administration.store, "$evaluators/in-cars", rule=IN_CARS)
    await put(administration.store, "$evaluators/in-cars-and-more", rule=IN_CARS)
    for key in ("voice", "hints"):
        await put(administration.store, key, rule=BY_SHARED_RULE)
    await put(administration.store, "plain")
    await administration.kill("hints", OPS)
    with pytest.raises(Conflict, match=r"in-cars is still used by hints, voice\."):
        await administration.remove("$evaluators/in-cars", OPS, 1)
    for key, version in (("hints", 6), ("voice", 3), ("$evaluators/in-cars", 1)):
        await administration.remove(key, OPS, version)
    assert {*administration.head.document.state.flags} == {"plain", "$evaluators/in-cars-and-more"}


async def test_a_removal_is_of_what_was_seen(administration: Administration) -> None:
    """Neither what has changed since goes, nor what is not there, nor anything while callers are ahead."""
    await administration.put("grid", json.dumps(switch(on=True)), 0, OPS)
    for version in (0, 2):
        with pytest.raises(Conflict, match="grid is at version 1"):
            await administration.remove("grid", OPS, version)
    with pytest.raises(NotFound, match="other"):
        await administration.remove("other", OPS, 0)
    await administration.head.check(Held(9, "elsewhere"), "search-1")
    with pytest.raises(Conflict, match="search-1"):
        await administration.remove("grid", OPS, 1)
    assert await administration.store.generation() == 1


async def gone(the: Served, key: str) -> None:
    """Remove a flag, and have that in force."""
    await the.remove(key)
    await the.head.look()


async def test_listeners_hear_that_a_flag_is_deleted() -> None:
    """In flagd's word; of a shared rule that no flag uses there is nothing to hear."""
    async with served() as the:
        await the.write("$evaluators/in-cars", IN_CARS)
        await the.write("grid", switch(on=True))
        await the.head.look()
        async with aclosing(the.client.download(EVENTS, evaluation.EventStreamRequest(), SELDOM_S)) as stream:
            events: list[Any] = [await anext(stream), await anext(stream)]
            await gone(the, "$evaluators/in-cars")
            await gone(the, "grid")
            events.append(await anext(stream))
    assert [event.type for event in events] == ["provider_ready", *["configuration_change"] * 2]
    assert [{**event.data["flags"]["grid"]}["type"] for event in events[1:]] == ["write", "delete"]


async def test_flagd_s_clients_get_all_flags_without_it() -> None:
    """In the next message of their stream."""
    async with served() as the:
        for key in ("grid", "hints"):
            await the.write(key, switch(on=True))
        await the.head.look()
        async with aclosing(the.client.download(SYNC, sync.SyncFlagsRequest(), SELDOM_S)) as stream:
            await anext(stream)
            await gone(the, "grid")
            left: Any = await anext(stream)
    assert [*json.loads(left.flag_configuration)["flags"]] == ["hints"]


async def test_a_removal_reaches_whoever_watches(surroundings: Surroundings) -> None:
    """As any write does; what is worth a second look comes back with it, and without the token nothing does."""
    async with flags(surroundings) as the, watching(the.client, "edge", service="edge") as edge:
        first, _ = await the.administrator.put("grid", lasting(switch(on=True)), 0, OPS)
        assert [*json.loads((await edge.apply()).definitions)["flags"]] == ["grid"]
        async with open_command_client("flags", the.running.addresses["grpc"], Secret()) as stranger:
            with pytest.raises(Denied):
                await FlagAdministrator(stranger, LIMIT_S).remove("grid", first, OPS)
        with pytest.raises(Conflict):
            await the.administrator.remove("grid", first + 1, OPS)
        assert await the.administrator.remove("grid", first, OPS) == (first + 1, [])
        assert json.loads((await edge.apply()).definitions)["flags"] == {}
        assert (await the.administrator.list()).flags == {}
