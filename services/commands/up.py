"""`backline up`: every default service as a process of its own, kept running until Ctrl-C."""

import argparse
import asyncio
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvloop

from services.commands.children import Child, Order, Show
from services.kit.clock import SystemClock
from services.kit.errors import Conflict, Invalid, Unavailable
from services.kit.files import lock, made, one_sentence, write_whole
from services.kit.grpc.endpoints import FILE_PREFIX
from services.kit.lifecycle import background, broken_off_by, stop_signals
from services.kit.process import ProcessSettings
from services.kit.settings import environment, variables
from services.stack import STACK, Service, in_order, process_settings, settings_of

DESCRIPTION = """Starts every service as a process of its own, in the order in which they need each
other, waits until each that is needed is ready, and keeps them running: one that ends is started
again. Ctrl-C stops them in reverse, a second Ctrl-C at once. No process stays behind, however this
one ends.
"""
MAX_REPLICAS = 16
_SLACK_S = 2.0


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command."""
    parser = commands.add_parser("up", help="start everything", description=DESCRIPTION)
    parser.add_argument(
        "--replicas",
        action="append",
        default=[],
        metavar="NAME=N",
        help="run N processes of a service instead of one, on any free ports; may be given several times",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Start everything; 0 after a stop that was asked for."""
    environ = environment()
    settings = process_settings(environ)
    replicas = replica_counts(arguments.replicas, environ)
    with alone_in(settings.home), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(supervise(Plan(settings, environ, replicas)))
    return 0


@contextmanager
def alone_in(home: Path) -> Iterator[None]:
    """Hold the folder as the one system in it. Raises Conflict where another runs there already."""
    path = made(home) / "up.lock"
    taken = Conflict(f"A system runs in {home} already; stop it first, or set BACKLINE_HOME.")
    with one_sentence(path):
        file = lock(path, lambda _holder: taken)
    with file:
        yield


def replica_counts(asked: Sequence[str], environ: Mapping[str, str]) -> dict[str, int]:
    """Return how many processes of each default service to run. Raises Invalid for what cannot be."""
    counts = {service.name: 1 for service in STACK.values() if service.default}
    for text in asked:
        name, _, number = text.partition("=")
        if name not in counts:
            raise Invalid(f"--replicas {text}: there is no service {name!r}; there are {', '.join(counts)}.")
        if not number.isdecimal() or not 1 <= int(number) <= MAX_REPLICAS:
            raise Invalid(f"--replicas {text}: expected NAME=N with N from 1 to {MAX_REPLICAS}.")
        reason = STACK[name].one_only(settings_of(name, environ)) if int(number) > 1 else ""
        if reason:
            raise Invalid(f"--replicas {text}: there is one {name} at most, since {reason}.")
        counts[name] = int(number)
    return counts


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run, and where its state lies."""

    settings: ProcessSettings
    environ: Mapping[str, str]
    replicas: Mapping[str, int]

    def orders(self) -> list[list[Order]]:
        """Return what to start, service by service in the order of needs."""
        return [
            [self._order(service, number) for number in range(1, self.replicas[service.name] + 1)]
            for service in in_order(self.replicas)
        ]

    def endpoints_file(self, service: str) -> Path:
        """Return the file that lists where a service's processes answer."""
        return self.settings.home.absolute() / "endpoints" / service

    def _order(self, service: Service, number: int) -> Order:
        name = service.name if number == 1 else f"{service.name}-{number}"
        arguments = ["-m", "services", "run", service.name, "--process", name, "--until-eof"]
        grace_s = self.settings.drain_s + self.settings.grace_s + _SLACK_S
        environ, folder, needed = self._environ(service), self.settings.home / name, service.name in self._needed
        return Order(name, service.name, arguments, environ, folder, grace_s, needed)

    @property
    def _needed(self) -> set[str]:
        """Return what somebody needs, and what nobody asks: that is what the system is there for."""
        services = [STACK[name] for name in self.replicas]
        heeded = {name for service in services for name in service.heeds}
        return {need for service in services for need in service.needs} | (self.replicas.keys() - heeded)

    def _environ(self, service: Service) -> dict[str, str]:
        """Return the process's environment: what is set wins, but several processes cannot share one port."""
        asked = {
            f"{service.prefix}_{name.upper()}": f"{FILE_PREFIX}{self.endpoints_file(name)}" for name in service.asks
        }
        names = (variable.name for variable in variables(service.settings, service.prefix))
        ports = (name for name in names if name.endswith("_PORT"))
        any_port = dict.fromkeys(ports, "0") if self.replicas[service.name] > 1 else {}
        return {"BACKLINE_LOG_FORMAT": "text", **asked, **self.environ, **any_port}


async def supervise(plan: Plan) -> None:
    """Run the plan until a signal says stop. Raises Unavailable where a process cannot be started."""
    running: dict[str, list[Child]] = {}
    show = _printer(plan)
    with stop_signals(again=lambda: _kill(running)) as stop:
        async with AsyncExitStack() as stack, broken_off_by(stop):
            for orders in plan.orders():
                children = [_child(order, plan, running, show) for order in orders]
                for child in children:
                    await stack.enter_async_context(background(child.keep()))
                for child in children:
                    if child.order.needed:
                        await child.ready.wait()
            _say_ready(running)
            await stop.wait()


def _child(order: Order, plan: Plan, running: dict[str, list[Child]], show: Show) -> Child:
    siblings = running.setdefault(order.service, [])
    service = STACK[order.service]
    child = Child(
        order,
        show,
        lambda: _list_endpoints(service.address, plan.endpoints_file(service.name), siblings, show),
        SystemClock(),
    )
    siblings.append(child)
    return child


def _list_endpoints(protocol: str, file: Path, children: Iterable[Child], show: Show) -> None:
    """Write where a service's processes answer now, for those that ask it."""
    announcements = [child.announcement for child in children if child.announcement]
    addresses = [
        addresses[protocol] for each in announcements for addresses in each.addresses.values() if protocol in addresses
    ]
    try:
        made(file.parent)
        write_whole(file, "".join(f"{address}\n" for address in addresses))
    except Unavailable as failure:
        # The list of before goes on being used; a full disk must not take down what runs.
        show(file.name, str(failure))


def _kill(running: Mapping[str, Iterable[Child]]) -> None:
    for children in running.values():
        for child in children:
            child.kill()


def _say_ready(running: Mapping[str, Iterable[Child]]) -> None:
    edge = next(iter(running["edge"])).announcement
    if edge is not None:
        sys.stdout.write(f"ready: http://{edge.addresses['edge']['http']}\n")
        sys.stdout.flush()


def _printer(plan: Plan) -> Show:
    width = max(len(order.name) for orders in plan.orders() for order in orders)

    def show(name: str, line: str) -> None:
        sys.stderr.write(f"{name:<{width}} | {line}\n")

    return show
