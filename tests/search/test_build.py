"""Building: whole or not at all, ordered by popularity, one builder at a time."""

import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.kit.clock import SystemClock
from services.kit.errors import Conflict, Unavailable
from services.search.domain.candidates.index import Window
from services.search.domain.candidates.reading import Reading
from services.search.domain.document import Document, Kind
from services.search.domain.query import Query
from services.search.index.build import build, building
from services.search.index.generations import MANIFEST, Generation, checksum, survey, verify
from services.search.index.reader import open_index
from tests.search.invented import invented_documents
from tests.search.oracle import hit, ids

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
ROOT = Path(__file__).parents[2]


def track(number: int, popularity: int) -> Document:
    """Return a track whose title every other of these shares."""
    return Document(Kind.TRACK, f"inv:{number}", "Moon", popularity=popularity)


def found(generation: Generation, typed: str = "moon") -> list[str]:
    """Return the ids of all that a generation finds, most popular first."""
    query = Query.of(typed)
    with open_index(generation, SystemClock().monotonic) as index:
        reading = Reading.literal(query.text, query.tokens)
        return ids(index, index.find(reading, query.filters, Window(limit=1_000)))


def test_documents_come_in_any_order_and_portions(tmp_path: Path) -> None:
    """The index is in the order of popularity, equals in the order of arrival, however it was fed."""
    popularities = [3, 9, 0, 9, 2**64 - 1, 3, 2**63, 1]
    tracks = [track(number, popularity) for number, popularity in enumerate(popularities)]
    with building(tmp_path, hit) as under_way:
        under_way.add(tracks[:3])
        under_way.add(iter(tracks[3:]))
        under_way.add([])
        generation = under_way.publish(source_generation=1, built_at=NOON)
    assert found(generation) == [f"inv:{number}" for number in (4, 6, 1, 3, 0, 5, 7, 2)]


def test_a_generation_describes_itself(tmp_path: Path) -> None:
    """The manifest has what was asked, counted and measured, and reads back as it was written."""
    documents = [track(1, 1), track(2, 2), Document(Kind.ARTIST, "inv:a", "Nightbus")]
    built = build(documents, tmp_path, hit, source_generation=42, built_at=NOON + timedelta(microseconds=5))
    assert built.name.startswith("gen-20260101T120000Z-")
    assert built.name.endswith(checksum(built.path(MANIFEST))[:8])
    assert (built.manifest.source_generation, built.manifest.built_at) == (42, NOON)
    assert built.manifest.document_counts == {"track": 2, "artist": 1}
    assert built.manifest.size_bytes == sum(built.path(name).stat().st_size for name in built.manifest.files)
    assert survey(tmp_path).usable == (built,)
    verify(built)


def test_the_same_documents_make_the_same_index(tmp_path: Path) -> None:
    """A build has no chance in it: the checksum tells whether two machines serve the same."""
    documents = invented_documents(200, seed=3)
    one = build(documents, tmp_path / "one", hit, source_generation=1, built_at=NOON)
    other = build(documents, tmp_path / "other", hit, source_generation=1, built_at=NOON)
    assert one.manifest == other.manifest


def test_an_empty_catalogue_has_an_empty_index(tmp_path: Path) -> None:
    """Nothing to find is no error."""
    assert found(build([], tmp_path, hit, source_generation=0, built_at=NOON)) == []


def test_a_clock_that_went_back_does_not_hide_the_newest(tmp_path: Path) -> None:
    """A later build is newer by its name, whatever the clock says."""
    build([track(1, 1)], tmp_path, hit, source_generation=1, built_at=NOON)
    later = build([track(1, 1)], tmp_path, hit, source_generation=2, built_at=NOON - timedelta(days=1))
    assert survey(tmp_path).newest == later


def test_one_builds_at_a_time(tmp_path: Path) -> None:
    """A second builder is told so at once and harms nothing."""
    with building(tmp_path, hit) as first:
        first.add([track(1, 1)])
        with pytest.raises(Conflict, match="Another process is building"), building(tmp_path, hit):
            pass
        assert found(first.publish(source_generation=1, built_at=NOON)) == ["inv:1"]


def test_a_build_given_up_leaves_nothing(tmp_path: Path) -> None:
    """What was not published is removed, and the next can build."""
    with building(tmp_path, hit) as under_way:
        under_way.add([track(1, 1)])
    assert not survey(tmp_path).usable
    assert [path.name for path in tmp_path.iterdir()] == [".lock"]


def test_a_build_given_up_waits_for_its_thread(tmp_path: Path) -> None:
    """Closing while another thread still adds lets that call end first."""
    started, given_up = threading.Event(), threading.Event()

    def slow() -> Iterator[Document]:
        yield track(1, 1)
        started.set()
        given_up.wait()
        yield track(2, 2)

    with building(tmp_path, hit) as under_way:
        adding = threading.Thread(target=under_way.add, args=[slow()])
        adding.start()
        started.wait()
        given_up.set()
    adding.join()
    assert not survey(tmp_path).usable


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """One sentence says what is wrong."""
    (tmp_path / "file").touch()
    with pytest.raises(Unavailable, match=r"The index cannot be written: .*file"), building(tmp_path / "file", hit):
        pass


def test_killed_at_any_moment_nothing_half_written_is_ever_seen(tmp_path: Path) -> None:
    """Whenever a builder is killed, every generation that can be seen is whole, and the next build clears up."""
    moments = random.Random(11)  # noqa: S311 - moments, not secrets
    for _ in range(6):
        command = [sys.executable, "-m", "tests.search.endless_build", str(tmp_path)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:  # noqa: S603 - our own program
            assert process.stdout
            assert process.stdout.readline() == b"building\n"
            time.sleep(moments.uniform(0, 0.15))
            process.kill()
        holding = survey(tmp_path)
        assert holding.refused == ()
        for generation in holding.usable:
            verify(generation)
    last = build([track(1, 1)], tmp_path, hit, source_generation=1, built_at=NOON + timedelta(days=999))
    assert survey(tmp_path).newest == last
    assert {path.name for path in tmp_path.glob(".*")} == {".lock"}
