"""The flags service as it is opened: over real gRPC, with its store, its three servers and its metrics."""

import json
import shutil
from pathlib import Path

import pytest
from google.protobuf.struct_pb2 import Struct

from backline.flags.v1 import flags_pb2 as pb
from flagd.evaluation.v1 import evaluation_pb2 as v1
from services.commands.client import open_command_client
from services.flags.api.administrator import FlagAdministrator
from services.flags.main import open_store
from services.flags.settings import FlagsSettings
from services.kit.admin import peers_token
from services.kit.author import Author
from services.kit.clock import ManualClock
from services.kit.errors import Conflict, Denied, Exhausted, Invalid, NotFound, Unavailable
from services.kit.grpc.rpc import rpc
from services.kit.journal import verify
from services.kit.process import Surroundings
from services.kit.settings import Secret
from tests.flags.serving import FETCH, LIMIT_S, OPS, Open, Watcher, flags, lasting, watching
from tests.flags.writing import switch

IN_CARS = {"if": [{"==": [{"var": "client_type"}, "car"]}, "on", "off"]}


async def confirmed(the: Open, key: str, watchers: list[Watcher]) -> pb.Snapshot:
    """Kill a flag, have each watcher apply that, and return what they got once the kill says that all have."""
    reports = the.administrator.kill(key, OPS, LIMIT_S)
    killed, _ = await anext(reports)
    snapshots = [await watcher.apply() for watcher in watchers]
    *_, last = [progress async for _, progress in reports]
    assert (last.applied, last.waiting) == (len(watchers), ())
    assert {snapshot.held.generation for snapshot in snapshots} == {killed.generation}
    return snapshots[0]


async def test_a_kill_reaches_whoever_watches_and_waits_for_them(surroundings: Surroundings) -> None:
    """Its reports name who has not applied it, and end once all have."""
    async with flags(surroundings) as the:
        generation, _ = await the.administrator.put("grid", lasting(switch(on=True)), 0, OPS)
        async with watching(the.client, "search-1") as one, watching(the.client, "search-2") as other:
            assert (await one.apply()).held.generation == generation
            await other.apply()
            reports = the.administrator.kill("grid", OPS, LIMIT_S)
            killed, first = await anext(reports)
            assert [each.process for each in first.waiting] == ["search-1", "search-2"]
            snapshot = await one.apply()
            assert json.loads(snapshot.definitions)["flags"]["grid"]["state"] == "DISABLED"
            await other.apply()
            rest = [progress async for _, progress in reports]
            assert (rest[-1].applied, rest[-1].waiting) == (2, ())
            assert killed.generation == snapshot.held.generation == generation + 1


async def test_all_that_people_do(surroundings: Surroundings) -> None:
    """Write, look, explain, try out, kill, restore, and read who did it."""
    async with flags(surroundings) as the:
        desk = the.administrator
        first, warnings = await desk.put("grid", lasting(switch(on=False, targeting=IN_CARS)), 0, OPS)
        kept, rule = await desk.get("grid")
        assert (kept.version, [*warnings]) == (first, [])
        assert "client type is car" in rule
        assert (await desk.explain("grid", '{"client_type": "car"}'))[0] == "true by variant on: TARGETING_MATCH"
        *_, (killed, _) = [report async for report in desk.kill("grid", OPS, LIMIT_S, expected_version=first)]
        assert await desk.restore("grid", killed.generation, Author("ops", "fixed")) == 3
        listed = await desk.list()
        assert listed.flags == {"grid": (await desk.get("grid"))[0]}
        assert (listed.generation, listed.refuses) == (3, "")
        entries = [entry async for entry in desk.history()]
        assert verify(entries) == 3
        assert [(entry.record.action, entry.record.reason) for entry in entries][1:] == [
            ("kill", "a test"),
            ("restore", "fixed"),
        ]
        assert [entry.sequence async for entry in desk.history("grid", after=1)] == [2, 3]


async def test_a_trial_is_on_what_processes_have_seen(surroundings: Surroundings) -> None:
    """The contexts come on their streams."""
    async with flags(surroundings) as the, watching(the.client, "edge", service="edge") as edge:
        assert await edge.next() == pb.WatchResponse()
        contexts = [{"client_type": kind, "targetingKey": kind} for kind in ("car", "tv", "web")]
        edge.say(seen=pb.Seen(contexts=map(json.dumps, contexts)))
        definition = lasting(switch(on=False, targeting=IN_CARS))
        while (trial := await the.administrator.try_out("grid", definition)).run.contexts < len(contexts):
            pass
        assert {each.variant: each.contexts for each in trial.run.reached} == {"on": 1, "off": 2}
        assert "client type is car" in trial.rule
        assert (await the.administrator.list()).flags == {}


