"""`backline flags …`: turns features on for some, takes them away from all, and says who did, for whom, and why."""

import argparse
from dataclasses import dataclass
from functools import partial

from services.commands.flags_client import Ask, run
from services.commands.flags_kill import kill
from services.commands.flags_reading import blame, check, explain, show, show_all, show_history, who
from services.commands.flags_writing import adopt, put, remove, restore, target
from services.flags.domain.rollout import Mode

DESCRIPTION = """Turns features on for some people, takes them away from everyone, and says who did that and why.

  backline flags list
  backline flags target voice-hints on --when 'client_type=car and country in (SE, NO)' --percent 5
  backline flags explain voice-hints --as 'client_type=car country=SE targetingKey=user-17'
  backline flags kill voice-hints --reason "drivers are startled"

Every process that uses flags has a write within a second. What can be said of who asks, what a write
is refused for, and other clients' protocols: docs/flags.md
"""
TARGET = """Says who gets a variant: whom, how many of those, and what the others get.

  backline flags target voice-hints on --create --owner voice --when 'client_type=car' --percent 5
  backline flags target voice-hints on --when 'client_type=car and app_version>=8.9' --percent 20
  backline flags target voice-hints on

Shows the rule in words, how many of the people seen lately it reaches, and what looks like a slip, then
asks. A higher percentage only adds people, a lower one only takes some away.

Takes the place of the rule that the flag has; one of several branches is kept for all others with --add:
  backline flags target view-results glance --when 'client_type=car and country=SE' --add

what --when can say:
  client_type, country    = != in (…, …) not in (…, …)
  app_version, os_version the same and < <= > >=, by numbers: 8.10 is above 8.9
  app_build               the same, a whole number
  locale, targetingKey    = != in, not in, starts with, ends with
  a value with spaces or commas stands in quotes, "…" or '…'
  and, or, not and parentheses; what is not known of somebody makes only != and not hold
"""
PUT = """Writes a whole definition, as flagd has them, from a file; - reads standard input.

  backline flags show voice-hints --json > voice-hints.json
  backline flags put voice-hints voice-hints.json --reason "a third variant"

Shows what it does and asks, as target does. A key that begins with $evaluators/ is a rule for flags to
share: {"$ref": "its name"}.
"""
KILL = """Switches a flag off, at once and for everyone: every caller's own default holds.

Waits until every live process of ours has said that it has applied that; names those that have not,
every second, until you press Ctrl-C, which leaves the flag killed and the exit status 1. Streams of
others are listed, since they never say.
"""
RESTORE = """Ends a kill: the flag decides again as it did before.
"""
REMOVE = """Takes a flag away for good, once no code asks for it: every caller's own default holds.

  backline flags remove voice-hints --reason "everybody has them now"

Shows what it does, and how many of the people seen lately it still decides for, then asks. A shared rule
that flags still use stays, and they are named. The journal keeps everything; the key can be used anew.
"""
HISTORY = """Prints all that was done to a flag, oldest first: generation, when, who, what, why, and the rule
that it led to.
"""
BLAME = """Prints what was changed last before a time, the newest first, and what was in force then.

  backline flags blame 2026-11-23T10:00Z
"""
EXPLAIN = """Says what somebody gets, and why: each comparison with what it came to, and where the draw put them.

  backline flags explain voice-hints --as 'client_type=car app_version=8.9 targetingKey=user-17'
"""
WHO = """Prints which processes use the flags, and which generation each has applied. Exit status 1 if one
is behind or silent.
"""
ADOPT = """Goes on from a store that is older than what its callers have applied, as after a restored backup.

Until then nothing is written or handed out, and everybody keeps what they have. Bring the newer store
back instead if you can: what it has and this one lacks is lost.
"""
VERIFY = """Checks that no entry of the journal was changed, added or taken out, and that the flags in force are
what it led to. Prints the last hash; keep that elsewhere to notice entries cut off the end too.
"""


@dataclass(frozen=True, slots=True)
class _Action:
    """One thing that can be asked."""

    name: str
    help: str
    text: str
    ask: Ask


