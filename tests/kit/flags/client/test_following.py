"""A process follows the flags of the service: at once, only upwards, whole or not at all, and without it too."""

import asyncio
import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from services.kit.clock import ManualClock
from services.kit.flags.client.disk import Disk, kept_in
from services.kit.flags.client.received import received
from services.kit.flags.decision import Reason
from services.kit.flags.flag import Flag
from services.kit.flags.snapshot import Kind
from tests.kit.flags.client.service import POLICY, Service, document, follower, serving, snapshot, until

COLOUR = Flag("colour", Kind.STRING, "grey")


async def test_flags_are_there_when_a_service_has_started(tmp_path: Path) -> None:
    """Whoever is given flags decides by them from the first request on."""
    service = Service(snapshot(3, document(colour="red")))
    async with serving(service) as address, follower(address, tmp_path) as here:
        assert here.flags.choose(COLOUR, {}).value == "red"
        assert here.flags.evaluate("colour", {}).reason is Reason.STATIC
        assert here.metric("applied_generation_number") == 3
        assert here.metric("stream_state") == 1


async def test_a_change_is_applied_and_acknowledged(tmp_path: Path) -> None:
    """The service hears which generation decides here, once it does."""
    service = Service(snapshot(1, document(colour="red")))
    async with serving(service) as address, follower(address, tmp_path) as here:
        await service.put(snapshot(2, document(colour="blue")))
        await until(lambda: (2, "") in service.applied())
        assert service.applied()[0] == (1, "")
        assert here.value("colour") == "blue"
        assert here.metric("propagation_seconds_count") == 1


async def test_a_process_says_who_it_is_and_what_it_has(tmp_path: Path) -> None:
    """What is held is said by number and hash, so that the service knows of its own line from another."""
    service = Service(snapshot(4, document(colour="red")))
    async with serving(service) as address:
        async with follower(address, tmp_path):
            pass
        async with follower(address, tmp_path):
            pass
    hellos = [said.hello for said in service.heard if said.WhichOneof("said") == "hello"]
    assert [(hello.service, hello.process, hello.held.generation) for hello in hellos] == [
        ("toy", "toy-1", 0),
        ("toy", "toy-1", 4),
    ]
    assert hellos[1].held.hash == f"{4:064x}"


async def test_a_process_that_stops_says_goodbye(tmp_path: Path) -> None:
    """Nobody waits for the acknowledgement of a process that has stopped for good."""
    service = Service(snapshot(1, document()))
    async with serving(service) as address:
        async with follower(address, tmp_path):
            pass
        assert service.heard[-1].WhichOneof("said") == "goodbye"


async def test_a_lower_generation_is_never_applied(tmp_path: Path) -> None:
    """Neither the stream nor the poll takes anything back, whoever is late."""
    service = Service(snapshot(5, document(colour="red")))
    policy = replace(POLICY, poll_s=0.01)
    async with serving(service) as address, follower(address, tmp_path, policy) as here:
        await service.put(snapshot(6, document(colour="blue")))
        await until(lambda: here.flags.generation == 6)
        await service.put(snapshot(4, document(colour="red")))
        polls = len(service.fetched)
        await until(lambda: len(service.fetched) > polls + 3)
        assert (here.value("colour"), here.flags.generation) == ("blue", 6)
        await service.put(snapshot(7, document(colour="green")))
        await until(lambda: here.value("colour") == "green")


async def test_a_poll_beside_a_stream_that_lags_brings_what_is_new(tmp_path: Path) -> None:
    """Where streams hang and single calls do not, a change arrives all the same, and late news takes nothing back."""
    service = Service(snapshot(1, document(colour="red")))
    policy = replace(POLICY, poll_s=0.01, heartbeat_s=60)
    async with serving(service) as address, follower(address, tmp_path, policy) as here:
        service.silent = True
        service.snapshot = snapshot(2, document(colour="blue"))
        await until(lambda: here.value("colour") == "blue")
        await until(lambda: service.applied()[-1] == (2, ""))


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (snapshot(2, document(colour="blue"), checksum=sha256(b"").hexdigest()), "checksum"),
        (snapshot(2, b'{"flags": {"colour": {"state": "PERHAPS"}}}'), "definitions"),
        (snapshot(2, b"\xff\xfe"), "definitions"),
        (snapshot(2, b"[" * 100_000), "definitions"),
    ],
    ids=["checksum", "state", "encoding", "nesting"],
)
async def test_what_cannot_be_used_is_refused_whole(tmp_path: Path, bad: object, reason: str) -> None:
    """The flags before stay, the service and a metric hear of it, and the next sound generation is taken."""
    service = Service(snapshot(1, document(colour="red", size="s")))
    async with serving(service) as address, follower(address, tmp_path) as here:
        await service.put(bad)  # type: ignore[arg-type] # parametrize erases it
        await until(lambda: any(refused for _, refused in service.applied()))
        generation, refused = service.applied()[-1]
        assert generation == 1
        assert "Generation 2" in refused
        assert (here.value("colour"), here.value("size")) == ("red", "s")
        assert here.metric("rejected_snapshots_total", reason=reason) > 0
        await service.put(snapshot(3, document(colour="green")))
        await until(lambda: service.applied()[-1] == (3, ""))
        assert here.value("size") is None