async def test_faults_of_callers_are_told_as_what_they_are(surroundings: Surroundings) -> None:
    """What cannot be used, what has changed, and what is not there."""
    async with flags(surroundings) as the:
        desk = the.administrator
        with pytest.raises(Invalid, match=r"\$\.metadata\.owner"):
            await desk.put("grid", json.dumps({**switch(on=True), "metadata": {}}), 0, OPS)
        await desk.put("grid", lasting(switch(on=True)), 0, OPS)
        with pytest.raises(Conflict):
            await desk.put("grid", lasting(switch(on=False)), 0, OPS)
        for missing in (desk.get("other"), desk.explain("other", "{}"), desk.restore("other", 1, OPS)):
            with pytest.raises(NotFound):
                await missing
        with pytest.raises(Conflict, match="nothing to adopt"):
            await desk.adopt(OPS)


async def test_nobody_is_heard_without_a_token(surroundings: Surroundings) -> None:
    """Nothing is written or read; and who says that it is ahead, which would end all writes, is not even listed."""
    async with (
        flags(surroundings) as the,
        open_command_client("flags", the.running.addresses["grpc"], Secret()) as client,
    ):
        stranger = FlagAdministrator(client, LIMIT_S)
        await the.administrator.put("grid", lasting(switch(on=True)), 0, OPS)
        for attempt in (
            stranger.put("grid", lasting(switch(on=False)), 1, OPS),
            stranger.list(),
            anext(stranger.kill("grid", OPS, LIMIT_S)),
            stranger.subscribers(),
            stranger.adopt(OPS),
        ):
            with pytest.raises(Denied):
                await attempt
        caller = pb.Hello(process="search-2", service="search", held=pb.Held(generation=2, hash="f" * 64))
        with pytest.raises(Denied):
            await client.call(FETCH, pb.FetchRequest(caller=caller), LIMIT_S)
        async with watching(client, "search-1", caller.held) as watcher:
            with pytest.raises(Denied):
                await watcher.next()
        subscribed = await the.administrator.subscribers()
        assert (subscribed.refuses, subscribed.listing.processes) == ("", ())


async def test_our_own_processes_are_served_and_change_nothing(surroundings: Surroundings) -> None:
    """By the token that they find in the folder which all share."""
    async with (
        flags(surroundings) as the,
        open_command_client("flags", the.running.addresses["grpc"], peers_token(surroundings.settings.home)) as peer,
    ):
        await the.administrator.put("grid", lasting(switch(on=True)), 0, OPS)
        async with watching(peer, "search-1") as watcher:
            assert (await watcher.snapshot()).held.generation == 1
        caller = pb.Hello(process="search-2", service="search")
        assert (await peer.call(FETCH, pb.FetchRequest(caller=caller), LIMIT_S)).snapshot.held.generation == 1
        with pytest.raises(Denied):
            await FlagAdministrator(peer, LIMIT_S).adopt(OPS)


async def test_who_says_goodbye_holds_up_no_kill(surroundings: Surroundings) -> None:
    """Who was cut off does, until it is back."""
    async with flags(surroundings) as the:
        await the.administrator.put("grid", lasting(switch(on=True)), 0, OPS)
        async with watching(the.client, "leaves") as leaving, watching(the.client, "breaks") as breaking:
            await leaving.apply()
            await breaking.apply()
            leaving.say(goodbye=pb.Goodbye())
            assert [answer async for answer in leaving.answers if answer.HasField("snapshot")] == []
        reports = the.administrator.kill("grid", OPS, LIMIT_S)
        assert [each.process for each in (await anext(reports))[1].waiting] == ["breaks"]
        async with watching(the.client, "breaks", pb.Held()) as back:
            await back.apply()
            *_, (_, last) = [report async for report in reports]
        assert (last.applied, last.waiting) == (1, ())


async def test_a_stop_waits_for_nobody_who_watches(surroundings: Surroundings) -> None:
    """Streams end in order when the service drains; a kill that waits says that it is not confirmed."""
    async with flags(surroundings, heartbeat_s=3_600) as the:
        await the.administrator.put("grid", lasting(switch(on=True)), 0, OPS)
        async with watching(the.client, "search-1") as watcher:
            await watcher.apply()
            reports = the.administrator.kill("grid", OPS, LIMIT_S)
            await anext(reports)
            await watcher.snapshot()
            await the.running.drain()
            assert [answer async for answer in watcher.answers] == []
            with pytest.raises(Unavailable, match="stands"):
                async for _ in reports:
                    pass


async def test_one_watcher_too_many_is_told_to_come_back(surroundings: Surroundings) -> None:
    """The bound is the setting's."""
    async with flags(surroundings, watchers=0) as the, watching(the.client, "search-1") as watcher:
        with pytest.raises(Exhausted):
            await watcher.next()


