"""What lies in a folder of generations, and what is taken away from there."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.search.index.build import build
from services.search.index.generations import Golden, is_name, moment, names, read, survey, verify
from services.search.index.holding import held
from services.search.index.pointer import FILE_NAME, Pointer, read_pointer, write_pointer
from services.search.index.publish import after_newest, clear, place
from tests.search.invented import invented_documents
from tests.search.oracle import hit

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_only_what_is_to_be_kept_stays(tmp_path: Path) -> None:
    """All that is older goes, usable or not; what is newer was just put there; other folders are none of it."""
    documents = invented_documents(20, seed=1)
    doomed, kept, new = (build(documents, tmp_path, hit, source_generation=n, built_at=NOON) for n in range(3))
    (tmp_path / "delta-20260101T120000Z-0123abcd").mkdir()
    (tmp_path / "gen-of-something-else").mkdir()
    assert set(clear(tmp_path, {kept.name})) == {doomed.name, "delta-20260101T120000Z-0123abcd"}
    assert {path.name for path in tmp_path.iterdir()} == {
        kept.name,
        new.name,
        ".lock",
        ".aside",
        "gen-of-something-else",
    }


def test_a_name_to_keep_that_is_not_there_takes_nothing_along(tmp_path: Path) -> None:
    """What a process says it serves may be made up; what has just been put there is safe from that, too."""
    kept, new = (
        build(invented_documents(20, seed=1), tmp_path, hit, source_generation=n, built_at=NOON) for n in (1, 2)
    )
    assert clear(tmp_path, {kept.name, "gen-99990101T000000Z-0123abcd"}) == []
    assert survey(tmp_path).usable == (new, kept)


def test_what_somebody_holds_stays(tmp_path: Path) -> None:
    """A generation that a process has open is not taken from it; the next time it may go."""
    built = build(invented_documents(20, seed=1), tmp_path, hit, source_generation=1, built_at=NOON)
    with held(built):
        assert clear(tmp_path, ()) == []
    assert clear(tmp_path, ()) == [built.name]


def test_a_placed_generation_is_whole_and_says_what_was_learnt_of_it(tmp_path: Path) -> None:
    """It leaves the folder where it was built, and its name belongs to what its manifest says now."""
    built = build(invented_documents(20, seed=1), tmp_path / ".whole", hit, source_generation=1, built_at=NOON)
    golden = Golden(("moon",), 1.0, 0.001, "moon")
    placed = place(built, tmp_path, replace(built.manifest, golden=golden))
    verify(placed)
    assert read(tmp_path / placed.name) == placed
    assert placed.manifest.golden == golden
    assert placed.name != built.name
    assert not built.folder.exists()
    assert survey(tmp_path).usable == (placed,)


def test_a_clock_that_went_back_is_moved_behind_the_newest_name(tmp_path: Path) -> None:
    """Names sort by age whatever the clock says, deltas among them, damaged ones too."""
    assert after_newest(tmp_path, NOON) == NOON
    (tmp_path / "delta-20260101T130000Z-0123abcd").mkdir()
    assert after_newest(tmp_path, NOON) == NOON + timedelta(hours=1, seconds=1)
    assert after_newest(tmp_path, NOON + timedelta(days=1)) == NOON + timedelta(days=1)


@pytest.mark.parametrize("text", ["", "gen-", "gen-20261301T000000Z-0123abcd", "../gen-20260101T000000Z-0123abcd", "x"])
def test_what_is_no_name(tmp_path: Path, text: str) -> None:
    """Names are as strict as paths have to be, and a month has to be one."""
    assert not is_name(text)
    assert names(tmp_path) == []
    with pytest.raises(ValueError, match=r"no name|does not match"):
        moment(text)


@pytest.mark.parametrize("text", ["", "[]", '{"current": "gen"}', '{"bad": 3}', '{"bad": [], "more": 1}', "\x00"])
def test_a_damaged_pointer_says_nothing(tmp_path: Path, text: str) -> None:
    """Whoever reads it goes by the names then."""
    assert read_pointer(tmp_path) == Pointer()
    (tmp_path / FILE_NAME).write_text(text)
    assert read_pointer(tmp_path) == Pointer()


def test_a_pointer_reads_back_as_it_was_written(tmp_path: Path) -> None:
    """All of it, in one step."""
    pointer = Pointer("gen-a", "delta-a", "gen-b", "gen-c", ("gen-d",), "rolled back by hand")
    write_pointer(tmp_path, pointer)
    assert read_pointer(tmp_path) == pointer
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]
