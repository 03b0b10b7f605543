"""What `backline flags` writes: a rule, a definition, the end of a kill or of a flag, a store that is gone on from."""

import argparse
import json
import shlex
import sys
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from textwrap import indent
from typing import Any

from services.commands.flags_client import author_of, near, today
from services.commands.person import say
from services.flags.api.administrator import FlagAdministrator
from services.flags.domain.administration import Trial
from services.flags.domain.definition import canonical, is_disabled, read_definition
from services.flags.domain.document import SHARED_PREFIX
from services.flags.domain.dry_run import DryRun
from services.flags.domain.removal import second_looks
from services.flags.domain.rollout import SeveralBranches, Wish, on_off_flag, percentage, with_rule
from services.flags.domain.sample import WITHIN_S
from services.flags.domain.store import Kept
from services.flags.domain.targeting import condition
from services.flags.domain.words import rule_in_words
from services.kit.author import MAX_REASON_CHARS, Author
from services.kit.errors import Conflict, Invalid, NotFound

DEFAULT_PROMISE = timedelta(days=90)
"""How long a flag lives for which nobody says so."""


async def target(administrator: FlagAdministrator, arguments: argparse.Namespace) -> int:
    """Write who gets a variant, once whoever asks has seen what that does; 1 if they would rather not."""
    # Empty is no rule: it may be a variable that the shell did not have.
    when = None if arguments.when is None else condition(arguments.when)
    percent = None if arguments.percent is None else percentage(arguments.percent)
    wish = Wish(arguments.variant, when, percent, arguments.otherwise or None, arguments.salt, arguments.mode)
    kept = await _found(administrator, arguments.flag)
    definition = _ruled(_promised(_begun(kept, arguments), arguments), wish)
    author = author_of(arguments, arguments.reason or _reason(arguments))
    _say_now(arguments.flag, kept)
    return await _publish(administrator, arguments, definition, kept, author)


async def put(administrator: FlagAdministrator, arguments: argparse.Namespace) -> int:
    """Write a definition from a file, once whoever asks has seen what it does; 1 if they would rather not."""
    definition = _definition_in(arguments.file)
    kept = await _found(administrator, arguments.flag)
    _check_version(arguments, kept.version if kept else 0)
    if kept is None:
        say(f"There is no flag {arguments.flag}; this makes it.{await near(administrator, arguments.flag)}")
    _say_now(arguments.flag, kept)
    return await _publish(administrator, arguments, definition, kept, author_of(arguments))


async def restore(administrator: FlagAdministrator, arguments: argparse.Namespace) -> int:
    """End a kill."""
    kept, _ = await administrator.get(arguments.flag)
    generation = await administrator.restore(arguments.flag, kept.version, author_of(arguments))
    say(f"{arguments.flag} is enabled again, since generation {generation}:")
    say((await administrator.get(arguments.flag))[1])
    return 0


async def remove(administrator: FlagAdministrator, arguments: argparse.Namespace) -> int:
    """Take a flag away, once whoever asks has seen whom it decides for; 1 if they would rather not."""
    author = author_of(arguments)
    kept, _ = await administrator.get(arguments.flag)
    trial = await administrator.try_out(arguments.flag)
    _say_now(arguments.flag, kept)
    if trial.run.contexts and trial.run.reached:
        say(f"Of {trial.run.contexts:,} recent contexts: {_parts(trial.run)}.")
    for sentence in second_looks(trial.run):
        say(f"!!  {sentence}")
    if not (arguments.yes or _agreed("remove")):
        say("Nothing was written.")
        return 1
    generation, _ = await administrator.remove(arguments.flag, kept.version, author)
    say(f"{arguments.flag} is gone since generation {generation}. Who has applied it: backline flags who")
    if is_disabled(read_definition(kept.definition)):
        say("It was killed, and comes back killed; backline flags restore ends that.")
    undo = f"backline flags put {shlex.quote(arguments.flag)} - --reason TEXT"
    say(f"To undo: {undo}, with what it was on standard input:")
    say(kept.definition)
    return 0


async def adopt(administrator: FlagAdministrator, arguments: argparse.Namespace) -> int:
    """Go on from a store that is older than what its callers have applied."""
    generation = await administrator.adopt(author_of(arguments))
    say(f"The store goes on with generation {generation}: its flags, as they are here, reach everyone now.")
    say("What was written after the backup was taken is lost; see: backline flags list")
    return 0


async def _found(administrator: FlagAdministrator, key: str) -> Kept | None:
    try:
        return (await administrator.get(key))[0]
    except NotFound:
        return None