async def test_the_metrics_tell_who_has_applied_what_is_in_force(surroundings: Surroundings) -> None:
    """Flags, the switched off ones among them, and subscribers by state; and the store answers."""
    async with flags(surroundings) as the:
        await the.administrator.put("grid", lasting(switch(on=True)), 0, OPS)
        await the.administrator.put("voice", lasting(switch(on=True, state="DISABLED")), 0, OPS)
        async with watching(the.client, "search-1") as one, watching(the.client, "search-2") as other:
            await one.apply()
            refused = await other.snapshot()
            other.say(applied=pb.Applied(generation=0, refused="its checksum does not fit"))
            assert refused.held.generation == 2
            wanted = {
                'backline_flags_roster_subscribers{state="current"}': 1,
                'backline_flags_roster_subscribers{state="refusing"}': 1,
                'backline_flags_roster_subscribers{state="waiting"}': 0,
                "backline_flags_generation_number": 2,
                "backline_flags_stored_flags": 2,
                "backline_flags_disabled_flags": 1,
                "backline_flags_expired_flags": 0,
                "backline_flags_watch_watchers": 2,
                "backline_flags_refuses_state": 0,
                "backline_flags_store_silent_state": 0,
            }
            while not (metrics := await the.metrics()).items() >= wanted.items():
                pass
            assert metrics['backline_flags_rpc_calls_total{code="OK",method="Put"}'] == 2
    assert the.running.health.report()["dependencies"] == {"store": "answers"}


async def test_what_a_remote_caller_s_rules_could_not_use_is_counted(surroundings: Surroundings) -> None:
    """By attribute: a version of four parts is none, and nobody shall fall into an else branch unseen."""
    rule = {"if": [{"sem_ver": [{"var": "app_version"}, ">=", "8.9.0"]}, "on", "off"]}
    async with flags(surroundings) as the:
        await the.administrator.put("grid", lasting(switch(on=False, targeting=rule)), 0, OPS)
        async with open_command_client("flags", the.running.addresses["evaluation"], Secret()) as remote:
            request = v1.ResolveBooleanRequest(flag_key="grid", context=Struct())
            request.context["app_version"] = "8.9.30.463"
            answer = await remote.call(rpc(v1.ResolveBooleanRequest, v1.ResolveBooleanResponse), request, LIMIT_S)
        assert (answer.value, answer.variant) == (False, "off")
        metrics = await the.metrics()
        assert metrics['backline_flags_context_invalid_total{attribute="app_version"}'] == 1
        assert metrics['backline_flags_context_invalid_total{attribute="other"}'] == 0


async def test_a_store_that_is_empty_gets_the_flags_that_come_with_backline(surroundings: Surroundings) -> None:
    """Once, each with a day on which it expires; what people change of them stays over a new start."""
    async with flags(surroundings, shipped=True) as the:
        listed = await the.administrator.list()
        assert listed.generation == len(listed.flags) > 0
        for key, kept in listed.flags.items():
            trial = await the.administrator.try_out(key, kept.definition)
            assert (trial.warnings, trial.run.changed) == ((), 0)
        async for _ in the.administrator.kill(min(listed.flags), OPS, LIMIT_S):
            pass
    async with flags(surroundings, shipped=True) as the:
        again = await the.administrator.list()
        assert again.generation == listed.generation + 1
        assert json.loads(again.flags[min(listed.flags)].definition)["state"] == "DISABLED"


async def test_a_server_restored_from_an_older_backup_is_noticed(surroundings: Surroundings) -> None:
    """It neither hands out nor writes until somebody adopts it; then it goes on above what its callers have."""
    home = surroundings.settings.home
    async with flags(surroundings) as the:
        await the.administrator.put("grid", lasting(switch(on=True)), 0, OPS)
    shutil.copytree(home / "flags", home / "backup")
    async with flags(surroundings) as the, watching(the.client, "search-1") as watcher:
        await the.administrator.put("voice", lasting(switch(on=True)), 0, OPS)
        held = (await watcher.apply()).held
        assert held.generation == 2
    shutil.rmtree(home / "flags")
    shutil.move(home / "backup", home / "flags")
    async with flags(surroundings) as the, watching(the.client, "search-2") as behind:
        assert (await behind.apply()).held.generation == 1
        async with watching(the.client, "search-1", held) as watcher:
            assert "search search-1 has applied generation 2" in await watcher.refusal()
            assert await behind.refusal()
            with pytest.raises(Conflict, match="backline flags adopt"):
                await anext(the.administrator.kill("grid", OPS, LIMIT_S))
            assert (await the.administrator.list()).refuses == (await the.administrator.subscribers()).refuses != ""
            assert await the.administrator.adopt(Author("ops", "last night's backup")) == 3
            for each in (watcher, behind):
                snapshot = await each.apply()
                assert (snapshot.held.generation, "voice" in str(snapshot.definitions)) == (3, False)
            snapshot = await confirmed(the, "grid", [watcher, behind])
            assert snapshot.held.generation == 4
        assert verify([entry async for entry in the.administrator.history()]) == 3


async def test_a_store_of_no_known_kind_is_refused(tmp_path: Path) -> None:
    """One sentence says what may be given, without what was given: it may hold a password."""
    with pytest.raises(Invalid, match="neither a postgresql:// address nor left empty") as refused:
        async with open_store(FlagsSettings(store=Secret("mysql://me:password@host/name")), tmp_path, ManualClock()):
            pass
    assert "password" not in str(refused.value)