async def test_large_definitions_are_applied_too(tmp_path: Path) -> None:
    """What is compiled beside the loop is put in force all the same."""
    many = {f"flag-{number}": "on" for number in range(500)}
    service = Service(snapshot(1, document(**many)))
    async with serving(service) as address, follower(address, tmp_path) as here:
        assert here.value("flag-499") == "on"


async def test_a_stream_that_broke_comes_back(tmp_path: Path) -> None:
    """A service that restarts is followed again, and what changed meanwhile is applied."""
    service = Service(snapshot(1, document(colour="red")))
    async with serving(service) as address:
        port = int(address.rpartition(":")[2])
    async with serving(service, port), follower(address, tmp_path) as here:
        pass
    async with follower(address, tmp_path) as here:
        assert here.metric("stream_state") == 0
        await service.put(snapshot(2, document(colour="blue")))
        async with serving(service, port):
            await until(lambda: here.value("colour") == "blue")
        await until(lambda: here.metric("stream_state") == 0)
        assert here.value("colour") == "blue"
        await service.put(snapshot(3, document(colour="green")))
        async with serving(service, port):
            await until(lambda: here.value("colour") == "green")


async def test_a_process_that_was_there_before_the_service_polls_beside_its_stream(tmp_path: Path) -> None:
    """An attempt that failed keeps the poll from dialling only until the service is there."""
    service = Service(snapshot(1, document(colour="red")))
    async with serving(service) as address:
        port = int(address.rpartition(":")[2])
    async with follower(address, tmp_path, replace(POLICY, poll_s=0.01)) as here:
        await until(lambda: here.watch.unreachable)
        async with serving(service, port):
            await until(lambda: here.watch.connected)
            polls = len(service.fetched)
            await until(lambda: len(service.fetched) > polls + 3)
            assert here.watch.connected


async def test_a_stream_without_a_sign_of_life_is_given_up(tmp_path: Path) -> None:
    """A connection that only seems to stand is noticed after three heartbeats and dialled anew."""
    service = Service(snapshot(1, document(colour="red")))
    async with serving(service) as address, follower(address, tmp_path) as here:
        service.silent = True
        await until(lambda: not here.watch.connected)
        service.silent = False
        await service.put(snapshot(2, document(colour="blue")))
        await until(lambda: here.value("colour") == "blue")


async def test_a_service_that_is_full_is_asked_by_the_poll(tmp_path: Path) -> None:
    """Where there is no place for another stream, flags are current all the same."""
    service = Service(snapshot(1, document(colour="red")), most=0)
    async with serving(service) as address, follower(address, tmp_path) as here:
        await until(lambda: here.value("colour") == "red")
        assert here.metric("stream_state") == 0
        service.most = 1
        await until(lambda: here.metric("stream_state") == 1)


async def test_a_service_that_refuses_leaves_what_is_held(tmp_path: Path) -> None:
    """A service that is older than its callers hands out nothing, and what they have ages until somebody decides."""
    service = Service(snapshot(8, document(colour="red")))
    async with serving(service) as address, follower(address, tmp_path) as here:
        await until(lambda: (8, "") in service.applied())
        service.refuses = "The store is an older copy."
        before = here.flags._known_at
        await service.put(snapshot(9, document(colour="blue")))
        await asyncio.sleep(3 * POLICY.heartbeat_s)
        assert here.value("colour") == "red"
        assert here.flags._known_at <= before + POLICY.heartbeat_s
        service.refuses = ""
        await service.put(snapshot(9, document(colour="blue")))
        await until(lambda: here.value("colour") == "blue")


async def test_a_process_starts_with_what_the_disk_remembers(tmp_path: Path) -> None:
    """With the service dead the flags that decided last decide, say so, and show their age."""
    service = Service(snapshot(3, document(colour="red")))
    clock = ManualClock()
    async with serving(service) as address, follower(address, tmp_path, clock=clock):
        pass
    clock.advance(100)
    async with follower(address, tmp_path, clock=clock) as here:
        decision = here.flags.evaluate("colour", {})
        assert (decision.value, decision.reason) == ("red", Reason.CACHED)
        assert here.flags.generation == 3
        assert here.flags.age_s == pytest.approx(100, abs=0.01)
        assert here.metric("snapshot_age_seconds") == pytest.approx(100, abs=0.01)


