"""Generations on disk: what cannot be used is refused in one sentence, and the rest serves on."""

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.kit.clock import SystemClock
from services.kit.errors import Unavailable
from services.search.index.build import build
from services.search.index.generations import Generation, read, survey, verify
from services.search.index.reader import open_index
from services.search.index.schema import FORMAT_VERSION
from tests.search.invented import invented_documents
from tests.search.oracle import hit


@pytest.fixture
def generation(tmp_path: Path) -> Generation:
    """Return a good generation to spoil."""
    documents = invented_documents(300, seed=2)
    return build(documents, tmp_path, hit, source_generation=1, built_at=datetime(2026, 1, 1, tzinfo=UTC))


def cut_short(generation: Generation) -> None:
    """Take the end off the index file."""
    index = generation.path("index.db").read_bytes()
    generation.path("index.db").write_bytes(index[: len(index) // 2])


def lose_index(generation: Generation) -> None:
    """Remove the index file."""
    generation.path("index.db").unlink()


def lose_manifest(generation: Generation) -> None:
    """Remove the manifest."""
    (generation.folder / "manifest.json").unlink()


def write_manifest(text: str) -> Callable[[Generation], None]:
    """Return what puts a text in the manifest's place."""

    def spoil(generation: Generation) -> None:
        (generation.folder / "manifest.json").write_text(text, encoding="utf-8")

    return spoil


def change_manifest(**changes: object) -> Callable[[Generation], None]:
    """Return what changes fields of the manifest."""

    def spoil(generation: Generation) -> None:
        path = generation.folder / "manifest.json"
        path.write_text(json.dumps(json.loads(path.read_bytes()) | changes), encoding="utf-8")

    return spoil


UNREADABLE = r"gen-\S+ is damaged: its manifest or index cannot be read"
SPOILT = {
    "index-cut-short": (cut_short, r"gen-\S+ is damaged: index.db has \d+ bytes instead of \d+\."),
    "index-lost": (lose_index, UNREADABLE),
    "manifest-lost": (lose_manifest, UNREADABLE),
    "manifest-empty": (write_manifest(""), UNREADABLE),
    "manifest-a-list": (write_manifest("[]"), UNREADABLE),
    "manifest-too-short": (write_manifest(f'{{"format_version": {FORMAT_VERSION}}}'), UNREADABLE),
    "moment-not-one": (change_manifest(built_at="yesterday"), UNREADABLE),
    "format-unknown": (
        change_manifest(format_version=99, new="?"),
        rf"gen-\S+ has index format 99; this program reads {FORMAT_VERSION}\.",
    ),
}


@pytest.mark.parametrize(("spoil", "sentence"), SPOILT.values(), ids=SPOILT)
def test_what_cannot_be_used_is_refused(
    generation: Generation, spoil: Callable[[Generation], None], sentence: str
) -> None:
    """Damage and unknown formats are said in one sentence that names the generation."""
    spoil(generation)
    with pytest.raises(Unavailable, match=sentence):
        read(generation.folder)
    holding = survey(generation.folder.parent)
    assert (holding.usable, holding.newest, len(holding.refused)) == ((), None, 1)


def test_a_spoilt_generation_does_not_hide_the_one_before(generation: Generation, tmp_path: Path) -> None:
    """The newest usable one is found behind a newer one that is damaged."""
    newer = tmp_path / "gen-20270101T000000Z-ffffffff"
    shutil.copytree(generation.folder, newer)
    cut_short(Generation(newer, generation.manifest))
    holding = survey(tmp_path)
    assert holding.newest == generation
    assert len(holding.refused) == 1


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    """A first start is no error."""
    assert survey(tmp_path / "nowhere").newest is None


def test_a_flipped_byte_shows_in_the_checksum(generation: Generation) -> None:
    """A damage that keeps the size passes the cheap check and fails the full one."""
    verify(generation)
    index = bytearray(generation.path("index.db").read_bytes())
    index[len(index) // 2] ^= 0xFF
    generation.path("index.db").write_bytes(index)
    read(generation.folder)
    with pytest.raises(Unavailable, match="checksum"):
        verify(generation)


def test_a_file_that_is_no_index_is_not_opened(generation: Generation) -> None:
    """Opening tries the index once, so that what is no index is refused before it serves."""
    generation.path("index.db").write_bytes(b"?" * generation.manifest.size_bytes)
    with pytest.raises(Unavailable, match="cannot be opened"), open_index(generation, SystemClock().monotonic):
        pass


def test_a_generation_that_is_gone_is_not_opened(generation: Generation) -> None:
    """A builder may remove what a search process was about to open."""
    lose_index(generation)
    with pytest.raises(Unavailable, match="cannot be opened"), open_index(generation, SystemClock().monotonic):
        pass


def test_an_open_generation_outlives_its_removal(generation: Generation) -> None:
    """A builder may remove what a search process still reads."""
    with open_index(generation, SystemClock().monotonic) as index:
        shutil.rmtree(generation.folder)
        assert index.generation == generation
