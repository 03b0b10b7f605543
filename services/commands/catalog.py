"""`backline catalog …`: takes items out of sight, brings them back, and shows who did that and why."""

import argparse
import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial

from services.catalog.api.administrator import Administrator
from services.catalog.domain.items import Kind, Reference
from services.catalog.domain.takedowns import taken_down
from services.commands.announcement import running
from services.commands.client import open_command_client
from services.commands.person import say, you
from services.kit.admin import admin_token
from services.kit.author import MAX_ACTOR_CHARS
from services.kit.errors import Invalid, NotFound, Unavailable
from services.kit.journal import Entry, moment, verify
from services.kit.settings import environment
from services.stack import process_settings

DESCRIPTION = """Takes single items out of sight, brings them back, and shows who did that and why.

  backline catalog takedown music-routes:13 --kind track --reason "claim 81 by the label"
  backline catalog restore music-routes:13 --kind track --reason "claim 81 was withdrawn"
  backline catalog journal --verify
"""
TAKEDOWN = """Hides one item from all reads, lists and exports, and keeps it hidden through later imports
until it is restored. Every replica stops showing it within a second, and every search
process stops finding it a few seconds later.

Tracks and albums that name a taken-down artist, or show a taken-down album, do so in lists
of results until the next full rebuild of the index, a quarter of an hour at most.
"""
RESTORE = """Shows an item again that was taken down, as the last import had it. Search finds it
again a few seconds later.
"""
JOURNAL = """Prints every takedown and restore, oldest first: when, who, what and why.

Each entry holds the hash of the one before it. --verify checks the whole chain and prints
the last hash; keep that elsewhere, and you will also notice entries cut off the end.
"""
_LIMIT_S = 30.0

Ask = Callable[[Administrator, argparse.Namespace], Awaitable[None]]


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command and what it can do."""
    parser = _described(commands, "catalog", "take items down, restore them, and see who did", DESCRIPTION)
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    for name, help_, text, ask in (
        ("takedown", "hide an item", TAKEDOWN, _take_down),
        ("restore", "show an item again", RESTORE, _restore),
    ):
        action = _described(actions, name, help_, text)
        action.add_argument("id", metavar="ID", help="the item's id, such as music-routes:13")
        action.add_argument("--reason", required=True, metavar="TEXT", help="why; goes into the journal")
        action.add_argument("--kind", choices=list(Kind), type=Kind, help="needed where the id names several")
        action.add_argument("--actor", default="", metavar="NAME", help="who asks for it (default: you)")
        _ends(action, ask)
    journal = _described(actions, "journal", "see what was taken down and restored", JOURNAL)
    journal.add_argument("--verify", action="store_true", help="check that no entry was changed, added or taken out")
    _ends(journal, _show_journal)


def _described(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, help_: str, text: str
) -> argparse.ArgumentParser:
    return commands.add_parser(name, help=help_, description=text, formatter_class=argparse.RawDescriptionHelpFormatter)


def _ends(action: argparse.ArgumentParser, ask: Ask) -> None:
    action.add_argument(
        "--address", default="", metavar="HOST:PORT", help="the catalog to ask (default: the one that runs here)"
    )
    action.set_defaults(run=partial(run, ask))


def run(ask: Ask, arguments: argparse.Namespace) -> int:
    """Ask the catalog that runs, and say what came of it."""
    asyncio.run(_run(ask, arguments))
    return 0


async def _run(ask: Ask, arguments: argparse.Namespace) -> None:
    async with _administrator(arguments.address) as administrator:
        await ask(administrator, arguments)


@asynccontextmanager
async def _administrator(address: str) -> AsyncGenerator[Administrator, None]:
    home = process_settings(environment()).home
    found = address or running(home, "catalog")
    if not found:
        raise Unavailable(f"No catalog runs from {home}; start it with `backline up`, or name one with --address.")
    async with open_command_client("catalog", found, admin_token(home)) as client:
        yield Administrator(client, _LIMIT_S)


async def _take_down(administrator: Administrator, arguments: argparse.Namespace) -> None:
    shown = await administrator.shown(arguments.id)
    down = await _taken_down(administrator)
    wanted = _chosen(arguments, {**dict.fromkeys(down, ""), **shown})
    if not await administrator.take_down(wanted, arguments.reason, arguments.actor or you(MAX_ACTOR_CHARS)):
        say(f"{_named(wanted)} is taken down already, and stays so: {_since(down.get(wanted))}.")
        return
    say(f"{_named(wanted, shown.get(wanted, ''))} is taken down: no catalog shows it after one second from now.")
    say("Imports keep it hidden. Search finds it no more in a few seconds, as long as its indexer runs.")
    say(f"To undo: backline catalog restore {wanted.id} --kind {wanted.kind} --reason TEXT")


async def _restore(administrator: Administrator, arguments: argparse.Namespace) -> None:
    down = await _taken_down(administrator)
    if not arguments.kind and not any(each.id == arguments.id for each in down):
        raise NotFound(f"Nothing with the id {arguments.id!r} is taken down.")
    wanted = _chosen(arguments, dict.fromkeys(down, ""))
    await administrator.restore(wanted, arguments.reason, arguments.actor or you(MAX_ACTOR_CHARS))
    title = (await administrator.shown(wanted.id)).get(wanted, "")
    say(f"{_named(wanted, title)} is shown again, as the last import had it; every catalog shows it within a second.")
    say("Search finds it again in a few seconds, as long as its indexer runs.")


async def _show_journal(administrator: Administrator, arguments: argparse.Namespace) -> None:
    entries = [entry async for entry in administrator.journal()]
    for entry in entries:
        record = entry.record
        say(
            f"{entry.sequence}  {moment(record.at)}  {record.actor}  {record.action}  {record.subject}  {record.reason}"
        )
    if not entries:
        say("The journal is empty: nothing was ever taken down.")
    elif arguments.verify:
        number = verify(entries)
        all_ = f"All {number} entries are as they were" if number > 1 else "The only entry is as it was"
        say(f"{all_} written. The last hash is {entries[-1].hash}.")


async def _taken_down(administrator: Administrator) -> Mapping[Reference, Entry]:
    return taken_down([entry async for entry in administrator.journal()])


def _chosen(arguments: argparse.Namespace, known: Mapping[Reference, str]) -> Reference:
    """Return what the arguments name. Raises NotFound where that is nothing, Invalid where it may be several."""
    if arguments.kind:
        return Reference(arguments.kind, arguments.id)
    named = [each for each in known if each.id == arguments.id]
    if not named:
        raise NotFound(f"There is nothing here by the id {arguments.id!r}.")
    if len(named) > 1:
        kinds = ", ".join(sorted(each.kind for each in named))
        raise Invalid(f"{arguments.id} names several: {kinds}; say which with --kind.", field="kind")
    return named[0]


def _named(wanted: Reference, title: str = "") -> str:
    return f"{wanted.kind.capitalize()} {wanted.id}" + (f" ({title})" if title else "")


def _since(entry: Entry | None) -> str:
    if entry is None:
        return "the journal says since when"
    return f"{entry.record.actor} did it at {moment(entry.record.at)}, because: {entry.record.reason}"
