"""Generations of the index: folders `gen-<utc>-<sha>` of some files and a manifest, each whole or not there at all."""

import hashlib
import json
import re
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from services.kit.errors import Unavailable
from services.search.index.schema import FORMAT_VERSION

MANIFEST = "manifest.json"
PREFIXES = ("gen", "delta")
"""Of the names: whole indexes, and deltas."""
_MOMENT = "%Y%m%dT%H%M%SZ"
_NAME = re.compile(rf"(?:{'|'.join(PREFIXES)})-(?P<moment>[0-9]{{8}}T[0-9]{{6}}Z)-[0-9a-f]{{8}}")
_FILE = re.compile(r"[a-z0-9_]{1,32}\.[a-z0-9]{1,8}")


class UnknownFormat(Unavailable):
    """A generation of another version's: whole perhaps, and nothing that this program can read."""


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What a file has to be."""

    size_bytes: int
    sha256: str
    """In hexadecimal."""


@dataclass(frozen=True, slots=True)
class Golden:
    """How queries did whose answers are known, drawn from the export by seed."""

    queries: tuple[str, ...]
    """As they were typed: also good to warm a process up with."""
    mrr: float
    """Mean reciprocal rank of what each looks for among the first ten."""
    worst_cpu_s: float
    """CPU seconds of the costliest."""
    worst_query: str = ""


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
    exported_counts: Mapping[str, int] = field(default_factory=dict)
    """How many items of each kind the export announced; empty for a delta."""
    golden: Golden | None = None
    """None for a delta."""

    @property
    def document_count(self) -> int:
        """Return how many documents there are of all kinds."""
        return sum(self.document_counts.values())

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
        said = fields.get("golden")
        golden = Golden(**{**said, "queries": tuple(said["queries"])}) if said else None
        return cls(**{**fields, "files": files, "built_at": built_at, "golden": golden})

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


def is_name(text: str) -> bool:
    """Whether a generation or delta can be called so."""
    try:
        moment(text)
    except ValueError:
        return False
    return True


def name_of(manifest: Manifest, digest: str) -> str:
    """Return the name of the generation or delta whose manifest has that checksum."""
    return f"{PREFIXES[bool(manifest.base)]}-{manifest.built_at:{_MOMENT}}-{digest[:8]}"


def moment(name: str) -> datetime:
    """Return when the generation or delta of that name was built, in UTC. Raises ValueError where that is no moment."""
    named = _NAME.fullmatch(name)
    if named is None:
        raise ValueError(f"{name!r} is no name of a generation")
    return datetime.strptime(named["moment"], _MOMENT).replace(tzinfo=UTC)


def names(folder: Path) -> list[str]:
    """Return the names of all generations and deltas in the folder, usable or not."""
    return [path.name for path in folder.glob("*-*-*/") if is_name(path.name)]


def survey(folder: Path, prefix: str = PREFIXES[0]) -> Survey:
    """Return the generations in the folder, or the deltas; a folder that is not there holds none."""
    usable, refused = [], []
    for candidate in sorted(folder.glob(f"{prefix}-*"), reverse=True):
        try:
            usable.append(read(candidate))
        except Unavailable as failure:
            if candidate.exists():  # else a builder has just cleared it up
                refused.append(str(failure))
    return Survey(tuple(usable), tuple(refused))


def read(folder: Path) -> Generation:
    """Return the generation in its folder after a cheap check. Raises Unavailable where it cannot be used."""
    generation = Generation(folder, read_manifest(folder))
    with _legible(folder):
        sizes = {name: generation.path(name).stat().st_size for name in generation.manifest.files}
    for name, size_bytes in sizes.items():
        expected_bytes = generation.manifest.files[name].size_bytes
        if size_bytes != expected_bytes:
            raise Unavailable(f"{folder.name} is damaged: {name} has {size_bytes} bytes instead of {expected_bytes}.")
    return generation


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest in a folder, whatever else is there. Raises UnknownFormat, or Unavailable for none at all."""
    with _legible(folder):
        text = (folder / MANIFEST).read_bytes()
        version = json.loads(text)["format_version"]
        if version != FORMAT_VERSION:
            raise UnknownFormat(f"{folder.name} has index format {version}; this program reads {FORMAT_VERSION}.")
        manifest = Manifest.of_json(text)
        _check_names(manifest)
        return manifest


def verify(generation: Generation) -> None:
    """Read all files whole and compare their checksums. Raises Unavailable where one differs or cannot be read."""
    for name, facts in generation.manifest.files.items():
        try:
            found = checksum(generation.path(name))
        except OSError as error:
            raise Unavailable(f"{generation.name} is damaged: {name} cannot be read ({error}).") from error
        if found != facts.sha256:
            raise Unavailable(f"{generation.name} is damaged: the checksum of {name} is not the manifest's.")


def first_sound(generations: Iterable[Generation], damaged: Callable[[str], None]) -> Generation | None:
    """Return the first whose every byte is as it was written; `damaged` is told of those before it, a sentence each."""
    for generation in generations:
        try:
            verify(generation)
        except Unavailable as failure:
            damaged(str(failure))
        else:
            return generation
    return None


def checksum(path: Path) -> str:
    """Return the file's SHA-256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check_names(manifest: Manifest) -> None:
    """Raise ValueError for a file that would not lie in the generation's own folder."""
    for name in manifest.files:
        if not _FILE.fullmatch(name):
            raise ValueError(f"no file is called {name!r}")


@contextmanager
def _legible(folder: Path) -> Generator[None, None, None]:
    try:
        yield
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise Unavailable(f"{folder.name} is damaged: its manifest or index cannot be read ({error}).") from error