ACTIONS = (
    _Action("list", "all flags, and who gets what", "Prints each flag on a line.\n", show_all),
    _Action("show", "one flag whole", "Prints one flag: its rule in words, and its definition.\n", show),
    _Action("target", "say who gets a variant", TARGET, target),
    _Action("put", "write a definition from a file", PUT, put),
    _Action("kill", "switch a flag off for everyone", KILL, kill),
    _Action("restore", "end a kill", RESTORE, restore),
    _Action("remove", "take a flag away for good", REMOVE, remove),
    _Action("explain", "why somebody gets what they get", EXPLAIN, explain),
    _Action("history", "what was done to a flag", HISTORY, show_history),
    _Action("blame", "what was changed before a time", BLAME, blame),
    _Action("who", "who uses flags, and which", WHO, who),
    _Action("adopt", "go on from a restored backup", ADOPT, adopt),
    _Action("verify", "whether the journal is as it was written", VERIFY, check),
)
"""In the order in which --help lists them."""
_OF_ONE_FLAG = frozenset({"show", "target", "put", "kill", "restore", "remove", "explain", "history"})
_WRITES = frozenset({"target", "put", "kill", "restore", "remove", "adopt"})
_ASKS_FIRST = frozenset({"target", "put", "remove"})


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command and what it can do."""
    parser = _described(commands, "flags", "turn features on for some, and off for all", DESCRIPTION)
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    for each in ACTIONS:
        action = _described(actions, each.name, each.help, each.text)
        if each.name in _OF_ONE_FLAG:
            action.add_argument("flag", metavar="FLAG", help="the flag's key, such as voice-hints")
        _ADD.get(each.name, _add_nothing)(action)
        if each.name in _WRITES:
            _add_author(action, needs_reason=each.name != "target")
        if each.name in _ASKS_FIRST:
            action.add_argument("--yes", action="store_true", help="do it without being asked, as scripts do")
        action.add_argument(
            "--address",
            default="",
            metavar="HOST:PORT",
            help="the flags service to ask (default: the one that runs here)",
        )
        action.set_defaults(run=partial(run, each.ask))


def _described(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, help_: str, text: str
) -> argparse.ArgumentParser:
    return commands.add_parser(name, help=help_, description=text, formatter_class=argparse.RawDescriptionHelpFormatter)


def _add_nothing(_action: argparse.ArgumentParser) -> None:
    """Add no argument."""


def _add_author(action: argparse.ArgumentParser, *, needs_reason: bool) -> None:
    why = "why; goes into the journal" if needs_reason else "why; goes into the journal (default: the rule itself)"
    action.add_argument("--reason", required=needs_reason, default="", metavar="TEXT", help=why)
    action.add_argument("--actor", default="", metavar="NAME", help="who asks for it (default: you)")


def _add_show(action: argparse.ArgumentParser) -> None:
    action.add_argument("--json", action="store_true", help="only the definition, to change it and put it back")


def _add_target(action: argparse.ArgumentParser) -> None:
    action.add_argument("variant", metavar="VARIANT", help="what they get, such as on")
    action.add_argument("--when", metavar="RULE", help="who (default: everybody)")
    action.add_argument("--percent", metavar="N", help="how many of those, such as 5 or 0.1 (default: all)")
    action.add_argument(
        "--otherwise", default="", metavar="VARIANT", help="what the others get (default: the flag's default variant)"
    )
    action.add_argument("--salt", default="", metavar="TEXT", help="draw people anew, by this")
    modes = action.add_mutually_exclusive_group()
    for name, mode, help_ in (
        ("--add", Mode.ADD, "ask this first, and keep the rule that is there for all others"),
        ("--replace", Mode.REPLACE, "take the place of a rule of several branches"),
    ):
        modes.add_argument(name, dest="mode", action="store_const", const=mode, default=Mode.SIMPLE, help=help_)
    action.add_argument(
        "--create", action="store_true", help="make the flag, with the variants on and off, off at first"
    )
    action.add_argument("--owner", default="", metavar="NAME", help="who answers for the flag; a new one needs it")
    action.add_argument(
        "--expires", default="", metavar="DATE", help="when it goes, within a year (default of a new one: in 90 days)"
    )


def _add_put(action: argparse.ArgumentParser) -> None:
    action.add_argument("file", metavar="FILE", help="a JSON file, or - for standard input")
    action.add_argument(
        "--based-on", type=int, metavar="VERSION", help="refuse if the flag has another version by now (default: no)"
    )


def _add_explain(action: argparse.ArgumentParser) -> None:
    action.add_argument("--as", dest="context", default="", metavar="WHO", help="attributes, as in client_type=car")


def _add_blame(action: argparse.ArgumentParser) -> None:
    action.add_argument("when", metavar="WHEN", help="a time, in UTC unless it says otherwise")


_ADD = {"show": _add_show, "target": _add_target, "put": _add_put, "explain": _add_explain, "blame": _add_blame}
"""What an action takes besides."""
