"""Definitions into a snapshot, with what is the same as before taken over: a kill changes one flag of a hundred.

A hundred flags take milliseconds to compile, and a kill is to be applied by a hundred processes of a machine at once.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import NoReturn

import orjson

from services.kit.errors import Invalid
from services.kit.flags.compile import compile_flags
from services.kit.flags.snapshot import Snapshot

_READ_HERE_BYTES = 64 * 1024
_COMPILE_HERE_BYTES = 8 * 1024
"""What is larger is read, or compiled, in a thread: it would hold the event loop for milliseconds."""
_SHARED, _REFERENCE = "$evaluators", b'"$ref"'


@dataclass(frozen=True, slots=True)
class Compiled:
    """A snapshot, with the text that each of its parts was made of."""

    snapshot: Snapshot
    texts: Mapping[str, bytes] = field(default_factory=dict)
    """By flag; empty where nothing can be taken over from it."""
    shared: bytes = b""
    """Of the rules that flags share."""
    rest: bytes = b""
    """Of what concerns all of them."""
    cached: bool = False


@dataclass(frozen=True, slots=True)
class _Work:
    """What is to be compiled, and what stays."""

    definitions: bytes
    texts: Mapping[str, bytes] = field(default_factory=dict)
    shared: bytes = b""
    rest: bytes = b""
    before: Compiled | None = None
    """Whose flags are taken over where the definitions lack them; None where the definitions are all there is."""


class Compilation:
    """Makes one snapshot after the other."""

    def __init__(self, now: Callable[[], float], on_invalid: Callable[[str], None]) -> None:
        self._now, self._on_invalid = now, on_invalid

    async def compiled(self, definitions: bytes, before: Compiled, *, cached: bool = False) -> Compiled:
        """Return the definitions compiled. Raises Invalid where they are of no use."""
        if len(definitions) > _READ_HERE_BYTES:
            return await asyncio.to_thread(lambda: self._compile(_work(definitions, before, cached), cached))
        work = _work(definitions, before, cached)
        if len(work.definitions) > _COMPILE_HERE_BYTES:
            return await asyncio.to_thread(self._compile, work, cached)
        return self._compile(work, cached)

    def _compile(self, work: _Work, cached: bool) -> Compiled:  # noqa: FBT001 - threads take arguments by place
        try:
            made = compile_flags(work.definitions, now=self._now, on_invalid=self._on_invalid, cached=cached)
        except Invalid:
            raise
        except Exception as error:
            # A fault in the compiler must not end every process that is handed the one definition that shows it.
            raise Invalid(f"The definitions cannot be compiled: {error!r}.") from error
        if work.before is not None:
            known = work.before.snapshot.flags
            made = Snapshot({key: made.flags.get(key) or known[key] for key in work.texts})
        return Compiled(made, work.texts, work.shared, work.rest, cached)


def _work(definitions: bytes, before: Compiled, cached: bool) -> _Work:  # noqa: FBT001 - as above
    """Return what of the definitions is to be compiled: what differs, or refers to shared rules that do."""
    try:
        document = json.loads(definitions, parse_constant=_refuse, parse_float=_finite)
        flags, rules = document.pop("flags"), document.pop(_SHARED, {})
        texts = {key: orjson.dumps(flag) for key, flag in flags.items()}
        shared, rest = orjson.dumps(rules), orjson.dumps(document)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        # Not what the service sends: whether it is of use is for the compiler to say, and nothing can be compared.
        return _Work(definitions)
    if rest != before.rest or cached is not before.cached:
        return _Work(definitions, texts, shared, rest)

    def differs(key: str) -> bool:
        return texts[key] != before.texts.get(key) or (shared != before.shared and _REFERENCE in texts[key])

    changed = {key: flag for key, flag in flags.items() if differs(key)}
    return _Work(json.dumps({"flags": changed, _SHARED: rules, **document}).encode(), texts, shared, rest, before)


def _refuse(_constant: str) -> NoReturn:
    raise ValueError("NaN and infinity look like null once they are written")


def _finite(digits: str) -> float:
    value = float(digits)
    return value if isfinite(value) else _refuse(digits)
