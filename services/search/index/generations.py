"""Generations of the index: folders `gen-<utc>-<sha>` of some files and a manifest, each whole or not there at all."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from services.kit.errors import Unavailable
from services.search.index.schema import FORMAT_VERSION

MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What a file has to be."""

    size_bytes: int
    sha256: str
    """In hexadecimal."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation says about itself."""

    format_version: int
    source_generation: int
    """The catalogue's generation that it was built from."""
    built_at: datetime
    document_counts: Mapping[str, int]
    """How many documents of each kind: "track", "album", "artist"."""
    files: Mapping[str, FileFacts]
    """All of its files but the manifest, by name."""
    base: str = ""
    """The generation that a delta is read together with; empty for a whole index."""

    @property
    def size_bytes(self) -> int:
        """Return the size of all its files together."""
        return sum(facts.size_bytes for facts in self.files.values())

    @classmethod
    def of_json(cls, text: bytes) -> "Manifest":
        """Return the manifest as it was written. Raises ValueError, TypeError or KeyError where it is none."""
        fields = json.loads(text)
        files = {name: FileFacts(**facts) for name, facts in fields["files"].items()}
        built_at = datetime.fromisoformat(fields["built_at"]).astimezone(UTC)
        return cls(**{**fields, "files": files, "built_at": built_at})

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

    def path(self, name: str) -> Path:
        """Return the path of one of its files."""
        return self.folder / name


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
        text = (folder / MANIFEST).read_bytes()
        _check_format(folder, json.loads(text)["format_version"])
        generation = Generation(folder, Manifest.of_json(text))
        sizes = {name: generation.path(name).stat().st_size for name in generation.manifest.files}
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise Unavailable(f"{folder.name} is damaged: its manifest or index cannot be read ({error}).") from error
    for name, size_bytes in sizes.items():
        expected_bytes = generation.manifest.files[name].size_bytes
        if size_bytes != expected_bytes:
            raise Unavailable(f"{folder.name} is damaged: {name} has {size_bytes} bytes instead of {expected_bytes}.")
    return generation


def verify(generation: Generation) -> None:
    """Read all files whole and compare their checksums. Raises Unavailable where one differs or cannot be read."""
    for name, facts in generation.manifest.files.items():
        try:
            found = checksum(generation.path(name))
        except OSError as error:
            raise Unavailable(f"{generation.name} is damaged: {name} cannot be read ({error}).") from error
        if found != facts.sha256:
            raise Unavailable(f"{generation.name} is damaged: the checksum of {name} is not the manifest's.")


def checksum(path: Path) -> str:
    """Return the file's SHA-256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check_format(folder: Path, version: int) -> None:
    if version != FORMAT_VERSION:
        raise Unavailable(f"{folder.name} has index format {version}; this program reads {FORMAT_VERSION}.")
