"""The document: all flags of one generation as one text in flagd's format, and the same compiled."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from services.flags.domain.store import Held, Kept, State
from services.kit.flags.compilation import Compilation
from services.kit.flags.compile import NOTHING, Compiled
from services.kit.flags.snapshot import Snapshot

SHARED_PREFIX = "$evaluators/"
"""How the key of a rule that flags share begins."""

FLAG_SET = "backline"
"""The name of the set, in its metadata."""

_METADATA = f'{{"flagSetId":"{FLAG_SET}"}}'


@dataclass(frozen=True, slots=True)
class Document:
    """One generation, whole."""

    state: State
    definitions: bytes
    """The flags as JSON in flagd's format, keys in order, without spaces."""
    checksum: str
    """SHA-256 of the definitions, in hexadecimal digits."""
    compiled: Compiled

    @property
    def held(self) -> Held:
        """Which generation it is."""
        return self.state.held

    @property
    def committed_at(self) -> datetime | None:
        """When it was written; None where nothing ever was."""
        return self.state.committed_at

    @property
    def snapshot(self) -> Snapshot:
        """The flags, ready to decide."""
        return self.compiled.snapshot


def empty() -> Document:
    """Return the document where nothing was ever written."""
    definitions = definitions_of({}).encode()
    return Document(State(), definitions, _checksum(definitions), NOTHING)


async def document_of(state: State, compilation: Compilation, before: Document) -> Document:
    """Return the document of a state. Of the one before it, what has not changed is not compiled again.

    Raises Invalid where it cannot be used as a whole, which what is reviewed before it is written never is.
    """
    definitions = definitions_of(state.flags).encode()
    compiled = await compilation.compiled(definitions, before.compiled)
    return Document(state, definitions, _checksum(definitions), compiled)


def _checksum(definitions: bytes) -> str:
    return hashlib.sha256(definitions).hexdigest()


def definitions_of(kept_flags: Mapping[str, Kept]) -> str:
    """Return definitions as one text. They are joined as they are kept, since each is canonical already."""
    kept = sorted(kept_flags.items())
    flags = ((key, each) for key, each in kept if not key.startswith(SHARED_PREFIX))
    shared = ((key.removeprefix(SHARED_PREFIX), each) for key, each in kept if key.startswith(SHARED_PREFIX))
    return f'{{"$evaluators":{_joined(shared)},"flags":{_joined(flags)},"metadata":{_METADATA}}}'


def _joined(named: Iterable[tuple[str, Kept]]) -> str:
    return "{" + ",".join(f"{json.dumps(name)}:{kept.definition}" for name, kept in named) + "}"
