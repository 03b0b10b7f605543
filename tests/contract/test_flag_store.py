"""What every FlagStore promises, whatever keeps the flags."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest

from services.flags.domain.store import MAX_GENERATION, Action, FlagStore, Held, Kept, Moved, State
from services.kit.errors import Conflict, Internal, Invalid
from services.kit.journal import NOTHING_BEFORE
from tests.contract.flag_stores import AT, STORES, Tampering, adoption, change, journal, removal, verified
from tests.postgres_server import found

ON = '{"state":"ENABLED"}'
OFF = '{"state":"DISABLED"}'


@pytest.fixture(params=STORES)
async def opened(
    request: pytest.FixtureRequest, tmp_path: Path, require: Callable[[str, bool], None]
) -> AsyncGenerator[tuple[FlagStore, Tampering], None]:
    """Return an empty store of each kind in turn, and a way past it."""
    if request.param == "postgres":
        require("postgres", found())
    async with STORES[request.param](tmp_path) as pair:
        yield pair


@pytest.fixture
def store(opened: tuple[FlagStore, Tampering]) -> FlagStore:
    """Return an empty store of each kind in turn."""
    return opened[0]


async def test_nothing_is_in_force_at_first(store: FlagStore) -> None:
    """A store that was never written to is at generation 0, with no flag, no time and no entry."""
    assert await store.state() == State()
    assert await store.generation() == 0
    assert await store.journal(0) == []
    assert await store.hash_of(0) is None
    assert await verified(store) == 0


async def test_a_write_is_an_entry_and_its_place_the_generation(store: FlagStore) -> None:
    """What is written is in force, with the number and the hash of its entry, and the time that it says."""
    entry = await store.write(change("voice", ON, expected=0))
    assert (entry.sequence, entry.previous) == (1, NOTHING_BEFORE)
    held = Held(1, entry.hash)
    assert await store.state() == State(held, AT, {"voice": Kept(ON, 1, AT)})
    assert await store.generation() == 1
    assert await store.journal(0) == [entry]
    assert await store.hash_of(1) == entry.hash


async def test_a_change_that_was_reviewed_with_less_is_not_written(store: FlagStore) -> None:
    """Whoever wrote any flag in between, the change is to be reviewed again; reviewed with all, it is written."""
    await store.write(change("voice", ON))
    reviewed = replace(change("grid", ON, expected=0), reviewed_at=1)
    await store.write(change("voice", OFF))
    with pytest.raises(Moved):
        await store.write(reviewed)
    assert await store.generation() == 2
    assert (await store.write(replace(reviewed, reviewed_at=2))).sequence == 3


async def test_a_flag_keeps_the_version_of_its_own_last_change(store: FlagStore) -> None:
    """Writing one flag makes a new generation of all, and leaves the versions of the others."""
    await store.write(change("voice", ON))
    await store.write(change("$evaluators/nordic", "true"))
    await store.write(change("voice", OFF, expected=1, action=Action.KILL))
    flags = (await store.state()).flags
    assert {key: (kept.definition, kept.version) for key, kept in flags.items()} == {
        "voice": (OFF, 3),
        "$evaluators/nordic": ("true", 2),
    }


@pytest.mark.parametrize(("key", "expected"), [("voice", 0), ("voice", 1), ("voice", 3), ("hints", 1)])
async def test_a_write_for_another_version_is_refused(store: FlagStore, key: str, expected: int) -> None:
    """Whoever has not seen a flag's last change is told its version, and nothing is written."""
    await store.write(change("voice", ON))
    await store.write(change("voice", OFF))
    before = await store.state()
    with pytest.raises(Conflict, match=key):
        await store.write(change(key, ON, expected=expected))
    assert await store.state() == before
    assert len(await journal(store)) == 2


async def test_a_write_for_any_version_is_taken(store: FlagStore) -> None:
    """An emergency need not know what it changes."""
    await store.write(change("voice", ON))
    await store.write(change("voice", OFF, expected=None, action=Action.KILL))
    assert (await store.state()).flags["voice"].definition == OFF


async def test_of_two_writes_for_one_version_one_is_taken(store: FlagStore) -> None:
    """Two who change the same flag at once cannot both be right: one is refused."""
    outcomes = await asyncio.gather(
        store.write(change("voice", ON, expected=0)),
        store.write(change("voice", OFF, expected=0)),
        return_exceptions=True,
    )
    assert sorted(isinstance(outcome, Conflict) for outcome in outcomes) == [False, True]
    assert await store.generation() == 1


async def test_writes_at_once_are_numbered_without_a_gap(store: FlagStore) -> None:
    """However many write at once, each makes a generation of its own, and the chain holds."""
    entries = await asyncio.gather(*(store.write(change(f"flag-{number}")) for number in range(12)))
    assert sorted(entry.sequence for entry in entries) == list(range(1, 13))
    assert await verified(store) == 12


