"""Generations of the index: folders `gen-<utc>-<sha>` of {index.db, manifest.json}, each whole or not there at all."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from services.kit.errors import Unavailable
from services.search.index.schema import FORMAT_VERSION


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation says about itself."""

    format_version: int
    source_generation: int
    """The catalogue's generation that it was built from."""
    built_at: datetime
    document_counts: Mapping[str, int]
    """How many documents of each kind: "track", "album", "artist"."""
    size_bytes: int
    sha256: str
    """Of index.db, in hexadecimal."""

    def to_json(self) -> str:
        """Return the manifest as it is written."""
        return json.dumps(asdict(self), indent=2, default=datetime.isoformat) + "\n"


@dataclass(frozen=True, slots=True)
class Generation:
    """One generation on disk."""

    folder: Path
    manifest: Manifest

    @property
    def name(self) -> str:
        """Return the name that answers and page tokens carry. Names sort by age."""
        return self.folder.name

    @property
    def index_path(self) -> Path:
        """Return the path of the index file."""
        return self.folder / "index.db"


@dataclass(frozen=True, slots=True)
class Survey:
    """What a folder of generations holds."""

    usable: tuple[Generation, ...]
    """Newest first."""
    refused: tuple[str, ...] = ()
    """Why the others cannot be used, a sentence each."""

    @property
    def newest(self) -> Generation | None:
        """Return the newest usable generation."""
        return self.usable[0] if self.usable else None


def survey(folder: Path) -> Survey:
    """Return the generations in the folder; a folder that is not there holds none."""
    usable, refused = [], []
    for candidate in sorted(folder.glob("gen-*"), reverse=True):
        try:
            usable.append(read(candidate))
        except Unavailable as failure:
            if candidate.exists():  # else a builder has just cleared it up
                refused.append(str(failure))
    return Survey(tuple(usable), tuple(refused))


def read(folder: Path) -> Generation:
    """Return the generation in its folder after a cheap check. Raises Unavailable where it cannot be used."""
    try:
        fields = json.loads((folder / "manifest.json").read_bytes())
        _check_format(folder, fields["format_version"])
        built_at = datetime.fromisoformat(fields["built_at"]).astimezone(UTC)
        generation = Generation(folder, Manifest(**{**fields, "built_at": built_at}))
        size_bytes = generation.index_path.stat().st_size
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise Unavailable(f"{folder.name} is damaged: its manifest or index cannot be read ({error}).") from error
    expected_bytes = generation.manifest.size_bytes
    if size_bytes != expected_bytes:
        raise Unavailable(f"{folder.name} is damaged: index.db has {size_bytes} bytes instead of {expected_bytes}.")
    return generation


def verify(generation: Generation) -> None:
    """Read the whole index file and compare its checksum. Raises Unavailable where it differs."""
    if checksum(generation.index_path) != generation.manifest.sha256:
        raise Unavailable(f"{generation.name} is damaged: the checksum of index.db is not the manifest's.")


def checksum(path: Path) -> str:
    """Return the file's SHA-256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check_format(folder: Path, version: int) -> None:
    if version != FORMAT_VERSION:
        raise Unavailable(f"{folder.name} has index format {version}; this program reads {FORMAT_VERSION}.")
