"""Processes that use flags, and a service that is restored, cut off, and out of room: both as they are."""

import shutil
import subprocess
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from services.kit.admin import peers_token
from services.kit.author import Author
from services.kit.errors import Unavailable
from services.kit.files import made
from services.kit.flags.client.opening import Place, following
from services.kit.flags.client.policy import WatchPolicy
from services.kit.flags.client.signals import METRICS
from services.kit.flags.decision import Reason
from services.kit.logs import LogFormat, LogLevel, open_log
from services.kit.process import Surroundings
from services.kit.telemetry import make_telemetry
from tests.flags.serving import LIMIT_S, OPS, Open, flags, lasting
from tests.flags.writing import switch
from tests.kit.flags.client.service import CLOCK, Follower, until
from tests.ports import lasting_port
from tests.tcp_proxy import proxied

POLICY = WatchPolicy(
    poll_s=0.1, heartbeat_s=0.5, first_pause_s=0.01, most_pause_s=0.1, patience_s=30, farewell_s=30, settle_s=0.01
)


@asynccontextmanager
async def user(
    address: str, surroundings: Surroundings, process: str, policy: WatchPolicy = POLICY
) -> AsyncGenerator[Follower, None]:
    """Use flags as a process of that name, with a folder that lasts longer than it does."""
    home = surroundings.settings.home
    instruments = make_telemetry("toy", METRICS, open_log("toy", CLOCK, LogFormat.TEXT, LogLevel.ERROR))
    chance = Random(process)  # noqa: S311 - each its own
    place = Place("search", process, instruments, CLOCK, chance, made(home / process), peers_token(home))
    async with following(address, place, policy) as (used, watch):
        yield Follower(used, watch, instruments)


def kept(surroundings: Surroundings, process: str) -> str:
    """Return what a process has on its disk; empty where that is nothing."""
    return "".join(file.read_text() for file in (surroundings.settings.home / process).glob("flags*.json"))


async def confirmed(the: Open, key: str) -> int:
    """Kill a flag, and return how many have applied that once the service says that all have."""
    *_, (_, last) = [report async for report in the.administrator.kill(key, OPS, LIMIT_S)]
    assert last.waiting == ()
    return last.applied


async def test_a_restored_backup_takes_nothing_from_those_who_know_more(surroundings: Surroundings) -> None:
    """Neither from who was connected all the time nor from who comes with its disk alone; adopted, it is everyone's."""
    home, port = surroundings.settings.home, lasting_port()
    address, database, backup = f"127.0.0.1:{port}", home / "flags", home / "backup"
    async with flags(surroundings, grpc_port=port) as the:
        await the.administrator.put("grid", lasting(switch(on=True)), 0, OPS)
    shutil.copytree(database, backup)
    async with user(address, surroundings, "connected") as connected:
        async with flags(surroundings, grpc_port=port) as the, user(address, surroundings, "remembers"):
            await the.administrator.put("voice", lasting(switch(on=True)), 0, OPS)
            await until(lambda: connected.flags.generation == 2)
            await until(lambda: '"generation":2' in kept(surroundings, "remembers"))
        shutil.rmtree(database)
        shutil.move(backup, database)
        async with flags(surroundings, grpc_port=port) as the:
            await until(lambda: connected.watch.connected)
            assert "search connected has applied generation 2" in (await the.administrator.list()).refuses
            async with (
                user(address, surroundings, "remembers") as remembers,
                user(address, surroundings, "new") as new,
            ):
                assert [each.flags.generation for each in (connected, remembers, new)] == [2, 2, 0]
                assert remembers.flags.evaluate("voice", {}).reason is Reason.CACHED
                assert (connected.value("voice"), new.value("voice")) == (True, None)
                assert await the.administrator.adopt(Author("ops", "last night's backup")) == 3
                users = (connected, remembers, new)
                await until(lambda: {each.flags.generation for each in users} == {3})
                assert {(each.value("grid"), each.value("voice")) for each in users} == {(True, None)}
                assert await confirmed(the, "grid") == 3


