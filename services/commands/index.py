"""`backline index …`: what indexes there are, and has them built, published and rolled back, each with its reason."""

import argparse
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from services.commands.index_orders import build, order, publish, roll_back
from services.commands.person import say
from services.kit.errors import Failure, Unavailable
from services.kit.journal import moment
from services.kit.settings import environment
from services.search.index.generations import PREFIXES, Generation, Survey, survey, verify
from services.search.index.pointer import Pointer, read_pointer
from services.search.indexer.journal import JournalFile
from services.stack import process_settings

DESCRIPTION = """Shows which indexes there are, and has them built, published and rolled back.

  backline index list
  backline index build --reason "the folding of titles has changed"
  backline index rollback --reason "results for 'moon' are wrong since noon"

The indexer does all of this by itself when the catalogue changes; these are for when it should not
have, or does not. list and verify look into the folder and need nothing that runs.
"""
BUILD = """Has a whole index built now, and waits for it: gates look at it, one search process tries it
first, the others follow one by one. Lifts what a rollback holds back.
"""
LIST = """Prints every generation and delta in the folder, newest first, and what people ordered last.
"""
PUBLISH = """Rolls out a generation that is here already, through one search process first.

With --override it is the one that a gate refused last; log and page of the indexer say why.
That a gate was overridden, by whom and why, stays in the journal. Damage is never overridden.
"""
ROLLBACK = """Gives every search process the generation before, within a second or two.

The one before is still open in each of them, and knows of everything taken down since. What is new is
held back until somebody asks for it with build or publish; changes and takedowns go on.
"""
VERIFY = """Reads every file of every generation and delta whole, and the journal, and says what is not as
it was written.
"""
_ENTRIES_SHOWN = 10


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command and what it can do."""
    parser = _described(commands, "index", "see, build, publish and roll back indexes", DESCRIPTION)
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    _described(actions, "list", "what there is", LIST).set_defaults(run=show)
    _described(actions, "verify", "whether it is as it was written", VERIFY).set_defaults(run=check)
    for name, help_, text, ask in (
        ("build", "build a whole index now", BUILD, build),
        ("publish", "roll out one that is here", PUBLISH, publish),
        ("rollback", "go back to the one before", ROLLBACK, roll_back),
    ):
        action = _described(actions, name, help_, text)
        action.add_argument("--reason", required=True, metavar="TEXT", help="why; goes into the journal")
        action.add_argument("--actor", default="", metavar="NAME", help="who asks for it (default: you)")
        action.add_argument(
            "--address", default="", metavar="HOST:PORT", help="the indexer to ask (default: the one that runs here)"
        )
        action.set_defaults(run=partial(order, ask))
        if name == "publish":
            action.add_argument("generation", nargs="?", default="", metavar="GENERATION", help="which one")
            action.add_argument("--override", action="store_true", help="the one that a gate refused")


def _described(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, help_: str, text: str
) -> argparse.ArgumentParser:
    return commands.add_parser(name, help=help_, description=text, formatter_class=argparse.RawDescriptionHelpFormatter)


def show(_arguments: argparse.Namespace) -> int:
    """Print what is in the folder; 0 if something can be served, 1 if nothing can."""
    home = process_settings(environment()).home
    folder = home / "index"
    found, pointer = survey(folder), read_pointer(folder)
    for generation in (*found.usable, *survey(folder, PREFIXES[1]).usable):
        say(_line(generation, pointer))
    for refused in found.refused:
        say(f"!!  {refused}")
    if pointer.held:
        say(f"Nothing new is rolled out: {pointer.held}.")
    for entry in JournalFile(home / "indexer").entries()[-_ENTRIES_SHOWN:]:
        record = entry.record
        say(f"{moment(record.at)}  {record.actor}  {record.action}  {record.subject}  {record.reason}")
    if not found.usable:
        say(f"There is no index in {folder}; `backline up` builds one.")
    return 0 if found.usable else 1


def _line(generation: Generation, pointer: Pointer) -> str:
    manifest, standings = generation.manifest, _standings(pointer)
    golden = f"golden MRR {manifest.golden.mrr:.3f}" if manifest.golden else f"over {manifest.base}"
    size_mb = manifest.size_bytes / 10**6
    return (
        f"{generation.name:<33}  {standings.get(generation.name, ''):<11}  {manifest.document_count:>10,} documents  "
        f"{size_mb:>7.1f} MB  {golden}"
    )


def _standings(pointer: Pointer) -> Mapping[str, str]:
    return {
        **dict.fromkeys(pointer.bad, "bad"),
        pointer.previous: "previous" if pointer.previous not in pointer.bad else "bad",
        pointer.next: "rolling out",
        pointer.current: "serving",
        pointer.delta: "serving",
    }


def check(_arguments: argparse.Namespace) -> int:
    """Print what is not as it was written; 0 if all is, 1 if something is not."""
    home = process_settings(environment()).home
    faults = list(_faults(home))
    for fault in faults:
        say(f"!!  {fault}")
    return 1 if faults else 0


def _faults(home: Path) -> Iterator[str]:
    for found in (survey(home / "index"), survey(home / "index", PREFIXES[1])):
        yield from found.refused
        yield from _damage(found)
    try:
        entries = JournalFile(home / "indexer").entries()
    except Failure as failure:
        yield str(failure)
    else:
        if entries:
            say(f"The journal is as it was written, all {len(entries)} entries. The last hash is {entries[-1].hash}.")


def _damage(found: Survey) -> Iterator[str]:
    for generation in found.usable:
        try:
            verify(generation)
        except Unavailable as failure:
            yield str(failure)
        else:
            say(f"ok  {generation.name}")
