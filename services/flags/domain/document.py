"""The document: all flags of one generation as one text in flagd's format, and the same compiled."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeAlias

from services.flags.domain.store import Held, Kept, State
from services.kit.flags.compile import compile_flags
from services.kit.flags.scope import unheard
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
    snapshot: Snapshot

    @property
    def held(self) -> Held:
        """Which generation it is."""
        return self.state.held

    @property
    def committed_at(self) -> datetime | None:
        """When it was written; None where nothing ever was."""
        return self.state.committed_at


Compile: TypeAlias = Callable[[bytes], Snapshot]
"""Compiles definitions; raises Invalid where they cannot be used."""


def compiler(now: Callable[[], float], on_invalid: Callable[[str], None] = unheard) -> Compile:
    """Return what compiles definitions for rules that ask for the time, and that tell of what they could not use."""
    return partial(compile_flags, now=now, on_invalid=on_invalid)


def empty(compiled: Compile) -> Document:
    """Return the document where nothing was ever written."""
    return document_of(State(), compiled, None)


def document_of(state: State, compiled: Compile, before: Document | None) -> Document:
    """Return the document of a state. Of the one before it, what has not changed need not be compiled again.

    Raises Invalid where it cannot be used as a whole, which what is reviewed before it is written never is.
    """
    definitions = definitions_of(state.flags).encode()
    checksum = hashlib.sha256(definitions).hexdigest()
    if before is None or _shared(before.state) != _shared(state):
        snapshot = compiled(definitions)
    else:
        snapshot = _changed(state, compiled, before)
    return Document(state, definitions, checksum, snapshot)


def _changed(state: State, compiled: Compile, before: Document) -> Snapshot:
    """Return the flags compiled, those that are as they were taken over: a kill changes one of a thousand."""
    were, shared = before.state.flags, _shared(state)
    changed = {key: kept for key, kept in state.flags.items() if kept != were.get(key)}
    made = compiled(definitions_of(changed | shared).encode()).flags
    return Snapshot(
        {key: made.get(key) or before.snapshot.flags[key] for key in sorted(state.flags) if key not in shared}
    )


def _shared(state: State) -> dict[str, Kept]:
    return {key: kept for key, kept in state.flags.items() if key.startswith(SHARED_PREFIX)}


def definitions_of(kept_flags: Mapping[str, Kept]) -> str:
    """Return definitions as one text. They are joined as they are kept, since each is canonical already."""
    kept = sorted(kept_flags.items())
    flags = ((key, each) for key, each in kept if not key.startswith(SHARED_PREFIX))
    shared = ((key.removeprefix(SHARED_PREFIX), each) for key, each in kept if key.startswith(SHARED_PREFIX))
    return f'{{"$evaluators":{_joined(shared)},"flags":{_joined(flags)},"metadata":{_METADATA}}}'


def _joined(named: Iterable[tuple[str, Kept]]) -> str:
    return "{" + ",".join(f"{json.dumps(name)}:{kept.definition}" for name, kept in named) + "}"