def _begun(kept: Kept | None, arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the definition to go on from. Raises Conflict where one to create is there, NotFound where none is."""
    if kept is None and not arguments.create:
        raise NotFound(f"There is no flag {arguments.flag}; to make one, add --create --owner NAME.")
    if kept is not None and arguments.create:
        raise Conflict(f"{arguments.flag} is there already; leave --create out to change it.")
    return read_definition(kept.definition) if kept else on_off_flag("", str(today() + DEFAULT_PROMISE))


def _promised(definition: Mapping[str, Any], arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the definition with the owner and the end that are said."""
    said = {name: text for name in ("owner", "expires") if (text := getattr(arguments, name))}
    return {**definition, "metadata": {**definition.get("metadata", {}), **said}}


def _ruled(definition: Mapping[str, Any], wish: Wish) -> dict[str, Any]:
    """Return the definition with the rule. Raises what `with_rule` does, with the options that help."""
    try:
        return with_rule(definition, wish)
    except SeveralBranches as refused:
        hint = "To ask this first and keep them for all others, add --add; to have this alone, --replace."
        raise Conflict(f"{refused} {hint}") from refused
    except Invalid as refused:
        option = " (--otherwise)" if refused.field == "otherwise" else ""
        raise Invalid(f"{refused}{option}", field=refused.field) from refused


def _reason(arguments: argparse.Namespace) -> str:
    """Return the command in words, for a rule whose reason nobody gives."""
    share = f" for {arguments.percent.removesuffix('%')} %" if arguments.percent else ""
    when = f" where {' '.join(arguments.when.split())}" if arguments.when else ""
    return f"{arguments.variant}{share}{when}"[:MAX_REASON_CHARS]


def _definition_in(file: str) -> dict[str, Any]:
    """Return the definition in a file. Raises Invalid, with the file's name, where there is none."""
    text = _read(file)
    try:
        return read_definition(text)
    except Invalid as fault:
        raise Invalid(f"{file}: {fault}", field=fault.field) from fault


def _check_version(arguments: argparse.Namespace, version: int) -> None:
    """Raise Conflict where the flag has another version than it is to have."""
    if arguments.based_on not in {None, version}:
        hint = f"see: backline flags show {arguments.flag}"
        raise Conflict(f"{arguments.flag} is at version {version}, not {arguments.based_on}; {hint}")


def _read(file: str) -> str:
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except OSError as error:
        raise Invalid(f"{file} cannot be read: {error.strerror}.", field="file") from error
    except UnicodeDecodeError as error:
        raise Invalid(f"{file} cannot be read: it is no text in UTF-8.", field="file") from error


async def _publish(
    administrator: FlagAdministrator,
    arguments: argparse.Namespace,
    definition: Mapping[str, Any],
    kept: Kept | None,
    author: Author,
) -> int:
    if kept and canonical(definition) == kept.definition:
        say("Nothing would change, so nothing was written.")
        return 0
    text = json.dumps(definition)
    trial = await administrator.try_out(arguments.flag, text)
    for line in _shown(arguments.flag, trial, is_new=kept is None):
        say(line)
    if not (arguments.yes or _agreed("publish")):
        say("Nothing was written.")
        return 1
    generation, _ = await administrator.put(arguments.flag, text, kept.version if kept else 0, author)
    say(f"Published as generation {generation}. Who has applied it: backline flags who")
    return 0


def _say_now(key: str, kept: Kept | None) -> None:
    if kept is not None:
        say(f"{key} is now:")
        say(indent(rule_in_words(read_definition(kept.definition)), "  "))


def _shown(key: str, trial: Trial, *, is_new: bool) -> Iterator[str]:
    """Yield what a definition would do, for whoever is to say yes."""
    yield f"{key} would be:"
    yield indent(trial.rule, "  ")
    yield from _reach(trial, is_shared=key.startswith(SHARED_PREFIX), is_new=is_new)
    yield from (f"!!  {warning}" for warning in trial.warnings)


def _reach(trial: Trial, *, is_shared: bool, is_new: bool) -> Iterator[str]:
    run = trial.run
    if not run.contexts:
        yield f"Nobody was seen in the last {WITHIN_S // 60} minutes, so nobody knows how many that reaches."
        return
    if is_shared:
        yield f"Of {run.contexts:,} recent contexts, {run.changed:,} get something else than now by flags that use it."
    else:
        changed = "" if is_new else f"; {run.changed:,} of them something else than now"
        yield f"Of {run.contexts:,} recent contexts: {_parts(run)}{changed}."
    for attribute, contexts in sorted(run.invalid.items()):
        yield f"!!  In {contexts:,} of them {attribute} cannot be used: no comparison with it holds."


def _parts(run: DryRun) -> str:
    return ", ".join(
        f"{part.contexts:,} ({100 * part.contexts / run.contexts:.1f} %) {part.variant or 'their own default'}"
        for part in run.reached
    )


def _agreed(act: str) -> bool:
    """Ask whether to. Raises Invalid where nobody can be asked."""
    if not sys.stdin.isatty():
        raise Invalid(f"Nobody is there to say yes; add --yes to {act} without being asked.", field="yes")
    sys.stdout.write(f"{act.capitalize()} it? [y/N] ")
    sys.stdout.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}
