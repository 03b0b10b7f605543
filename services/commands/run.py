"""`backline run NAME…`: the named services in this process, until it is told to stop."""

import argparse
import asyncio
import logging
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack

import uvloop

from services.commands.announcement import Announcement, announced_in
from services.kit.lifecycle import Running, broken_off_by, leash, settle, stop_signals
from services.kit.logs import Forward
from services.kit.process import Surroundings
from services.kit.settings import environment
from services.stack import STACK, opened, process_settings

_SERVICES = "\n".join(f"  {service.name:<8} {service.summary}" for service in STACK.values())
DESCRIPTION = f"""Runs services in this process until SIGTERM or Ctrl-C. A container runs exactly one.

services:
{_SERVICES}

A service that needs another finds it in this process, or at the address that a setting names.
Settings are environment variables: docs/settings.md lists them.
"""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "run",
        help="run services in this process",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="+", metavar="NAME", help=f"one or more of {', '.join(STACK)}")
    parser.add_argument("--process", default="", help="name of this process and of its folder, if not the service's")
    parser.add_argument(
        "--until-eof", action="store_true", help="stop too when standard input closes; `up` leaves no orphans that way"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the services; 0 after a stop that was asked for."""
    environ = environment()
    surroundings = Surroundings(process_settings(environ), process=arguments.process)
    if arguments.until_eof:
        leash(sys.stdin.fileno(), surroundings.settings.drain_s + surroundings.settings.grace_s)
    _forward_library_logs(surroundings, arguments.names[0])
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(arguments.names, surroundings, environ))
    return 0


def _forward_library_logs(surroundings: Surroundings, name: str) -> None:
    logging.basicConfig(handlers=[Forward(surroundings.log(name))], level=logging.WARNING, force=True)


async def serve(names: Sequence[str], surroundings: Surroundings, environ: Mapping[str, str]) -> None:
    """Open the services, announce them, and close them once a signal says so; a signal also breaks off the opening."""
    running: Mapping[str, Running] = {}
    with stop_signals() as stop:
        async with AsyncExitStack() as stack:
            async with broken_off_by(stop):
                running = await stack.enter_async_context(opened(names, surroundings, environ))
                addresses = {name: service.addresses for name, service in running.items()}
                for name in running:
                    stack.enter_context(announced_in(surroundings.folder(name), Announcement(os.getpid(), addresses)))
                settle()
                await stop.wait()
            await _drain(running)


async def _drain(running: Mapping[str, Running]) -> None:
    """Let every service say that it goes, those that callers reach first before those that they need."""
    for service in reversed(list(running.values())):
        await service.drain()
