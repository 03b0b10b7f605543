"""The running flags service, as `backline flags` asks it."""

import argparse
import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import date
from difflib import get_close_matches

from services.commands.announcement import running
from services.commands.client import open_command_client
from services.commands.person import you
from services.flags.api.administrator import FlagAdministrator
from services.kit.admin import admin_token
from services.kit.author import MAX_ACTOR_CHARS, Author
from services.kit.clock import SystemClock
from services.kit.errors import NotFound, Unavailable
from services.kit.settings import environment
from services.stack import process_settings

_LIMIT_S = 30.0

Ask = Callable[[FlagAdministrator, argparse.Namespace], Awaitable[int]]


def run(ask: Ask, arguments: argparse.Namespace) -> int:
    """Ask the flags service that runs, and return the exit status that comes of it."""
    return asyncio.run(_run(ask, arguments))


def author_of(arguments: argparse.Namespace, reason: str = "") -> Author:
    """Return who asks, and why. Raises Invalid where that cannot be recorded."""
    return Author(arguments.actor or you(MAX_ACTOR_CHARS), reason or arguments.reason)


def today() -> date:
    """Return the date in UTC."""
    return SystemClock().now().date()


async def _run(ask: Ask, arguments: argparse.Namespace) -> int:
    async with open_administrator(arguments.address) as administrator:
        try:
            return await ask(administrator, arguments)
        except NotFound as missing:
            raise NotFound(f"{missing}{await near(administrator, arguments.flag)}") from missing


async def near(administrator: FlagAdministrator, key: str) -> str:
    """Return a question with the flag that a key may have been meant to be; empty where none is like it."""
    found = get_close_matches(key, (await administrator.list()).flags, 1)
    return f" Did you mean {found[0]}?" if found else ""


@asynccontextmanager
async def open_administrator(address: str) -> AsyncGenerator[FlagAdministrator, None]:
    """Give what asks the flags service at the address; where there is none, the one that runs here now.

    Raises Unavailable where none does.
    """
    home = process_settings(environment()).home
    found = address or running(home, "flags")
    if not found:
        raise Unavailable(
            f"No flags service runs from {home}; start it with `backline up`, or name one with --address."
        )
    async with open_command_client("flags", found, admin_token(home)) as client:
        try:
            yield FlagAdministrator(client, _LIMIT_S)
        except Unavailable as silent:
            raise Unavailable(f"{silent} (the flags service at {found})") from silent
