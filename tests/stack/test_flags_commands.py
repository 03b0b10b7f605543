"""`backline flags …`, used as a person uses it, against a service that runs."""

import asyncio
import json
import os
import pty
import re
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backline.flags.v1 import flags_pb2 as pb
from flagd.sync.v1 import sync_pb2
from services.commands.announcement import Announcement, announced_in
from services.commands.client import open_command_client
from services.commands.flags import ACTIONS
from services.flags.store.sqlite.flags import open_sqlite_flags
from services.kit.clock import SystemClock
from services.kit.grpc.rpc import rpc
from services.kit.process import Surroundings
from services.kit.settings import Secret
from tests.flags.serving import LIMIT_S, Open, flags, lasting, watching
from tests.flags.writing import put, switch
from tests.stack.processes import backline, environment

CREATE = ("voice-hints", "on", "--create", "--owner", "voice", "--yes")
ROOT = Path(__file__).parents[2]
DOCUMENTATION = ROOT / "docs" / "flags.md"
AS_SOMEBODY_WHO_SAYS_YES = """
backline() {{
    case "$2" in
        target | put | remove) PYTHONPATH={root}:{root}/gen {python} -m services "$@" --yes ;;
        *) PYTHONPATH={root}:{root}/gen {python} -m services "$@" ;;
    esac
}}
"""
WHEN = "client_type=car and app_version>=8.9 and country in (SE, NO)"


@dataclass(frozen=True, slots=True)
class Said:
    """What a command printed, and how it ended."""

    status: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Terminal:
    """The flags service, and a command line beside it."""

    service: Open
    home: Path

    async def started(self, *arguments: str, stdin: int = DEVNULL, stdout: int = PIPE) -> Process:
        """Start a command."""
        return await started_at(self.home, *arguments, stdin=stdin, stdout=stdout)

    async def flags(self, *arguments: str) -> Said:
        """Run a command to its end."""
        return await flags_at(self.home, *arguments)

    async def done(self, *arguments: str) -> str:
        """Run a command that has to go well, and return what it printed."""
        said = await self.flags(*arguments)
        assert said.status == 0, said.err
        return said.out

    async def answered(self, answer: str, *arguments: str) -> Said:
        """Run a command on a terminal where somebody types the answer."""
        ours, theirs = pty.openpty()
        os.write(ours, f"{answer}\n".encode())
        try:
            return await ended(await self.started(*arguments, stdin=theirs))
        finally:
            os.close(theirs)
            os.close(ours)


