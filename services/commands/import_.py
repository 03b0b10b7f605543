"""`backline import …`: brings a catalogue in, into the store itself or through the catalog that holds it."""

import argparse
import asyncio
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Never

from tqdm import tqdm

from services.catalog.domain.store import Counts
from services.catalog.imports.run import Summary
from services.catalog.imports.run import run as run_import
from services.catalog.imports.source import Source
from services.commands.import_preview import preview
from services.commands.import_sources import SOURCES, ImportSource
from services.commands.import_target import Target, open_target
from services.kit.files import made, write_whole
from services.kit.settings import environment
from services.stack import process_settings, settings_of

DESCRIPTION = """Adds a source's artists, albums and tracks to the catalogue, and updates those that
differ. Doing it again changes nothing; broken off at any moment, doing it again completes it.

  backline import csv songs.csv --dry-run                 what would become of the first rows
  backline import csv songs.csv --map title=Liedtitel     bring them in
  backline import generate --tracks 100000                or invent a catalogue

Rows that cannot be used are counted, and listed with their reasons in a rejects file.
`backline import SOURCE --help` says more about each source.
"""
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
    for source in SOURCES:
        described = sources.add_parser(
            source.name,
            help=source.help,
            description=source.description,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        source.describe(described)
        described.add_argument("--replace", action="store_true", help="empty the catalogue first")
        described.add_argument("--rejects", type=Path, metavar="FILE", help="where rejected rows go")
        described.set_defaults(run=partial(run, source))


def run(source: ImportSource, arguments: argparse.Namespace) -> int:
    """Import, or show what would be imported, and say what came of it."""
    rows: int | None = getattr(arguments, "dry_run", None)
    if rows is None:
        try:
            asyncio.run(_import(source, arguments, environment()))
        except KeyboardInterrupt:
            sys.stderr.write("Broken off. What is in stays; the same command again completes it.\n")
            raise
        return 0
    opened = source.open(arguments)
    for sentence in (*opened.understood, *preview(opened, rows), opened.popularity):
        _say(sentence)
    return 0


async def _import(source: ImportSource, arguments: argparse.Namespace, environ: Mapping[str, str]) -> None:
    settings = process_settings(environ)
    async with open_target(settings, settings_of("catalog", environ)) as target:
        _, held = await target.state()
        if getattr(arguments, "if_empty", False) and held.total and not unfinished(settings.home):
            _say(f"There is a catalogue already: {_in_words(held)}.")
            return
        opened = await asyncio.to_thread(source.open, arguments)
        for sentence in (*opened.understood, f"Importing {target.where}."):
            _say(sentence)
        rejects = arguments.rejects or settings.home / "rejects" / f"{source.name}.jsonl"
        with _marked_unfinished(settings.home, source.name):
            summary = await _run(opened, target, rejects, replace=arguments.replace)
        generation, _ = await target.state()
        _say_summary(summary, rejects, generation, opened.popularity)


async def _run(source: Source, target: Target, rejects: Path, *, replace: bool) -> Summary:
    unit = "B" if source.read else " items"
    with tqdm(total=source.size, unit=unit, unit_scale=True, disable=None, leave=False) as bar:
        return await run_import(source, target.write, rejects, replace=replace, progress=lambda done: _show(bar, done))


def unfinished(home: Path) -> str:
    """Return which source's import into this folder was broken off; empty where none was."""
    marker = home / _MARKER
    return marker.read_text() if marker.exists() else ""


@contextmanager
def _marked_unfinished(home: Path, name: str) -> Iterator[None]:
    """Leave a mark that stays if the block does not come to its end, however that happens."""
    write_whole(made(home) / _MARKER, name)
    yield
    (home / _MARKER).unlink()


def _show(bar: "tqdm[Never]", done: int) -> None:
    bar.update(done - bar.n)


def _say_summary(summary: Summary, rejects: Path, generation: int, popularity: str) -> None:
    outcome = summary.outcome
    _say(f"Imported {_in_words(summary.items)}.")
    if not summary.items.total:
        _say("Nothing changed: there was nothing to bring in.")
    elif outcome.added or outcome.updated:
        _say(f"{outcome.added:,} added, {outcome.updated:,} updated, {outcome.unchanged:,} already there just so.")
    else:
        _say("Nothing changed: all of it was there already.")
    if outcome.withheld:
        _say(f"Taken down, and hidden until restored: {outcome.withheld:,}.")
    if summary.rejected:
        were = "row was" if summary.rejected == 1 else "rows were"
        _say(f"{summary.rejected:,} {were} rejected; {rejects} says which and why.")
    else:
        _say("Nothing was rejected.")
    _say(popularity)
    _say(f"The catalogue is at generation {generation}; the indexer takes it up at once, or when it starts next.")


def _in_words(counts: Counts) -> str:
    numbers = {"track": counts.tracks, "artist": counts.artists, "album": counts.albums}
    return ", ".join(f"{number:,} {kind}{'s' * (number != 1)}" for kind, number in numbers.items())


def _say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")
