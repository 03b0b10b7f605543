"""The journal's chain: what it keeps, and what it notices."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from services.kit.errors import Internal
from services.kit.journal import NOTHING_BEFORE, Entry, Record, linked, moment, verify

RECORD = Record(datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC), "ops", "stop", "door 3", "it is on fire")


def chain(length: int = 4) -> list[Entry]:
    """Return a journal of so many entries."""
    entries: list[Entry] = []
    for number in range(length):
        entries.append(linked(entries[-1] if entries else None, replace(RECORD, subject=f"door {number}")))
    return entries


def test_entries_count_from_one_and_hold_the_hash_before() -> None:
    """Each entry follows the one before it, and the first one follows nothing."""
    entries = chain()
    assert [entry.sequence for entry in entries] == [1, 2, 3, 4]
    assert [entry.previous for entry in entries] == [NOTHING_BEFORE, *(entry.hash for entry in entries[:-1])]
    assert verify(entries) == 4
    assert verify([]) == 0


@pytest.mark.parametrize("part", range(4))
def test_a_changed_record_is_noticed(part: int) -> None:
    """Whichever part of a record is changed, verification names that entry."""
    entries = chain()
    record = entries[1].record
    texts = [record.actor, record.action, record.subject, record.reason]
    texts[part] += " "
    entries[1] = replace(entries[1], record=Record(record.at, *texts))
    with pytest.raises(Internal, match="Entry 2"):
        verify(entries)


def test_a_changed_time_is_noticed() -> None:
    """A microsecond is enough; the same moment in another time zone is the same."""
    first, *_ = chain()
    with pytest.raises(Internal):
        verify([replace(first, record=replace(first.record, at=RECORD.at + timedelta(microseconds=1)))])
    elsewhere = RECORD.at.astimezone(timezone(timedelta(hours=5)))
    assert verify([replace(first, record=replace(first.record, at=elsewhere))]) == 1
    assert moment(elsewhere) == "2026-01-02T03:04:05.678901+00:00"


@pytest.mark.parametrize("order", [[1, 2, 3], [0, 2, 3], [0, 1, 1, 2, 3], [1, 0, 2, 3]])
def test_entries_taken_out_or_put_in_are_noticed(order: list[int]) -> None:
    """A journal that lost its beginning, lost one between, has one twice or two exchanged does not verify."""
    entries = chain()
    with pytest.raises(Internal):
        verify(entries[number] for number in order)


def test_forging_one_entry_breaks_the_next() -> None:
    """A changed entry with a hash made to fit is noticed at the entry behind it."""
    entries = chain()
    entries[1] = linked(entries[0], replace(RECORD, reason="never mind"))
    with pytest.raises(Internal, match="Entry 3"):
        verify(entries)


def test_where_one_part_ends_and_the_next_begins_counts() -> None:
    """The same characters shared out otherwise among the parts give another hash."""
    one, other = (linked(None, replace(RECORD, actor=a, action=b)) for a, b in [("ab", "c"), ("a", "bc")])
    assert one.hash != other.hash


def test_details_and_gaps_are_part_of_the_chain() -> None:
    """A record may bring a detail and an entry may leave places out, and a change of either is noticed."""
    first = linked(None, replace(RECORD, detail="shut"))
    entries = [first, linked(first, RECORD, at_least=9)]
    assert [entry.sequence for entry in entries] == [1, 9]
    assert verify(entries) == 2
    for forged in (
        [replace(first, record=replace(first.record, detail="open")), entries[1]],
        [first, replace(entries[1], sequence=8)],
        [replace(first, sequence=10), entries[1]],
    ):
        with pytest.raises(Internal):
            verify(forged)


def test_a_place_that_is_taken_is_not_gone_back_to() -> None:
    """`at_least` below the next place changes nothing."""
    first = linked(None, RECORD, at_least=5)
    assert linked(first, RECORD, at_least=3).sequence == 6
