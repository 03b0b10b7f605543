"""What `backline flags` shows: the flags, who changed them, who uses them, and why somebody gets what they get."""

import argparse
import json
import shlex
import shutil
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from functools import reduce

from services.commands.flags_client import today
from services.commands.person import say
from services.flags.api.administrator import FlagAdministrator
from services.flags.domain.definition import ENABLED, STATE, is_disabled, read_definition
from services.flags.domain.document import SHARED_PREFIX
from services.flags.domain.promise import has_expired
from services.flags.domain.roster import Subscriber
from services.flags.domain.store import Kept, State, applied
from services.flags.domain.verification import verified
from services.flags.domain.vocabulary import VOCABULARY, context_of, doubts
from services.flags.domain.words import rule_in_words
from services.kit.errors import Invalid, NotFound
from services.kit.journal import Entry

_LOOKED_BACK = 10
"""Changes that `blame` shows."""
_GAP = "  "


async def show_all(administrator: FlagAdministrator, _arguments: argparse.Namespace) -> int:
    """Print each flag on a line."""
    listed = await administrator.list()
    if listed.refuses:
        say(f"!!  {listed.refuses}")
    _say_table(
        ("FLAG", "STATE", "VERSION", "OWNER", "EXPIRES", "RULE"),
        (_row(key, kept, today()) for key, kept in sorted(listed.flags.items())),
    )
    if not listed.flags:
        say("There is no flag; make one: backline flags target FLAG on --create --owner NAME")
    return 0


async def show(administrator: FlagAdministrator, arguments: argparse.Namespace) -> int:
    """Print one flag: when it was changed, its rule in words, its definition."""
    kept, rule = await administrator.get(arguments.flag)
    definition = json.dumps(read_definition(kept.definition), indent=2, ensure_ascii=False)
    if not arguments.json:
        say(f"{arguments.flag}, version {kept.version} of {second_of(kept.changed_at)}")
        say(rule)
    say(definition)
    return 0


async def show_history(administrator: FlagAdministrator, arguments: argparse.Namespace) -> int:
    """Print what was done to a flag, oldest first, and what that led to."""
    entries = [entry async for entry in administrator.history(arguments.flag)]
    if not entries:
        raise NotFound(f"Nothing was ever done to a flag {arguments.flag}.")
    for entry in entries:
        say(_line(entry))
        for line in _led_to(entry).splitlines():
            say(f"{_GAP * 2}{line}")
    return 0


async def blame(administrator: FlagAdministrator, arguments: argparse.Namespace) -> int:
    """Print what was changed last before a time, and what was in force then."""
    at = moment_of(arguments.when)
    entries = [entry async for entry in administrator.history() if entry.record.at <= at]
    if not entries:
        say(f"Nothing was written before {second_of(at)}: every caller's own defaults held.")
        return 0
    say(f"Last changes before {second_of(at)}, the newest first:")
    for entry in reversed(entries[-_LOOKED_BACK:]):
        say(f"{_ago(at, entry.record.at):>8} before{_GAP}{_line(entry)}")
    state = reduce(applied, entries, State())
    say(f"\nIn force then, generation {state.held.generation}:")
    _say_table(
        ("FLAG", "STATE", "VERSION", "OWNER", "EXPIRES", "RULE"),
        (_row(key, kept, at.date()) for key, kept in sorted(state.flags.items())),
    )
    return 0


async def explain(administrator: FlagAdministrator, arguments: argparse.Namespace) -> int:
    """Print how a flag is evaluated for somebody, step by step."""
    pairs = _pairs(arguments.context)
    context = json.dumps(context_of(pairs))
    for sentence in doubts(pairs):
        say(f"!!  {sentence}")
    for line in await administrator.explain(arguments.flag, context):
        say(line)
    await _say_killed(administrator, arguments.flag)
    return 0


async def _say_killed(administrator: FlagAdministrator, key: str) -> None:
    """Print of a killed flag when that was, who did it, and why."""
    kept, _ = await administrator.get(key)
    if is_disabled(read_definition(kept.definition)):
        async for entry in administrator.history(key, kept.version - 1):
            say(f"It was killed: {_line(entry).strip()}")