async def test_who_comes_with_its_disk_to_a_restored_store_is_enough(surroundings: Surroundings) -> None:
    """Nobody else has to be left who remembers; what was written meanwhile under the same numbers is no match."""
    home, port = surroundings.settings.home, lasting_port()
    address, database, backup = f"127.0.0.1:{port}", home / "flags", home / "backup"
    async with flags(surroundings, grpc_port=port) as the:
        await the.administrator.put("grid", lasting(switch(on=True)), 0, OPS)
    shutil.copytree(database, backup)
    async with flags(surroundings, grpc_port=port) as the, user(address, surroundings, "remembers"):
        await the.administrator.put("voice", lasting(switch(on=True)), 0, OPS)
        await until(lambda: '"generation":2' in kept(surroundings, "remembers"))
    shutil.rmtree(database)
    shutil.move(backup, database)
    async with flags(surroundings, grpc_port=port) as the:
        for key in ("other", "another"):
            await the.administrator.put(key, lasting(switch(on=True)), 0, OPS)
        async with user(address, surroundings, "remembers") as remembers:
            assert "search remembers has applied generation 2" in (await the.administrator.list()).refuses
            assert (remembers.flags.generation, remembers.value("voice")) == (2, True)
            assert await the.administrator.adopt(OPS) == 4
            await until(lambda: remembers.flags.generation == 4)
            assert (remembers.value("other"), remembers.value("voice")) == (True, None)


async def test_a_connection_that_swallows_everything_is_noticed(surroundings: Surroundings) -> None:
    """Both ends take it for whole; after three heartbeats the process dials anew, and the kill that waits ends."""
    async with (
        flags(surroundings, heartbeat_s=POLICY.heartbeat_s) as the,
        proxied(the.running.addresses["grpc"]) as proxy,
        user(proxy.address, surroundings, "search-1", replace(POLICY, poll_s=3_600)) as search,
    ):
        await the.administrator.put("grid", lasting(switch(on=True)), 0, OPS)
        await until(lambda: search.value("grid") is True)
        proxy.swallow()
        assert await confirmed(the, "grid") == 1
        assert search.flags.evaluate("grid", {}).reason is Reason.DISABLED
        assert proxy.connections > 1


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """Give a disk of one megabyte."""
    made(folder)
    mounted = subprocess.run(  # noqa: S603 - a disk of our own
        ["/bin/mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("this machine lets this user mount no disk")
    try:
        yield folder
    finally:
        subprocess.run(["/bin/umount", "--lazy", str(folder)], check=True)  # noqa: S603 - as above


def fill(filler: Path) -> None:
    """Leave no room on the disk."""
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4_096))


async def test_a_full_disk_stops_writes_and_nothing_else(tmp_path: Path, surroundings: Surroundings) -> None:
    """A kill is refused in a sentence that says why, all go on with what they have, and with room again all is well."""
    with small_disk(tmp_path / "small") as home:
        here = replace(surroundings, settings=replace(surroundings.settings, home=home))
        async with flags(here) as the, user(the.running.addresses["grpc"], here, "search-1") as search:
            await the.administrator.put("grid", lasting(switch(on=True)), 0, OPS)
            await until(lambda: '"generation":1' in kept(here, "search-1"))
            fill(home / "filler")
            with pytest.raises(Unavailable) as refused:
                await confirmed(the, "grid")
            assert str(refused.value) == "The flag store is on a full disk; make room and try again."
            await until(lambda: search.watch.connected)
            assert (search.value("grid"), (await the.administrator.list()).generation) == (True, 1)
            (home / "filler").unlink()
            await the.administrator.put("voice", lasting(switch(on=True)), 0, OPS)
            await until(lambda: search.flags.generation == 2)
            await until(lambda: '"generation":2' in kept(here, "search-1"))
            assert await confirmed(the, "grid") == 1


async def test_flags_that_the_disk_does_not_take_are_written_once_it_does(
    tmp_path: Path, surroundings: Surroundings
) -> None:
    """A process whose disk is full applies and confirms a kill, and starts with it once it could be written."""
    async with flags(surroundings) as the:
        address = the.running.addresses["grpc"]
        await the.administrator.put("grid", lasting(switch(on=True)), 0, OPS)
        with small_disk(tmp_path / "search-1") as folder:
            async with user(address, surroundings, "search-1") as search:
                await until(lambda: '"generation":1' in kept(surroundings, "search-1"))
                fill(folder / "filler")
                assert await confirmed(the, "grid") == 1
                assert search.flags.evaluate("grid", {}).reason is Reason.DISABLED
                assert '"generation":1' in kept(surroundings, "search-1")
                (folder / "filler").unlink()
                await until(lambda: '"generation":2' in kept(surroundings, "search-1"))
