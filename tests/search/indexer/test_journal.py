"""The indexer's journal: what was acknowledged stays, what was changed shows."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.kit.errors import Internal, Unavailable
from services.kit.journal import NOTHING_BEFORE, Record
from services.search.indexer.journal import FILE_NAME, JournalFile

NOON = datetime(2026, 1, 1, 12, 0, 0, 7, tzinfo=UTC)


def record(number: int) -> Record:
    """Return what somebody did."""
    return Record(NOON, "ops", "rollback", f"gen-{number}", "results\nwere\u2028wrong")


def test_entries_read_back_in_their_order(tmp_path: Path) -> None:
    """Each holds the hash of the one before, across restarts."""
    assert JournalFile(tmp_path).entries() == []
    written = [JournalFile(tmp_path).append(record(number)) for number in range(3)]
    assert JournalFile(tmp_path).entries() == written
    assert [entry.record for entry in written] == [record(number) for number in range(3)]
    assert [entry.previous for entry in written] == [NOTHING_BEFORE, written[0].hash, written[1].hash]


def test_a_line_cut_short_is_no_entry_and_gives_way(tmp_path: Path) -> None:
    """A crash in the middle of writing costs what was not acknowledged, and nothing after it."""
    first = JournalFile(tmp_path).append(record(1))
    JournalFile(tmp_path).append(record(2))
    path = tmp_path / FILE_NAME
    path.write_bytes(path.read_bytes()[:-10])
    assert JournalFile(tmp_path).entries() == [first]
    third = JournalFile(tmp_path).append(record(3))
    assert JournalFile(tmp_path).entries() == [first, third]


@pytest.mark.parametrize(
    ("old", "new"), [(b"ops", b"spo"), (b"gen-1", b"gen-7"), (b'"sequence": 1', b'"sequence": "1"'), (b"{", b"[")]
)
def test_what_was_changed_is_found(tmp_path: Path, old: bytes, new: bytes) -> None:
    """Nothing is added to a journal that is not what was written."""
    for number in range(3):
        JournalFile(tmp_path).append(record(number))
    path = tmp_path / FILE_NAME
    path.write_bytes(path.read_bytes().replace(old, new, 1))
    with pytest.raises(Internal):
        JournalFile(tmp_path).entries()
    with pytest.raises(Internal):
        JournalFile(tmp_path).append(record(4))


def test_a_disk_that_takes_nothing_is_one_sentence(tmp_path: Path) -> None:
    """Whoever asked hears that nothing was recorded."""
    with pytest.raises(Unavailable, match="cannot be used"):
        JournalFile(tmp_path / "nowhere").append(record(1))