async def test_a_state_is_of_one_moment(store: FlagStore) -> None:
    """However a read meets writes, no state holds a flag that is newer than its generation, or lacks the newest."""

    async def write() -> None:
        for number in range(30):
            await store.write(change("even" if number % 2 else "odd"))

    async with asyncio.TaskGroup() as group:
        writing = group.create_task(write())
        while not writing.done():
            state = await store.state()
            newest = max((kept.version for kept in state.flags.values()), default=0)
            assert newest == state.held.generation
            await asyncio.sleep(0)


async def test_a_removed_flag_is_gone_and_its_entries_stay(store: FlagStore) -> None:
    """A removal makes a generation without the flag, leaves all others as they are, and is an entry like any other."""
    await store.write(change("voice", ON))
    kept = await store.write(change("hints", OFF))
    removed = await store.write(removal("voice", expected=1))
    assert await store.state() == State(Held(3, removed.hash), AT, {"hints": Kept(OFF, kept.sequence, AT)})
    assert [(entry.record.action, entry.record.detail) for entry in await journal(store, "voice")] == [
        ("put", ON),
        ("remove", ""),
    ]
    assert await verified(store) == 3


async def test_a_removed_key_is_given_anew(store: FlagStore) -> None:
    """Whoever still means the flag that was there is refused; a new one has a version that none had before."""
    await store.write(change("voice", ON))
    await store.write(removal("voice", expected=1))
    for late in (change("voice", OFF, expected=1), removal("voice", expected=1)):
        with pytest.raises(Conflict, match="voice is not there"):
            await store.write(late)
    await store.write(change("voice", OFF, expected=0))
    assert (await store.state()).flags == {"voice": Kept(OFF, 3, AT)}
    assert await verified(store) == 3


async def test_a_flag_that_has_changed_is_not_removed(store: FlagStore) -> None:
    """Whoever removes one has seen its last change."""
    await store.write(change("voice", ON))
    await store.write(change("voice", OFF))
    with pytest.raises(Conflict, match="voice is at version 2"):
        await store.write(removal("voice", expected=1))
    assert (await store.state()).flags["voice"].definition == OFF


async def test_an_adoption_goes_on_above_what_is_known_elsewhere(store: FlagStore) -> None:
    """It leaves every flag as it is, at a generation as high as asked for, from where writes then go on."""
    await store.write(change("voice", ON))
    adopted = await store.write(adoption(at_least=40))
    assert adopted.sequence == 40
    assert await store.state() == State(Held(40, adopted.hash), AT, {"voice": Kept(ON, 1, AT)}, adopted=40)
    assert (await store.write(change("voice", OFF, expected=1))).sequence == 41
    assert (await store.state()).adopted == 40
    assert await store.hash_of(39) is None
    assert await verified(store) == 3


async def test_an_adoption_never_goes_back(store: FlagStore) -> None:
    """One that asks for less than there is comes next all the same."""
    for _ in range(3):
        await store.write(change())
    assert (await store.write(adoption(at_least=2))).sequence == 4


async def test_the_last_generation_there_is(store: FlagStore) -> None:
    """A store counts as far as it can, says where that ends, and takes no number above for a generation."""
    await store.write(adoption(at_least=MAX_GENERATION))
    assert await store.generation() == MAX_GENERATION
    with pytest.raises(Invalid, match=str(MAX_GENERATION)):
        await store.write(change())
    assert await store.generation() == MAX_GENERATION
    assert await store.hash_of(2**64 - 1) is None
    assert await store.journal(2**64 - 1) == []


async def test_the_journal_is_read_in_parts(store: FlagStore) -> None:
    """Each part begins behind the last, is bounded, and all of them together are everything, in order."""
    written = [await store.write(change(f"flag-{number % 3}", f"[{number}]")) for number in range(450)]
    assert len(await store.journal(0)) < 450
    assert await journal(store) == written
    assert await store.journal(448) == written[448:]
    assert await store.journal(450) == []
    assert await verified(store) == 450


async def test_the_journal_of_one_flag(store: FlagStore) -> None:
    """With a key only what concerns that flag is read; none for one that nobody wrote, whatever its key holds."""
    written = [await store.write(change(f"flag-{number % 2}", f"[{number}]")) for number in range(6)]
    assert await journal(store, "flag-1") == written[1::2]
    assert await store.journal(2, "flag-1") == [written[3], written[5]]
    assert await store.journal(0, "flag") == []
    assert await store.journal(0, "flag-1\0") == []


async def test_definitions_are_kept_to_the_letter(store: FlagStore) -> None:
    """Whatever characters a definition is made of, and however long it is, it comes back the same."""
    definition = '{"variants":{"\\u0000":"%s ? \' \u00e5\U0001f697\u2028"}}' + " " * 200_000
    entry = await store.write(replace(change(), record=replace(change().record, detail=definition, reason="\u00e5 %s")))
    assert (await store.state()).flags["voice"].definition == definition
    assert await store.journal(0) == [entry]
    assert await verified(store) == 1


