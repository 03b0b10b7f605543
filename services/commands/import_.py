"""`backline import …`: brings a catalogue in, into the store itself or through the catalog that holds it."""

import argparse
import asyncio
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Never

from tqdm import tqdm

from services.catalog.api.importer import Importer
from services.catalog.api.wire import decode, encode
from services.catalog.domain.store import Counts
from services.catalog.imports.generated.source import generated
from services.catalog.imports.music_routes import open_music_routes
from services.catalog.imports.run import Summary, Write
from services.catalog.imports.run import run as run_import
from services.catalog.imports.source import Source
from services.catalog.store.sqlite import open_sqlite_catalog
from services.commands.announcement import announced
from services.commands.client import open_command_client
from services.kit.admin import admin_token
from services.kit.errors import Conflict
from services.kit.files import write_whole
from services.kit.process import ProcessSettings
from services.kit.settings import environment
from services.stack import process_settings

DESCRIPTION = """Adds a source's artists, albums and tracks to the catalogue, and updates those that
differ. Doing it again changes nothing; broken off at any moment, doing it again completes it.

Rows that cannot be used are counted, and listed with their reasons in a rejects file.
"""
_BATCH_LIMIT_S = 60.0
_MARKER = "unfinished-import"


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command and its sources."""
    parser = commands.add_parser(
        "import",
        help="bring a catalogue in",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    sources = parser.add_subparsers(title="sources", metavar="SOURCE", required=True)
    generator = sources.add_parser("generate", help="make a realistic catalogue; the same seed makes the same one")
    generator.add_argument("--tracks", type=_count, default=100_000, metavar="N", help="how many (default: 100000)")
    generator.add_argument("--seed", type=int, default=1, metavar="S", help="which catalogue (default: 1)")
    generator.add_argument("--if-empty", action="store_true", help="do nothing if there is a whole catalogue already")
    generator.set_defaults(source=lambda arguments: generated(arguments.tracks, arguments.seed))
    routes = sources.add_parser("music-routes", help="read a folder in the format of the Music Routes data")
    routes.add_argument("folder", type=Path, metavar="DIR", help="holds artists.json, tracks.json, releases.json, …")
    routes.set_defaults(source=lambda arguments: open_music_routes(arguments.folder), if_empty=False)
    for name, source in (("generate", generator), ("music-routes", routes)):
        source.add_argument("--replace", action="store_true", help="empty the catalogue first")
        source.add_argument("--rejects", type=Path, metavar="FILE", help="where rejected rows go")
        source.set_defaults(run=run, name=name)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("expected a whole number from 1")
    return int(text)


def run(arguments: argparse.Namespace) -> int:
    """Import and say what came of it."""
    settings = process_settings(environment())
    asyncio.run(_import(arguments, settings))
    return 0


async def _import(arguments: argparse.Namespace, settings: ProcessSettings) -> None:
    async with _open_target(settings) as target:
        _, held = await target.state()
        if arguments.if_empty and held.total and not unfinished(settings.home):
            _say(f"There is a catalogue already: {_in_words(held)}.")
            return
        source: Source = await asyncio.to_thread(arguments.source, arguments)
        rejects = arguments.rejects or settings.home / "rejects" / f"{arguments.name}.jsonl"
        _say(f"Importing {target.where}.")
        with (
            _marked_unfinished(settings.home, arguments.name),
            tqdm(total=source.estimated_items, unit=" items", unit_scale=True, disable=None, leave=False) as bar,
        ):
            summary = await run_import(
                source,
                target.write,
                rejects,
                replace=arguments.replace,
                progress=lambda entries: _show(bar, entries),
            )
        generation, _ = await target.state()
        _say_summary(summary, rejects, generation, source.popularity)


def unfinished(home: Path) -> str:
    """Return which source's import into this folder was broken off; empty where none was."""
    marker = home / _MARKER
    return marker.read_text() if marker.exists() else ""


@contextmanager
def _marked_unfinished(home: Path, name: str) -> Iterator[None]:
    """Leave a mark that stays if the block does not come to its end, however that happens."""
    write_whole(home / _MARKER, name)
    yield
    (home / _MARKER).unlink()


def _show(bar: "tqdm[Never]", entries: int) -> None:
    bar.update(entries - bar.n)


@dataclass(frozen=True, slots=True)
class Target:
    """What an import goes into."""

    write: Write
    state: Callable[[], Awaitable[tuple[int, Counts]]]
    """Returns the generation and what is held."""
    where: str


@asynccontextmanager
async def _open_target(settings: ProcessSettings) -> AsyncGenerator[Target, None]:
    """Open the store, or reach the catalog that holds it."""
    folder = settings.home / "catalog"
    async with AsyncExitStack() as stack:
        try:
            store = await stack.enter_async_context(open_sqlite_catalog(folder, encode, decode))
        except Conflict:
            running = announced(folder)
            if running is None or "catalog" not in running.addresses:
                raise
            address = running.addresses["catalog"]["grpc"]
            client = await stack.enter_async_context(
                open_command_client("catalog", address, admin_token(settings.home))
            )
            importer = Importer(client, _BATCH_LIMIT_S)
            yield Target(importer.write, importer.state, f"into the catalog that runs at {address}")
            return

        async def state() -> tuple[int, Counts]:
            return await store.generation(), await store.counts()

        yield Target(store.write, state, f"into {folder}")


def _say_summary(summary: Summary, rejects: Path, generation: int, popularity: str) -> None:
    outcome = summary.outcome
    _say(f"Imported {_in_words(summary.items)}.")
    if outcome.added or outcome.updated:
        _say(f"{outcome.added:,} added, {outcome.updated:,} updated, {outcome.unchanged:,} already there just so.")
    else:
        _say("Nothing changed: all of it was there already.")
    if summary.rejected:
        _say(f"{summary.rejected:,} rows were rejected; {rejects} says which and why.")
    else:
        _say("Nothing was rejected.")
    _say(popularity)
    _say(f"The catalogue is at generation {generation}; search takes it up when it starts next.")


def _in_words(counts: Counts) -> str:
    return f"{counts.tracks:,} tracks, {counts.artists:,} artists, {counts.albums:,} albums"


def _say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")
