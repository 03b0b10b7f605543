"""Providers from PyPI, unmodified and each in a process of its own, against `backline run flags edge`."""

import signal
from collections.abc import AsyncGenerator
from datetime import UTC, datetime

import pytest
import pytest_asyncio

from services.flags.domain.store import Action, Change
from services.flags.store.sqlite.flags import open_sqlite_flags
from services.kit.clock import SystemClock
from services.kit.journal import Record
from tests.flags.every_kind import FLAGS, OBJECT
from tests.flags.foreign.running import Application, Backline, application, backline
from tests.flags.serving import OPS
from tests.flags.writing import canonical, switch

IN_A_VEHICLE = {"in": [{"var": "client_type"}, ["car", "ferry"]]}
STREAMS = pytest.mark.parametrize("provider", ["rpc", "in-process"])
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Backline, None]:
    """Run a service that has flags of every kind."""
    async with backline(tmp_path_factory.mktemp("foreign")) as opened:
        await opened.share("vehicles", IN_A_VEHICLE)
        await opened.write({**FLAGS, "shared": switch(on=False, targeting={"if": [{"$ref": "vehicles"}, "on"]})})
        yield opened


async def settled(app: Application, key: str) -> None:
    """Wait until the edge, which holds flags of its own, has that one."""
    while (await app.ask("boolean", key, default=False))["error"] == "FLAG_NOT_FOUND":
        pass


@pytest.mark.parametrize("provider", ["rpc", "in-process", "ofrep"])
async def test_every_type_and_reason_arrives(provider: str, running: Backline) -> None:
    """Values as they were written, in words that the provider knows; its own default where there is none."""
    async with application(provider, running) as app:
        await settled(app, "shared")

        async def told(kind: str, key: str, default: object, **context: str) -> tuple[object, ...]:
            answer = await app.ask(kind, key, default, **context)
            return answer["value"], answer["variant"], answer["reason"], answer["error"]

        assert await told("boolean", "boolean", default=False) == (True, "on", "STATIC", None)
        assert await told("string", "text", "") == ("grüße", "only", "STATIC", None)
        assert await told("integer", "whole", 0) == (9_007_199_254_740_991, "only", "STATIC", None)
        assert await told("float", "number", 0.0) == (0.25, "only", "STATIC", None)
        assert await told("object", "object", {}) == (OBJECT, "only", "STATIC", None)
        in_a_car = await told("boolean", "in-cars", default=False, targetingKey="somebody", client_type="car")
        assert in_a_car == (True, "on", "TARGETING_MATCH", None)
        assert await told("boolean", "in-cars", default=True, client_type="tv") == (False, "off", "DEFAULT", None)
        by_shared_rule = await told("boolean", "shared", default=False, client_type="ferry")
        assert by_shared_rule == (True, "on", "TARGETING_MATCH", None)
        for default in (True, False):
            assert await told("boolean", "stopped", default=default) == (default, None, "DISABLED", None)
            assert await told("boolean", "undecided", default=default) == (default, None, "DEFAULT", None)
        assert await told("object", "stopped", {"a": 1}) == ({"a": 1}, None, "DISABLED", None)
        assert await told("boolean", "nowhere", default=True) == (True, None, "ERROR", "FLAG_NOT_FOUND")
        assert await told("boolean", "text", default=True) == (True, None, "ERROR", "TYPE_MISMATCH")


@pytest.mark.parametrize("provider", ["in-process", "ofrep"])
async def test_metadata_arrives(provider: str, running: Backline) -> None:
    """A flag's own with that of the set; the provider's RPC mode does not read any."""
    async with application(provider, running) as app:
        await settled(app, "shared")
        metadata = (await app.ask("string", "text", ""))["metadata"]
    assert (metadata["owner"], metadata["flagSetId"]) == ("tests", "backline")


@STREAMS
async def test_a_change_is_an_event(provider: str, running: Backline) -> None:
    """The application hears which flag it is, new ones too, and gets the new value when it asks then."""
    key = f"changing-for-{provider}"
    async with application(provider, running) as app:
        for on in (True, False):
            await running.write({key: switch(on=on)}, await running.version(key))
            await app.until("PROVIDER_CONFIGURATION_CHANGED", key)
            answer = await app.ask("boolean", key, default=not on)
            assert (answer["value"], answer["reason"]) == (on, "STATIC")


@STREAMS
async def test_a_removal_is_an_event(provider: str, running: Backline) -> None:
    """The application hears which flag is gone, and gets its own default from then on."""
    key = f"going-for-{provider}"
    async with application(provider, running) as app:
        await running.write({key: switch(on=True)})
        await app.until("PROVIDER_CONFIGURATION_CHANGED", key)
        assert (await app.ask("boolean", key, default=False))["value"] is True
        async with running.administrator() as administrator:
            await administrator.remove(key, await running.version(key), OPS)
        await app.until("PROVIDER_CONFIGURATION_CHANGED", key)
        answer = await app.ask("boolean", key, default=False)
    assert (answer["value"], answer["error"]) == (False, "FLAG_NOT_FOUND")


@STREAMS
async def test_a_kill_reaches_a_provider_that_was_cut_off(
    provider: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The service is killed with -9, a flag changes before it is back: whoever comes again does not keep the old one.

    Until then applications go on with what they have.
    """
    async with backline(tmp_path_factory.mktemp("killed")) as running:
        await running.write({"boolean": switch(on=True)})
        async with application(provider, running) as app:
            assert (await app.ask("boolean", "boolean", default=False))["reason"] == "STATIC"
            await running.stop(signal.SIGKILL)
            await app.until("PROVIDER_STALE")
            assert (await app.ask("boolean", "boolean", default=False))["value"] is True
            await _killed_meanwhile(running, "boolean")
            await running.start()
            await app.until("PROVIDER_READY")
            while (answer := await app.ask("boolean", "boolean", default=False))["reason"] != "DISABLED":
                await app.until("PROVIDER_CONFIGURATION_CHANGED", "boolean")
            assert (answer["value"], answer["variant"], answer["error"]) == (False, None, None)


async def test_ofrep_is_answered_again_after_a_kill(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Its provider has no connection to lose: it answers defaults while nobody is there, and values afterwards."""
    async with backline(tmp_path_factory.mktemp("ofrep")) as running:
        await running.write({"boolean": switch(on=True)})
        async with application("ofrep", running) as app:
            await settled(app, "boolean")
            await running.stop(signal.SIGKILL)
            assert (await app.ask("boolean", "boolean", default=False))["error"] == "GENERAL"
            await running.start()
            await settled(app, "boolean")
            answer = await app.ask("boolean", "boolean", default=False)
    assert (answer["value"], answer["variant"]) == (True, "on")
    assert answer["reason"] in {"STATIC", "CACHED"}  # CACHED until the service beside it has said the same


async def _killed_meanwhile(running: Backline, key: str) -> None:
    """Kill a flag in the store itself, as another server of it would."""
    disabled = canonical(switch(on=True, state="DISABLED"))
    async with open_sqlite_flags(running.home / "flags", SystemClock()) as store:
        record = Record(datetime(2026, 1, 1, tzinfo=UTC), "ops", Action.KILL, key, "a test", disabled)
        await store.write(Change(record, None))
