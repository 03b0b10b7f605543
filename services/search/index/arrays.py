"""Named arrays of numbers in one file, mapped into memory: a process opens it at once, and all share its pages.

The file begins with eight bytes that tell its format and the length of the table of contents, JSON, which follows.
Then come the arrays, each at a multiple of eight, low bytes first as on every machine that this runs on.
"""

import json
import mmap
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from struct import Struct, error
from typing import TYPE_CHECKING

from services.kit.errors import Unavailable

if TYPE_CHECKING:
    from numpy import uint64
    from numpy.typing import NDArray


_HEAD = Struct("<4sI")
_MAGIC = b"bla1"
_ALIGNED = 8
_AT_ONCE_BYTES = 1 << 22


@dataclass(frozen=True, slots=True)
class Arrays:
    """The arrays of a file that is mapped."""

    by_name: Mapping[str, "memoryview[int]"]
    mapped: mmap.mmap

    def __getitem__(self, name: str) -> "memoryview[int]":
        """Return an array. Raises KeyError where the file has none of that name."""
        return self.by_name[name]

    def rest(self) -> None:
        """Hold no more of the file in memory than is used from now on."""
        self.mapped.madvise(mmap.MADV_DONTNEED)


def write_arrays(path: Path, arrays: Mapping[str, tuple[str, bytes | bytearray]]) -> None:
    """Write the arrays: by name, the letter that `memoryview` has for their type, and their bytes."""
    contents, offset = {}, 0
    for name, (code, data) in arrays.items():
        contents[name] = (code, offset, len(data))
        offset += _padded(len(data))
    table = json.dumps(contents).encode()
    table = table.ljust(_padded(len(table)))
    with path.open("wb") as file:
        file.write(_HEAD.pack(_MAGIC, len(table)) + table)
        for _, data in arrays.values():
            file.write(data)
            file.write(bytes(_padded(len(data)) - len(data)))


def narrowed(numbers: "NDArray[uint64]") -> tuple[str, bytes]:
    """Return the numbers as an array to write: of 32 bits where none needs more."""
    if numbers.size == 0 or int(numbers.max()) < 1 << 32:
        return "I", numbers.astype("uint32").tobytes()
    return "Q", numbers.tobytes()


@contextmanager
def open_arrays(path: Path) -> Generator[Arrays, None, None]:
    """Map the file for as long as the block lasts. Raises Unavailable where it is gone, cut short or another format."""
    with ExitStack() as opened:
        try:
            with path.open("rb") as file:
                mapped = opened.enter_context(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
            whole = opened.enter_context(memoryview(mapped))
            bring_in(whole)
            arrays = Arrays(_arrays(whole, opened), mapped)
        except (OSError, ValueError, TypeError, KeyError, error) as fault:
            raise Unavailable(f"{path.parent.name} is damaged: {path.name} cannot be read ({fault}).") from fault
        yield arrays


def bring_in(whole: memoryview) -> None:
    """Touch every page of a mapped file, some at a time: else the first searches would, a microsecond for each."""
    for begin in range(0, len(whole), _AT_ONCE_BYTES):
        whole[begin : begin + _AT_ONCE_BYTES : mmap.PAGESIZE].tobytes()


def _arrays(whole: memoryview, opened: ExitStack) -> "dict[str, memoryview[int]]":
    magic, table_bytes = _HEAD.unpack_from(whole)
    if magic != _MAGIC:
        raise ValueError("it is of another format")
    begin = _HEAD.size + table_bytes
    arrays: dict[str, memoryview[int]] = {}
    for name, (code, offset, size_bytes) in json.loads(bytes(whole[_HEAD.size : begin])).items():
        data = opened.enter_context(whole[begin + offset : begin + offset + size_bytes])
        if len(data) != size_bytes:
            raise ValueError("it has been cut short")
        arrays[name] = opened.enter_context(data.cast(code))
    return arrays


def _padded(size_bytes: int) -> int:
    return size_bytes + -size_bytes % _ALIGNED
