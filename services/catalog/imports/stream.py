"""Reads a file of any size in bounded parts: bytes, plain or compressed by Zstandard, and the text they stand for."""

import codecs
import sys
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import IncrementalNewlineDecoder
from pathlib import Path
from typing import BinaryIO

from services.kit.errors import Invalid

if sys.version_info >= (3, 14):
    from compression.zstd import ZstdError, ZstdFile
else:
    from backports.zstd import ZstdError, ZstdFile

CHUNK_BYTES = 256 * 1024
UNREADABLE = "\ud800"
"""Stands for bytes that are not text in the encoding: a lone surrogate, which no catalogue takes."""

_MAGIC = b"\x28\xb5\x2f\xfd"
"""What a Zstandard frame begins with: a file is what it holds, not what it is called."""
_OTHERS: Mapping[bytes, str] = {
    b"\x1f\x8b": "compressed by gzip; unpack it by gunzip first",
    b"\xfd7zXZ\x00": "compressed by xz; unpack it by unxz first",
    b"PK\x03\x04": "a ZIP archive or a spreadsheet; unpack it, or save the table as CSV",
    b"\xd0\xcf\x11\xe0": "a spreadsheet; save the table as CSV",
}
"""What files begin with that people take for tables."""
_TAR, _TAR_AT = b"ustar", 257
_MARK_UNREADABLE = "backline-unreadable"


@dataclass(slots=True)
class Meter:
    """How many bytes of files have been read, as they lie on the disk."""

    read_bytes: int = 0


def size_bytes(path: Path) -> int:
    """Return the size of the file on the disk. Raises Invalid where there is no such file."""
    with _readable(path):
        size = path.stat().st_size
    if not path.is_file():
        raise Invalid(f"{path} is not a file.")
    return size


def chunks(path: Path, meter: Meter) -> Generator[bytes, None, None]:
    """Yield the file's bytes, decompressed where they are compressed. Raises Invalid where they are no table's."""
    before = meter.read_bytes
    with _readable(path), path.open("rb") as file, _content(file) as content:
        while chunk := content.read(CHUNK_BYTES):
            if meter.read_bytes == before:
                _check_is_no_other(path, chunk)
            meter.read_bytes = before + file.tell()
            yield chunk


def text(parts: Iterable[bytes], encoding: str) -> Iterator[str]:
    r"""Yield the bytes as text with line ends that are all \n, and UNREADABLE for what is not text."""
    codecs.register_error(_MARK_UNREADABLE, _unreadable)
    decoder = IncrementalNewlineDecoder(codecs.getincrementaldecoder(encoding)(_MARK_UNREADABLE), translate=True)
    for part in parts:
        yield decoder.decode(part)
    yield decoder.decode(b"", final=True)


def _unreadable(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return UNREADABLE, error.end


def _check_is_no_other(path: Path, beginning: bytes) -> None:
    what = next((what for magic, what in _OTHERS.items() if beginning.startswith(magic)), "")
    if beginning.startswith(_TAR, _TAR_AT):
        what = "a tar archive; unpack it, and name the file in it"
    if what:
        raise Invalid(f"{path} is {what}.")


def _content(file: BinaryIO) -> BinaryIO | ZstdFile:
    compressed = file.read(len(_MAGIC)) == _MAGIC
    file.seek(0)
    return ZstdFile(file) if compressed else file


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror}.") from error
    except (ZstdError, EOFError) as error:
        raise Invalid(f"{path} is compressed, and cut off or damaged.") from error