async def test_followers_wake_at_once_and_after_each_write(store: FlagStore) -> None:
    """One that begins to follow looks once, and again after what is written, however often while it is busy."""
    async with aclosing(store.changes()) as changes:
        await anext(changes)
        for number in range(3):
            await store.write(change(f"flag-{number}"))
        while True:
            await anext(changes)
            if await store.generation() == 3:
                break


async def test_every_follower_wakes(store: FlagStore) -> None:
    """No follower takes a wake from another."""
    async with aclosing(store.changes()) as one, aclosing(store.changes()) as other:
        await asyncio.gather(anext(one), anext(other))
        await store.write(change())
        await asyncio.gather(anext(one), anext(other))


async def test_servers_see_each_others_rosters(store: FlagStore) -> None:
    """What each server shared last is shown to all, by server, and wakes those who wait for it."""
    async with aclosing(store.roster_changes()) as changes:
        await anext(changes)
        await store.share_roster("one", '{"old":true}')
        await store.share_roster("one", '{"edge":[1]}')
        await store.share_roster("other", "{}")
        while True:
            await anext(changes)
            if await store.rosters() == {"one": '{"edge":[1]}', "other": "{}"}:
                break


TAMPERED = (
    "UPDATE journal SET at = replace(at, '05.678', '05.679') WHERE sequence = 2",
    "UPDATE journal SET actor = 'opt' WHERE sequence = 2",
    "UPDATE journal SET action = 'pot' WHERE sequence = 2",
    "UPDATE journal SET subject = 'flag-3' WHERE sequence = 2",
    "UPDATE journal SET reason = 'a season' WHERE sequence = 2",
    "UPDATE journal SET previous = replace(previous, 'a', 'b') WHERE sequence = 2",
    "UPDATE journal SET hash = replace(hash, 'a', 'b') WHERE sequence = 2",
    "UPDATE journal SET detail = '[9]' WHERE sequence = 2",
    "UPDATE journal SET sequence = 7 WHERE sequence = 2",
    "DELETE FROM journal WHERE sequence = 2",
    "DELETE FROM journal WHERE sequence = 3",
    "UPDATE flag SET key = 'flag-9' WHERE key = 'flag-1'",
    "UPDATE flag SET definition = '[9]' WHERE key = 'flag-1'",
    "UPDATE flag SET version = 2 WHERE key = 'flag-1'",
    "UPDATE flag SET changed_at = replace(changed_at, '05.678', '05.679') WHERE key = 'flag-1'",
    "DELETE FROM flag WHERE key = 'flag-1'",
    "INSERT INTO flag SELECT 'flag-9', definition, version, changed_at FROM flag WHERE key = 'flag-1'",
)
"""Each changes one byte, one number or one row."""
UNDONE = """
DELETE FROM journal; INSERT INTO journal SELECT * FROM journal_before;
DELETE FROM flag; INSERT INTO flag SELECT * FROM flag_before
"""


@pytest.fixture(params=["sqlite", "postgres"])
async def written(
    request: pytest.FixtureRequest, tmp_path: Path, require: Callable[[str, bool], None]
) -> AsyncGenerator[tuple[FlagStore, Tampering], None]:
    """Return a store of each kind that has tables, with three entries in it, and a way past it."""
    if request.param == "postgres":
        require("postgres", found())
    async with STORES[request.param](tmp_path) as (store, tamper):
        for number in range(1, 4):
            await store.write(change(f"flag-{number}", f"[{number}]"))
        yield store, tamper


async def test_a_changed_byte_is_found(written: tuple[FlagStore, Tampering]) -> None:
    """Whatever anybody changes in the tables past the store, verification says so; and says nothing once it is undone.

    Only an entry cut off the end together with what it led to goes unnoticed: callers, who have its hash, notice that.
    """
    store, tamper = written
    tamper("CREATE TABLE journal_before AS SELECT * FROM journal; CREATE TABLE flag_before AS SELECT * FROM flag")
    for statement in TAMPERED:
        tamper(statement)
        with pytest.raises(Internal):
            await verified(store)
        tamper(UNDONE)
        assert await verified(store) == 3


async def test_a_removed_flag_that_comes_back_is_found(written: tuple[FlagStore, Tampering]) -> None:
    """What was removed can be in force again only by an entry that says so."""
    store, tamper = written
    tamper("CREATE TABLE flag_before AS SELECT * FROM flag")
    await store.write(removal("flag-2"))
    assert await verified(store) == 4
    tamper("INSERT INTO flag SELECT * FROM flag_before WHERE key = 'flag-2'")
    with pytest.raises(Internal, match="flag-2:"):
        await verified(store)


async def test_verification_names_what_differs(written: tuple[FlagStore, Tampering]) -> None:
    """Whoever verifies is told which entry was changed, or else which flags are not what their entries say."""
    store, tamper = written
    tamper("UPDATE flag SET definition = '[9]' WHERE key = 'flag-2'")
    with pytest.raises(Internal, match="flag-2:"):
        await verified(store)
    tamper("UPDATE journal SET reason = 'a season' WHERE sequence = 3")
    with pytest.raises(Internal, match="Entry 3 "):
        await verified(store)
