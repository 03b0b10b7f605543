"""Opens the flags service: the only module of it that knows concrete classes."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from services.flags.api.admin import FlagAdminApi
from services.flags.api.evaluation import EvaluationApi
from services.flags.api.flagd_sync import FlagdSyncApi
from services.flags.api.foreign import Streams
from services.flags.api.page import PATH, FlagsPage
from services.flags.api.watch import WatchApi
from services.flags.domain.administration import Administration
from services.flags.domain.following import Following
from services.flags.domain.head import Head
from services.flags.domain.roster import Roster
from services.flags.domain.sample import Sample
from services.flags.domain.shipped import ship, shipped
from services.flags.domain.store import FlagStore
from services.flags.settings import FlagsSettings
from services.flags.shown import counted, show
from services.flags.signals import EVALUATION, METRICS, RPC, SYNC
from services.flags.store.postgres.opening import open_postgres_flags
from services.flags.store.sqlite.flags import open_sqlite_flags
from services.kit.admin import admin_token, peers_token
from services.kit.clock import Clock
from services.kit.errors import Invalid
from services.kit.grpc.calls import Rules
from services.kit.grpc.methods import Method
from services.kit.grpc.server import Listening, open_grpc_server
from services.kit.http.hosts import called_by_name
from services.kit.lifecycle import Health, Phase, Running, background
from services.kit.logs import Logger
from services.kit.process import Surroundings
from services.kit.service import open_frame

NAME = "flags"

_SHIPPED = Path(__file__).with_name("shipped.json")


@dataclass(frozen=True, slots=True)
class _Server:
    """One of the three that the service opens."""

    methods: list[Method]
    rules: Rules
    port: int
    variable: str


@asynccontextmanager
async def open_flags(settings: FlagsSettings, surroundings: Surroundings) -> AsyncGenerator[Running, None]:
    """Serve the flags kept in the database that the settings name, or else in the process's folder.

    Raises Conflict where another process has the folder or a port, Unavailable where the store cannot be used, and
    Invalid where it does not hold flags of this version.
    """
    async with (
        open_frame(NAME, settings, METRICS, surroundings) as frame,
        open_store(settings, surroundings.folder(NAME), frame.clock) as store,
    ):
        clock, sample, home = frame.clock, Sample(), surroundings.settings.home
        token, peers = admin_token(home), peers_token(home)
        head = await _opened_head(settings, store, clock, counted(frame.telemetry))
        roster = Roster(clock.monotonic, settings.settle_s)
        following = Following(store, head, roster, _server_name(surroundings), _teller(frame.telemetry.log))
        administration = Administration(store, head, roster, lambda: sample.recent(clock.monotonic()), clock.now)
        watch = WatchApi(head, roster, _noting(sample, clock), settings.heartbeat_s, settings.watchers)
        frame.mounted[PATH] = called_by_name(FlagsPage.over(administration, token).app(), settings.page_names)
        frame.health.dependencies["store"] = lambda: not following.silent
        servers = _servers(settings, administration, watch, Rules(frame.telemetry, RPC, clock, token, peers))
        async with (
            background(
                following.follow(),
                following.hear(),
                following.share(),
                show(frame.telemetry, following, watch, clock),
                _end_at_drain(head, frame.health),
            ),
            _open_servers(servers, settings.host, surroundings.settings.grace_s, frame.health) as addresses,
        ):
            await frame.serve()
            yield frame.running(**addresses)


@asynccontextmanager
async def open_store(settings: FlagsSettings, folder: Path, clock: Clock) -> AsyncGenerator[FlagStore, None]:
    """Open the flags in the database that the settings name; where they name none, those in the folder.

    Raises Invalid for a URL that names no kind of store there is, and what the store's own opening raises.
    """
    async with AsyncExitStack() as stack:
        url = settings.store
        if not url:
            yield await stack.enter_async_context(open_sqlite_flags(folder, clock))
        elif url.startswith(("postgresql://", "postgres://")):
            yield await stack.enter_async_context(open_postgres_flags(url, clock))
        else:
            raise Invalid("BACKLINE_FLAGS_STORE is neither a postgresql:// address nor left empty.", field="store")


async def _opened_head(
    settings: FlagsSettings, store: FlagStore, clock: Clock, on_invalid: Callable[[str], None]
) -> Head:
    """Return what is in force, in a store that is empty the flags that come with Backline."""
    if settings.shipped:
        await ship(store, shipped(_SHIPPED.read_text(), clock.now().date()), clock.now())
    head = Head(store, lambda: clock.now().timestamp(), on_invalid)
    await head.look()
    return head


def _servers(
    settings: FlagsSettings, administration: Administration, watch: WatchApi, rules: Rules
) -> dict[str, _Server]:
    """Return the servers by the names of their addresses: for our own protocol, and for flagd's two."""
    head = administration.head
    streams = Streams(head, administration.roster, settings.heartbeat_s, settings.foreign_streams)
    own = [
        *FlagAdminApi(administration).methods(settings.limit_s, settings.kill_limit_s),
        *watch.methods(settings.watch_limit_s, settings.limit_s),
    ]
    evaluation = EvaluationApi(head, streams).methods(settings.evaluation_limit_s, settings.watch_limit_s)
    sync = FlagdSyncApi(head, streams).methods(settings.limit_s, settings.watch_limit_s)
    return {
        "grpc": _Server(own, rules, settings.grpc_port, "BACKLINE_FLAGS_GRPC_PORT"),
        "evaluation": _Server(
            evaluation, replace(rules, signals=EVALUATION), settings.evaluation_port, "BACKLINE_FLAGS_EVALUATION_PORT"
        ),
        "sync": _Server(sync, replace(rules, signals=SYNC), settings.sync_port, "BACKLINE_FLAGS_SYNC_PORT"),
    }


@asynccontextmanager
async def _open_servers(
    servers: dict[str, _Server], host: str, grace_s: float, health: Health
) -> AsyncGenerator[dict[str, str], None]:
    """Open the servers and give their addresses."""
    addresses = {}
    async with AsyncExitStack() as stack:
        for name, server in servers.items():
            listening = Listening(host, server.port, server.variable, grace_s)
            opening = open_grpc_server(server.methods, server.rules, listening, health)
            addresses[name] = await stack.enter_async_context(opening)
        yield addresses


def _server_name(surroundings: Surroundings) -> str:
    """Return a name that no other server has, nor this one after its next start."""
    return f"{surroundings.process or NAME}-{surroundings.ids.trace_and_span()[1]}"


def _teller(log: Logger) -> Callable[[str], None]:
    """Return what writes a line when the store falls silent, and when it answers again."""

    def tell(silent: str) -> None:
        if silent:
            log.warning("flags.store_silent", reason=silent)
        else:
            log.info("flags.store_answers")

    return tell


def _noting(sample: Sample, clock: Clock) -> Callable[[Mapping[str, Any]], None]:
    """Return what takes up a context that was seen just now."""
    return lambda context: sample.see(context, clock.monotonic())


async def _end_at_drain(head: Head, health: Health) -> None:
    """Let everyone go who is connected when the service drains, so that stopping does not wait for them."""
    while health.phase is not Phase.DRAINING:
        await health.until_not(health.phase)
    head.end()