async def who(administrator: FlagAdministrator, _arguments: argparse.Namespace) -> int:
    """Print who uses the flags and what each has applied; 1 if some process of ours is behind or silent."""
    subscribed = await administrator.subscribers()
    if subscribed.refuses:
        say(f"!!  {subscribed.refuses}")
    say(f"In force: generation {subscribed.generation}")
    ours = subscribed.listing.processes
    _say_table(("SERVICE", "PROCESS", "APPLIED", "STATE"), (_standing(each, subscribed.generation) for each in ours))
    if not ours:
        say("No process of ours is subscribed.")
    for stream in subscribed.listing.foreign:
        say(f"A stream of others, which never says what it has applied: {stream.process}")
    return 0 if all(each.connected and each.applied >= subscribed.generation for each in ours) else 1


async def check(administrator: FlagAdministrator, _arguments: argparse.Namespace) -> int:
    """Verify the journal, and that the flags in force are what it led to. Raises Internal where not."""
    listed = await administrator.list()
    written = [entry async for entry in administrator.history()]
    entries = verified(written, listed.generation, listed.flags)
    if not entries:
        say("The journal is empty: no flag was ever written.")
        return 0
    are = f"All {len(entries)} entries are as they were written"
    say(f"{are}, and the {len(listed.flags)} flags in force are what they led to.")
    say(f"The last hash is {entries[-1].hash}.")
    return 0


def moment_of(written: str) -> datetime:
    """Return a time; one that names no zone is in UTC. Raises Invalid where it is none."""
    try:
        at = datetime.fromisoformat(written)
    except ValueError:
        raise Invalid(f"{written} is no time; write it as 2026-11-23T10:00Z.", field="when") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def second_of(at: datetime) -> str:
    """Return a time for people: whole seconds in UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def standing_of(each: Subscriber, generation: int) -> str:
    """Return in words how a process stands to a generation."""
    if each.refused:
        return f"refuses: {each.refused}"
    if not each.connected:
        return f"silent for {each.silent_s:.0f} s"
    return "current" if each.applied >= generation else "behind"


def _standing(each: Subscriber, generation: int) -> tuple[str, ...]:
    return each.service, each.process, str(each.applied), standing_of(each, generation)


def _row(key: str, kept: Kept, day: date) -> tuple[str, ...]:
    definition = read_definition(kept.definition)
    metadata = definition.get("metadata", {})
    shared = key.startswith(SHARED_PREFIX)
    state = "shared" if shared else "killed" if is_disabled(definition) else "enabled"
    expires = str(metadata.get("expires", "")) + (" !!" if has_expired(metadata, day) else "")
    # Its state has a column of its own.
    rule = rule_in_words({**definition, STATE: ENABLED} if state == "killed" else definition).splitlines()
    return key, state, str(kept.version), str(metadata.get("owner", "")), expires, "; ".join(rule)


def _line(entry: Entry) -> str:
    record = entry.record
    said = (second_of(record.at), record.actor, record.action, record.subject, record.reason)
    return f"{entry.sequence:>6}{_GAP}" + _GAP.join(filter(None, said))


def _led_to(entry: Entry) -> str:
    detail = entry.record.detail
    return rule_in_words(read_definition(detail)) if detail else "gone"


def _ago(at: datetime, before: datetime) -> str:
    minutes, seconds = divmod(int((at - before).total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes} m" if hours else f"{minutes} m {seconds} s"


def _pairs(written: str) -> dict[str, str]:
    try:
        split = [pair.partition("=") for pair in shlex.split(written)]
    except ValueError as fault:
        raise Invalid(f"{written} cannot be read: {fault}.", field="as") from fault
    for name, equals, value in split:
        if "," in value and name in VOCABULARY:
            raise Invalid(f"{value} has a comma; spaces separate attributes.", field="as")
        if not equals:
            raise Invalid(f"{name} has no value; write for example client_type=car country=SE.", field="as")
    return {name: value for name, _, value in split}


def _say_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows in columns as wide as they need to be, cut where a terminal ends; nothing where there are none."""
    most = shutil.get_terminal_size().columns if sys.stdout.isatty() else sys.maxsize
    lines = [head, *rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines if len(lines) > 1 else ():
        cells = (f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True))
        row = _GAP.join(cells).rstrip()
        say(row if len(row) <= most else f"{row[: most - 1]}…")
