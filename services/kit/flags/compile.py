"""Definitions into a snapshot: everything that can be known before a call is worked out here, once."""

import gc
from collections.abc import Callable, Container, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from services.kit.flags.bounds import bounded, counted
from services.kit.flags.deciding import compiled_flag
from services.kit.flags.document import Document, faults_of_flag, may_refer, opened, refuse
from services.kit.flags.rule_faults import Fault
from services.kit.flags.scope import Scope, unheard
from services.kit.flags.snapshot import CompiledFlag, Snapshot
from services.kit.flags.term import Constants
from services.kit.flags.versions import Versions


def compile_flags(
    definitions: bytes | str,
    *,
    now: Callable[[], float],
    on_invalid: Callable[[str], None] = unheard,
    cached: bool = False,
) -> Snapshot:
    """Return the flags of a document in flagd's format, ready to decide.

    `now` tells the seconds since 1970 to rules that ask. `on_invalid` is called with the name of an attribute that is
    there and cannot be used: a version that is none, a targeting key that is no text. `cached` marks decisions as made
    from what the disk remembers. Raises Invalid with each fault and its JSON path for a document that cannot be used.
    """
    steps = compiling(definitions, NOTHING, now, on_invalid, cached=cached)
    with _collector_at_rest():
        while True:
            try:
                next(steps)
            except StopIteration as end:
                compiled: Compiled = end.value
                return compiled.snapshot


@contextmanager
def _collector_at_rest() -> Generator[None, None, None]:
    """Collect nothing meanwhile: what a compilation makes stays, and walking it took longer than making it."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@dataclass(frozen=True, slots=True)
class Compiled:
    """A snapshot, and what it was made of."""

    snapshot: Snapshot
    document: Document = field(default_factory=Document)
    sizes: Mapping[str, int] = field(default_factory=dict)
    """How many values each flag has, shared evaluators put in."""
    cached: bool = False


NOTHING = Compiled(Snapshot({}))
"""Of no flags."""


def compiling(
    definitions: bytes | str,
    before: Compiled,
    now: Callable[[], float],
    on_invalid: Callable[[str], None],
    *,
    cached: bool,
) -> Generator[int, None, Compiled]:
    """Compile as `compile_flags` does, in steps, each of which yields about how many values it was for.

    What is the same as before is taken over: a kill changes one flag of a thousand, and costs no more than one.
    """
    document = yield from opened(definitions, before.document.texts)
    same = _same(document, before) if cached is before.cached else ()
    making = _Making(document, now, on_invalid, cached)
    for key in document.texts:
        yield making.take_over(key, before) if key in same else making.make(key)
    return making.made()


def _same(document: Document, before: Compiled) -> Container[str]:
    """Return the flags that are as they were, which those are not that follow a shared rule that is another."""
    were = before.document
    if document.rest != were.rest:
        return ()
    same = {key for key, text in document.texts.items() if text == were.texts.get(key)}
    return same if document.shared == were.shared else {key for key in same if not may_refer(document.texts[key])}


@dataclass(slots=True)
class _Making:
    """A snapshot that is being made."""

    document: Document
    now: Callable[[], float]
    on_invalid: Callable[[str], None]
    cached: bool
    versions: Versions = field(default_factory=Versions)
    constants: Constants = field(default_factory=Constants)
    flags: dict[str, CompiledFlag] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    size: int = field(init=False)
    """Of all that there is so far, in values."""

    def __post_init__(self) -> None:
        self.size = counted(self.document.members)

    def take_over(self, key: str, before: Compiled) -> int:
        """Have a flag of before, and return what there was to do for it: next to nothing."""
        self.flags[key] = before.snapshot.flags[key]
        self._count(key, before.sizes[key])
        return 1

    def make(self, key: str) -> int:
        """Compile a flag, and return how many values it has."""
        definition, size = self.document.flag(key, self.size)
        self._count(key, size)
        faults = [*faults_of_flag(key, definition)]
        self.faults += faults
        if not faults:
            scope = Scope(key, self.on_invalid, self.versions, self.constants)
            self.flags[key] = compiled_flag(scope, definition, self.document.metadata, self.now, cached=self.cached)
        return size

    def made(self) -> Compiled:
        """Return all of it. Raises Invalid with each fault and its path."""
        refuse(self.faults)
        return Compiled(Snapshot(self.flags), self.document, self.sizes, self.cached)

    def _count(self, key: str, size: int) -> None:
        self.sizes[key] = size
        self.size = bounded(self.size + size)