async def test_what_the_disk_remembers_is_cached_no_more_once_the_service_confirms_it(tmp_path: Path) -> None:
    """A generation that is in force decides with its own reasons, wherever its bytes came from."""
    service = Service(snapshot(3, document(colour="red")))
    async with serving(service) as address:
        async with follower(address, tmp_path):
            pass
        async with follower(address, tmp_path) as here:
            await until(lambda: here.flags.evaluate("colour", {}).reason is Reason.STATIC)
            assert here.metric("propagation_seconds_count") == 0


@pytest.mark.parametrize("change", ["flip", "cut", "empty", "fields"])
async def test_a_damaged_file_is_no_reason_not_to_start(tmp_path: Path, change: str) -> None:
    """What the disk remembers is checked; damaged, it counts as nothing and the code's defaults hold."""
    service = Service(snapshot(3, document(colour="red")))
    async with serving(service) as address, follower(address, tmp_path):
        pass
    path = kept_in(tmp_path, "toy")
    whole = path.read_text()
    damaged = {
        "flip": whole.replace("red", "rot"),
        "cut": whole[: len(whole) // 2],
        "empty": "",
        "fields": json.dumps({"generation": 3}),
    }
    path.write_text(damaged[change])
    async with follower(address, tmp_path) as here:
        assert (here.flags.generation, here.value("colour")) == (0, None)
        assert here.flags.choose(COLOUR, {}).value == "grey"
        async with serving(service, int(address.rpartition(":")[2])):
            await until(lambda: here.value("colour") == "red")


async def test_without_service_and_disk_the_code_decides(tmp_path: Path) -> None:
    """A first start without any flags service is a start."""
    async with follower("127.0.0.1:1", tmp_path) as here:
        assert here.flags.choose(COLOUR, {}).value == "grey"
        assert here.metric("applied_generation_number") == 0
        assert here.metric("snapshot_age_seconds") == float("inf")


async def test_a_start_does_not_wait_for_a_service_that_hangs(tmp_path: Path) -> None:
    """Whoever takes connections and says nothing keeps nobody from starting."""
    service = Service(silent=True)
    policy = replace(POLICY, patience_s=0.01, heartbeat_s=60, farewell_s=0)
    async with serving(service) as address, follower(address, tmp_path, policy) as here:
        assert not here.watch.connected


async def test_a_disk_that_takes_nothing_fails_nobody(tmp_path: Path) -> None:
    """Flags that cannot be written down are applied all the same."""
    kept_in(tmp_path, "toy").mkdir()
    service = Service(snapshot(1, document(colour="red")))
    async with serving(service) as address, follower(address, tmp_path) as here:
        assert here.value("colour") == "red"
        await service.put(snapshot(2, document(colour="blue")))
        await until(lambda: here.value("colour") == "blue")


async def test_services_of_one_process_remember_apart(tmp_path: Path) -> None:
    """They may have one folder, and follow different flags."""
    for name, generation in (("edge", 1), ("search", 2)):
        Disk(kept_in(tmp_path, name), lambda: 0.0).write(received(snapshot(generation, document())))
    kept = [Disk(kept_in(tmp_path, name), lambda: 0.0).read() for name in ("edge", "search")]
    assert [each and each[0].held.generation for each in kept] == [1, 2]


async def test_recent_contexts_are_sent_within_bounds(tmp_path: Path) -> None:
    """The service gets a sample of whom requests were evaluated for, never more than it takes."""
    service = Service(snapshot(1, document()))
    contexts = [{"targetingKey": f"u-{number}"} for number in range(250)]
    policy = replace(POLICY, sample_contexts=100)
    async with serving(service) as address, follower(address, tmp_path, policy, lambda: contexts):
        await until(lambda: any(said.WhichOneof("said") == "seen" for said in service.heard))
    seen = next(said.seen for said in service.heard if said.WhichOneof("said") == "seen")
    assert len(set(seen.contexts)) == 100
    assert json.loads(seen.contexts[0]) in contexts


async def test_what_no_rule_could_use_is_counted_by_attribute(tmp_path: Path) -> None:
    """An operand that does not parse is seen, under a known name or as other."""
    rule = {"if": [{"sem_ver": [{"var": "app_version"}, ">=", "8.9.0"]}, "a", "b"]}
    flag = {"state": "ENABLED", "variants": {"a": "a", "b": "b"}, "defaultVariant": "a", "targeting": rule}
    odd = {**flag, "targeting": {"if": [{"sem_ver": [{"var": "mood"}, ">=", "8.9.0"]}, "a", "b"]}}
    service = Service(snapshot(1, json.dumps({"flags": {"colour": flag, "odd": odd}}).encode()))
    async with serving(service) as address, follower(address, tmp_path) as here:
        assert here.flags.evaluate("colour", {"app_version": "8.9.30.463"}).value == "b"
        here.flags.evaluate("odd", {"mood": "good"})
        assert here.metric("context_invalid_total", attribute="app_version") == 1
        assert here.metric("context_invalid_total", attribute="other") == 1