async def started_at(home: Path, *arguments: str, stdin: int = DEVNULL, stdout: int = PIPE) -> Process:
    """Start a command with its state in the folder."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services", "flags", *arguments),
        env=environment(home, PYTHONUNBUFFERED="1"),
        stdin=stdin,
        stdout=stdout,
        stderr=PIPE,
    )


async def flags_at(home: Path, *arguments: str) -> Said:
    """Run a command to its end."""
    return await ended(await started_at(home, *arguments))


async def ended(process: Process) -> Said:
    """Wait for the end of a command."""
    out, err = await process.communicate()
    return Said(process.returncode or 0, (out or b"").decode(), err.decode())


async def line_with(process: Process, words: str) -> str:
    """Return the next line that has the words."""
    assert process.stdout is not None
    while words not in (line := (await process.stdout.readline()).decode()):
        assert line, "the command ended"
    return line


@asynccontextmanager
async def terminal(surroundings: Surroundings, **settings: object) -> AsyncGenerator[Terminal, None]:
    """Open a service that announces itself, as one that runs does."""
    async with flags(surroundings, **settings) as service:
        announcement = Announcement(os.getpid(), {"flags": dict(service.running.addresses)})
        with announced_in(surroundings.folder("flags"), announcement):
            yield Terminal(service, surroundings.settings.home)


@pytest.fixture
async def at(surroundings: Surroundings) -> AsyncGenerator[Terminal, None]:
    """Give a command line beside an empty service."""
    async with terminal(surroundings) as opened:
        yield opened


async def test_every_action_explains_itself(tmp_path: Path) -> None:
    """A stranger learns from --help what it does, and nothing is done."""
    commands = ((), *((action.name,) for action in ACTIONS))
    for helped in await asyncio.gather(*(flags_at(tmp_path, *arguments, "--help") for arguments in commands)):
        assert helped.status == 0
        assert "usage: backline flags" in helped.out
        assert len(helped.out.splitlines()) > 4
    assert not await asyncio.to_thread(lambda: list(tmp_path.iterdir()))


async def test_a_feature_is_turned_on_for_some_of_one_kind_of_client(at: Terminal) -> None:
    """The rule is shown in words, written, and holds; raising the percentage only adds to it."""
    made = await at.done("target", *CREATE, "--when", WHEN, "--percent", "5")
    assert (
        "where client type is car and app version is at least 8.9.0 and country is SE or NO: 5 % on, 95 % off" in made
    )
    assert "otherwise: off" in made
    assert "Published as generation 1." in made
    raised = await at.done("target", "voice-hints", "on", "--when", WHEN, "--percent", "20", "--yes")
    assert re.search("is now:.* 5 % on, 95 % off.*would be:.* 20 % on, 80 % off", raised, re.DOTALL)
    definition = json.loads(await at.done("show", "voice-hints", "--json"))
    assert definition["targeting"]["if"][1] == {"fractional": [["on", 20], ["off", 80]]}
    listed = (await at.done("list")).splitlines()
    assert re.match(r"voice-hints +enabled +2 +voice +20..-..-.. +where client type is car", listed[1])


async def test_who_is_reached_is_told_before_it_is_asked(at: Terminal) -> None:
    """Of the contexts that were seen lately: how many get what, and how many get something else than now."""
    await at.done("target", *CREATE, "--when", "client_type=tv")
    seen = [
        {"targetingKey": f"user-{number}", "client_type": each} for number, each in enumerate(("car", "car", "web"))
    ]
    async with watching(at.service.client, "edge-1", service="edge") as edge:
        edge.say(seen=pb.Seen(contexts=map(json.dumps, seen)))
        await edge.apply()
        while (await at.service.administrator.try_out("voice-hints")).run.contexts < len(seen):
            pass
    said = await at.done("target", "voice-hints", "on", "--when", "client_type=car", "--yes")
    assert "Of 3 recent contexts: 2 (66.7 %) on, 1 (33.3 %) off; 2 of them something else than now." in said


async def test_nothing_is_written_unless_somebody_says_yes(at: Terminal) -> None:
    """On a terminal it is asked; without one it is refused unless --yes says so."""
    arguments = ("target", *CREATE[:-1])
    refused = await at.flags(*arguments)
    assert refused.status == 2
    assert refused.err == "backline: Nobody is there to say yes; add --yes to publish without being asked.\n"
    unwilling = await at.answered("", *arguments)
    assert (unwilling.status, unwilling.out.splitlines()[-1]) == (1, "Publish it? [y/N] Nothing was written.")
    assert "There is no flag; make one" in await at.done("list")
    willing = await at.answered("y", *arguments)
    assert (willing.status, "Published as generation 1." in willing.out) == (0, True)


REFUSED = {
    ("target", "voice-hints", "on", "--yes"): (
        1,
        "There is no flag voice-hints; to make one, add --create --owner NAME.",
    ),
    ("target", *CREATE, "--when", ""): (2, "The rule is empty; write for example client_type=car."),
    ("target", *CREATE, "--percent", ""): (2, "Nothing is no percentage; write for example 5 or 0.1."),
    ("target", *CREATE, "--percent", "many"): (2, "many is no percentage; write for example 5 or 0.1."),
    ("target", "x", "on", "--create", "--yes"): (2, "$.metadata.owner: It says nobody who answers for the flag."),
    ("target", "x", "off", "--create", "--owner", "me", "--when", "client_type=car", "--yes"): (
        2,
        "All would get off; say what the others get. (--otherwise)",
    ),
    ("show", "nothing"): (1, "There is no flag nothing."),
    ("history", "nothing"): (1, "Nothing was ever done to a flag nothing."),
    ("blame", "yesterday"): (2, "yesterday is no time; write it as 2026-11-23T10:00Z."),
    ("explain", "nothing", "--as", "car"): (2, "car has no value; write for example client_type=car country=SE."),
    ("explain", "nothing", "--as", "client_type=car,country=SE"): (
        2,
        "car,country=SE has a comma; spaces separate attributes.",
    ),
    ("explain", "nothing", "--as", "contry=SE"): (2, "There is no attribute contry; did you mean country?"),
    ("put", "x", "/nowhere", "--reason", "x"): (2, "/nowhere cannot be read: No such file or directory."),
    ("kill", "nothing", "--reason", "x"): (1, "There is no flag nothing."),
    ("remove", "nothing", "--reason", "x", "--yes"): (1, "There is no flag nothing."),
    ("adopt", "--reason", "x"): (1, "there is nothing to adopt."),
}
"""Commands that an empty service refuses: the exit status, and what is said."""


async def test_what_cannot_be_done_is_said_in_a_sentence(at: Terminal) -> None:
    """With what to do about it, and nothing is written."""
    every = await asyncio.gather(*(at.flags(*arguments) for arguments in REFUSED))
    for said, (status, sentence) in zip(every, REFUSED.values(), strict=True):
        assert said.status == status
        assert said.err.startswith("backline: ")
        assert sentence in said.err
        assert "Traceback" not in said.err
    assert "There is no flag; make one" in await at.done("list")


async def test_a_slip_in_a_key_is_met_with_the_key_that_is_near(at: Terminal, tmp_path: Path) -> None:
    """Whatever is asked of it; `put`, which can make a flag, says that it does."""
    await at.done("target", *CREATE)
    file = tmp_path / "voice-hint.json"
    file.write_text(lasting(switch(on=True)))
    for arguments in (
        ("show", "voice-hint"),
        ("history", "voice-hint"),
        ("explain", "voice-hint"),
        ("target", "voice-hint", "on"),
        ("kill", "voice-hint", "--reason", "x"),
        ("restore", "voice-hint", "--reason", "x"),
        ("remove", "voice-hint", "--reason", "x"),
    ):
        refused = await at.flags(*arguments)
        assert (refused.status, refused.err.endswith(" Did you mean voice-hints?\n")) == (1, True), refused.err
    made = await at.done("put", "voice-hint", str(file), "--reason", "x", "--yes")
    assert made.startswith("There is no flag voice-hint; this makes it. Did you mean voice-hints?\n")


async def test_whoever_stops_reading_gets_no_traceback(at: Terminal) -> None:
    """As behind `head`: the command ends as it would have."""
    await at.done("target", *CREATE)
    ours, theirs = os.pipe()
    os.close(ours)
    listing = await at.started("list", stdout=theirs)
    os.close(theirs)
    assert await ended(listing) == Said(0, "", "")


async def test_a_rule_of_several_branches_goes_only_if_asked(at: Terminal) -> None:
    """Whoever would drop it unasked is told of both options, and each does what it says."""
    await at.done("target", *CREATE, "--when", "client_type=car")
    await at.done("target", "voice-hints", "on", "--when", "client_type=tv", "--add", "--yes")
    refused = await at.flags("target", "voice-hints", "on", "--when", "country=SE", "--yes")
    assert refused.err == (
        "backline: The flag has a rule of 2 branches, which would go. To ask this first and keep them for all others, "
        "add --add; to have this alone, --replace.\n"
    )
    assert "client type is car" in await at.done(
        "target", "voice-hints", "on", "--when", "country=SE", "--add", "--yes"
    )
    await at.done("target", "voice-hints", "on", "--when", "country=NO", "--replace", "--yes")
    assert "client type is car" not in await at.done("show", "voice-hints")


async def test_a_slip_in_a_rule_is_shown_with_a_caret(at: Terminal) -> None:
    """Below the word that is wrong."""
    said = await at.flags("target", *CREATE, "--when", "client_type=car and country=UK")
    assert said.err.splitlines() == [
        "backline: UK is no country; did you mean GB?",
        "  client_type=car and country=UK",
        "                              ^^",
    ]


async def test_a_definition_is_taken_out_changed_and_put_back(at: Terminal, tmp_path: Path) -> None:
    """As a file; what is refused is told with its place, and a version that is old by now is not written over."""
    await at.done("target", *CREATE)
    file = tmp_path / "voice-hints.json"
    definition = json.loads(await at.done("show", "voice-hints", "--json"))
    file.write_text(json.dumps({**definition, "defaultVariant": "on", "targeting": {}}))
    put = ("put", "voice-hints", str(file), "--reason", "on for all", "--actor", "ops", "--yes")
    assert "everyone: on" in await at.done(*put)
    old = await at.flags(*put, "--based-on", "1")
    assert (old.status, old.out) == (1, "")
    assert old.err == "backline: voice-hints is at version 2, not 1; see: backline flags show voice-hints\n"
    assert (await at.done(*put)).endswith("Nothing would change, so nothing was written.\n")
    assert "voice-hints, version 2 of" in await at.done("show", "voice-hints")
    file.write_text(json.dumps({**definition, "defaultVariant": "blue"}))
    refused = await at.flags(*put)
    assert (refused.status, "$.defaultVariant: 'blue' is no variant." in refused.err) == (2, True)
    file.write_text("{")
    refused = await at.flags(*put)
    assert (refused.status, f"backline: {file}: $: This is no JSON that can be read" in refused.err) == (2, True)


async def test_a_flag_is_removed_once_somebody_says_yes(at: Terminal, tmp_path: Path) -> None:
    """What it does is shown before, its history stays, and what is printed in the end brings it back."""
    await at.done("target", *CREATE, "--when", WHEN)
    definition = await at.done("show", "voice-hints", "--json")
    arguments = ("remove", "voice-hints", "--reason", "everybody has them")
    refused = await at.flags(*arguments)
    assert refused.status == 2
    assert refused.err == "backline: Nobody is there to say yes; add --yes to remove without being asked.\n"
    unwilling = await at.answered("n", *arguments)
    assert (unwilling.status, unwilling.out.splitlines()[-1]) == (1, "Remove it? [y/N] Nothing was written.")
    willing = await at.answered("y", *arguments)
    assert (willing.status, "voice-hints is gone since generation 2." in willing.out) == (0, True)
    assert willing.out.startswith("voice-hints is now:\n  where client type is car")
    assert "There is no flag; make one" in await at.done("list")
    assert re.search(
        r" 2  .*Z  .*  remove  voice-hints  everybody has them\n +gone", await at.done("history", "voice-hints")
    )
    assert "the 0 flags in force are what they led to" in await at.done("verify")
    file = tmp_path / "voice-hints.json"
    file.write_text(willing.out.splitlines()[-1])
    await at.done("put", "voice-hints", str(file), "--reason", "not everybody had them", "--yes")
    assert await at.done("show", "voice-hints", "--json") == definition


async def test_whoever_removes_a_flag_that_decides_is_told_first(at: Terminal) -> None:
    """For how many of those who were seen lately."""
    await at.done("target", *CREATE)
    async with watching(at.service.client, "edge-1", service="edge") as edge:
        edge.say(seen=pb.Seen(contexts=['{"targetingKey": "user-1"}']))
        await edge.apply()
        while not (await at.service.administrator.try_out("voice-hints")).run.contexts:
            pass
    unwilling = await at.answered("n", "remove", "voice-hints", "--reason", "x")
    assert "!!  It decides for 1 of 1 recent contexts" in unwilling.out
    killing = await at.started("kill", "voice-hints", "--reason", "x")
    await line_with(killing, "voice-hints is killed by")
    killing.send_signal(signal.SIGINT)  # the edge is gone, and would be waited for
    await ended(killing)
    killed = await at.done("remove", "voice-hints", "--reason", "x", "--yes")
    assert "Of 1 recent contexts: 1 (100.0 %) their own default." in killed
    assert "It was killed, and comes back killed; backline flags restore ends that." in killed


async def test_a_shared_rule_that_is_used_is_not_removed(at: Terminal, tmp_path: Path) -> None:
    """The flags that use it are named."""
    for key, definition in (
        ("$evaluators/in-cars", '{"==": [{"var": "client_type"}, "car"]}'),
        ("voice-hints", lasting(switch(on=False, targeting={"if": [{"$ref": "in-cars"}, "on", "off"]}))),
    ):
        file = tmp_path / "definition.json"
        file.write_text(definition)
        await at.done("put", key, str(file), "--reason", "a test", "--yes")
    refused = await at.flags("remove", "$evaluators/in-cars", "--reason", "x", "--yes")
    assert (refused.status, refused.err) == (1, "backline: $evaluators/in-cars is still used by voice-hints.\n")


async def test_doctor_tells_of_the_flags(tmp_path: Path) -> None:
    """How many there are, which of them have expired and what to do about that; whether or not a service runs."""

    async def told() -> list[str]:
        said = await asyncio.to_thread(backline, tmp_path, "doctor")
        return [line for line in said.stdout.splitlines() if "flag store" in line or "flags remove" in line]

    assert await told() == ["ok  flag store   there is none yet; the flags service makes one when it starts"]
    async with open_sqlite_flags(tmp_path / "flags", SystemClock()) as store:
        await put(store, "$evaluators/in-cars", rule={"==": [{"var": "client_type"}, "car"]})
        await put(store, "lasting", rule=json.loads(lasting(switch(on=True))))
        assert await told() == [f"ok  flag store   {tmp_path / 'flags' / 'flags.sqlite3'}, 1 flags"]
        for key in ("old-2", "old-1"):
            await put(store, key, rule=switch(on=True, metadata={"owner": "tests", "expires": "2020-02-02"}))
    assert (await told())[1:] == [
        "!!  flag store   expired: old-1, old-2",
        "                 -> take them out of the code, then: backline flags remove FLAG --reason TEXT",
    ]


async def test_what_was_done_is_told(at: Terminal) -> None:
    """history, blame and verify, from one journal."""
    await at.done("target", *CREATE, "--when", WHEN)
    await at.done("kill", "voice-hints", "--reason", "drivers are startled", "--actor", "ops")
    noon = datetime.now(UTC).isoformat()  # noqa: TID251 - what a person would read off a clock
    await at.done("restore", "voice-hints", "--reason", "quieter now")
    history = await at.done("history", "voice-hints")
    done = [line.split("  ") for line in history.splitlines() if re.match(r" +\d", line)]
    assert [fields[-3] for fields in done] == ["put", "kill", "restore"]
    assert done[0][-1] == f"on where {WHEN}"
    assert "    where client type is car" in history
    blamed = await at.done("blame", noon)
    assert re.search(r"0 m \d+ s before +2  .*Z  ops  kill  voice-hints  drivers are startled", blamed)
    assert "quieter now" not in blamed
    assert re.search(r"voice-hints +killed +2 ", blamed)
    assert "In force then, generation 2:" in blamed
    before = await at.done("blame", "2020-01-01T00:00Z")
    assert before == "Nothing was written before 2020-01-01T00:00:00Z: every caller's own defaults held.\n"
    verified = await at.done("verify")
    assert verified.startswith("All 3 entries are as they were written, and the 1 flags in force are what they led to.")


async def test_a_decision_is_explained(at: Terminal) -> None:
    """For somebody who is described as the edge sees them."""
    await at.done("target", *CREATE, "--when", WHEN)
    lines = await at.done("explain", "voice-hints", "--as", "client_type=car app_version=8.10 country=SE")
    assert "true by variant on: TARGETING_MATCH" in lines
    assert "8.10.0" in lines
    other = await at.done("explain", "voice-hints", "--as", "client_type=car app_version=8.8 country=SE")
    assert "false by variant off: DEFAULT" in other
    odd = await at.done("explain", "voice-hints", "--as", "client_type=car app_version=eight plan=family")
    await at.done("kill", "voice-hints", "--reason", "startled", "--actor", "ops")
    killed = (await at.done("explain", "voice-hints")).splitlines()
    assert killed[0] == "each caller's own default: killed"
    assert re.fullmatch(r"It was killed: 2  20\S+Z  ops  kill  voice-hints  startled", killed[1])
    assert "restored" not in await at.done("list")
    assert "!!  eight is no version; write up to 3 numbers" in odd
    assert "!!  plan is no attribute that the edge knows; only clients of others may have it." in odd
    assert 'var app_version: "eight", which is of no use here' in odd


async def test_a_kill_ends_when_all_have_applied_it(at: Terminal) -> None:
    """It names who has not, every second, and says in the end that all have, and how to undo it."""
    await at.done("target", *CREATE)
    async with watching(at.service.client, "search-1") as search:
        await search.apply()
        killing = await at.started("kill", "voice-hints", "--reason", "drivers are startled")
        assert "generation 2 of 20" in await line_with(killing, "voice-hints is killed by")
        for _ in range(2):
            assert "Not yet: search search-1 (behind)" in await line_with(killing, "Applied by 0 of 1.")
        assert (await at.flags("who")).status == 1
        await search.apply()
        said = await ended(killing)
        assert said.status == 0
        assert "All 1 processes of ours have applied it." in said.out
        assert "To undo: backline flags restore voice-hints --reason TEXT" in said.out
        standing = await at.done("who")
        assert re.search(r"search +search-1 +2 +current", standing)
        again = await at.done("kill", "voice-hints", "--reason", "to be sure")
        assert "voice-hints is killed already, since generation 2" in again


async def test_a_kill_by_a_service_that_has_just_started_says_once_that_it_waits(surroundings: Surroundings) -> None:
    """For whom it does not know yet, and how long at most."""
    async with terminal(surroundings, settle_s=300) as at:
        await at.done("target", *CREATE)
        killing = await at.started("kill", "voice-hints", "--reason", "drivers are startled")
        assert "waits up to 15 s for others" in await line_with(killing, "Applied by all 0 that are known;")
        killing.send_signal(signal.SIGINT)
        said = await ended(killing)
        assert (said.status, "Applied by all 0" in said.out) == (1, False)


async def test_a_kill_lists_the_streams_that_never_say_what_they_have_applied(at: Terminal) -> None:
    """By the names that they give themselves; nobody waits for them."""
    await at.done("target", *CREATE)
    sync = rpc(sync_pb2.SyncFlagsRequest, sync_pb2.SyncFlagsResponse)
    async with (
        open_command_client("flags", at.service.running.addresses["sync"], Secret()) as client,
        aclosing(client.download(sync, sync_pb2.SyncFlagsRequest(provider_id="a-stranger"), LIMIT_S)) as answers,
    ):
        await anext(answers)
        said = await at.done("kill", "voice-hints", "--reason", "drivers are startled")
    assert "All 0 processes of ours have applied it." in said
    assert "Not to be confirmed, since it never says what it has applied: a-stranger" in said


async def test_whoever_leaves_a_kill_leaves_the_flag_killed(at: Terminal) -> None:
    """Ctrl-C ends the wait with exit status 1, and says that the kill stands."""
    await at.done("target", *CREATE)
    async with watching(at.service.client, "search-1") as search:
        await search.apply()
        killing = await at.started("kill", "voice-hints", "--reason", "drivers are startled")
        await line_with(killing, "Applied by 0 of 1.")
        killing.send_signal(signal.SIGINT)
        said = await ended(killing)
        assert said.status == 1
        assert "You leave before all have confirmed; voice-hints stays killed." in said.out
        assert "Traceback" not in said.err
    assert re.search(r"voice-hints +killed", await at.done("list"))


async def test_a_store_older_than_its_callers_is_gone_on_from_by_order_only(at: Terminal) -> None:
    """Nothing is written until somebody says so; then the generation is above what callers have."""
    await at.done("target", *CREATE)
    async with watching(at.service.client, "search-1", pb.Held(generation=7, hash="f" * 64)) as search:
        await search.refusal()
        refused = await at.flags("kill", "voice-hints", "--reason", "x")
        assert refused.status == 1
        assert "backline flags adopt --reason" in refused.err
        assert "!!  " in await at.done("list")
        assert "goes on with generation 8" in await at.done("adopt", "--reason", "the disk was lost")
        assert (await search.apply()).held.generation == 8
    assert "All 2 entries are as they were written" in await at.done("verify")


async def test_the_documentation_works(surroundings: Surroundings, tmp_path: Path) -> None:
    """Every command of docs/flags.md in its order, by somebody who says yes; then its program, beside them."""
    text = await asyncio.to_thread(DOCUMENTATION.read_text)
    commands = "\n".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL))
    (program,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    async with terminal(surroundings, shipped=True) as at:
        _, evaluation = at.service.running.addresses["evaluation"].split(":")
        shell = f"set -e\n{AS_SOMEBODY_WHO_SAYS_YES.format(python=sys.executable, root=ROOT)}\n{commands}"
        for argv in (("sh", "-c", shell), (sys.executable, "-c", program.replace("8013", evaluation))):
            process = await asyncio.create_subprocess_exec(
                *argv, cwd=tmp_path, env=environment(at.home), stdin=DEVNULL, stdout=PIPE, stderr=PIPE
            )
            said = await ended(process)
            assert said.status == 0, said.err
        assert said.out in {"True\n", "False\n"}
        assert re.search("kill +voice-hints +drivers are startled", await at.done("history", "voice-hints"))


async def test_a_shipped_flag_has_words(surroundings: Surroundings) -> None:
    """What comes with Backline is listed in words without any JSON."""
    async with terminal(surroundings, shipped=True) as at:
        listed = await at.done("list")
    assert "view-results" in listed
    assert "`" not in listed


async def test_where_no_service_runs_that_is_said(tmp_path: Path) -> None:
    """One sentence, with what to do about it."""
    refused = await flags_at(tmp_path, "list")
    assert refused.status == 1
    assert refused.err.startswith("backline: No flags service runs from ")
    silent = await flags_at(tmp_path, "list", "--address", "127.0.0.1:1")
    assert silent.status == 1
    assert silent.err.endswith("(the flags service at 127.0.0.1:1)\n")
    assert "Traceback" not in silent.err
