"""Arrays in a file: what was written is what is read, and a damaged file is refused in one sentence."""

from array import array
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kit.errors import Unavailable
from services.search.domain.document import Document, Kind
from services.search.index.arrays import open_arrays, write_arrays
from services.search.index.build import build
from services.search.index.reader import open_index
from tests.search.oracle import hit

Damage = Callable[[bytes], bytes]
DAMAGES: dict[str, Damage] = {
    "empty": lambda _: b"",
    "head only": lambda data: data[:6],
    "table cut": lambda data: data[:20],
    "last byte cut": lambda data: data[:-8],
    "other format": lambda data: b"xxxx" + data[4:],
    "table garbled": lambda data: data[:8] + b"\xff" * 20 + data[28:],
}


@given(numbers=st.lists(st.integers(0, 2**32 - 1)), long=st.lists(st.integers(0, 2**64 - 1)), text=st.binary())
def test_arrays_are_read_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, numbers: list[int], long: list[int], text: bytes
) -> None:
    """Numbers of any width come back, and as many."""
    path = tmp_path_factory.mktemp("arrays") / "arrays.bin"
    arrays = {"numbers": ("I", array("I", numbers).tobytes()), "long": ("Q", array("Q", long).tobytes())}
    write_arrays(path, {**arrays, "text": ("B", text)})
    with open_arrays(path) as read:
        assert (list(read["numbers"]), list(read["long"]), bytes(read["text"])) == (numbers, long, text)


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_file_is_refused(tmp_path: Path, damage: Damage) -> None:
    """A file that is cut short or garbled is named, and never half read."""
    path = tmp_path / "arrays.bin"
    write_arrays(path, {"numbers": ("I", array("I", range(100)).tobytes())})
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(Unavailable, match=r"is damaged: arrays\.bin cannot be read"), open_arrays(path):
        pass


@pytest.mark.parametrize("name", ["lexicon.bin", "titles.bin", "features.bin", "hits.bin", "index.db"])
@pytest.mark.parametrize("damage", [b"", b"garbage " * 1_000, None], ids=["empty", "garbage", "gone"])
def test_an_index_with_a_damaged_file_is_refused(tmp_path: Path, name: str, damage: bytes | None) -> None:
    """Whichever file it is, the index is not served and the sentence says which."""
    documents = [Document(Kind.TRACK, "inv:1", "Moon")]
    generation = build(documents, tmp_path, hit, source_generation=1, built_at=datetime(2026, 1, 1, tzinfo=UTC))
    generation.path(name).unlink()
    if damage is not None:
        generation.path(name).write_bytes(damage)
    with pytest.raises(Unavailable, match=generation.name), open_index(generation, lambda: 0.0):
        pass


def test_an_index_without_one_of_its_arrays_is_refused(tmp_path: Path) -> None:
    """A file that is sound but holds something else is no lexicon."""
    documents = [Document(Kind.TRACK, "inv:1", "Moon")]
    generation = build(documents, tmp_path, hit, source_generation=1, built_at=datetime(2026, 1, 1, tzinfo=UTC))
    write_arrays(generation.path("lexicon.bin"), {"letters": ("B", b"moon")})
    with pytest.raises(Unavailable, match="lacks the array 'ends'"), open_index(generation, lambda: 0.0):
        pass
