"""One definition, from the text that somebody sends to the text that is kept."""

import json
import re
from collections.abc import Mapping
from math import isfinite
from typing import Any, NoReturn

from services.flags.domain.document import SHARED_PREFIX
from services.kit.errors import Invalid
from services.kit.flags.bounds import excess

STATE, ENABLED, DISABLED = "state", "ENABLED", "DISABLED"
MAX_CONTEXT_BYTES = 8 * 1024

_KEY = re.compile(rf"({re.escape(SHARED_PREFIX)})?[a-z0-9][a-z0-9._-]{{0,99}}")


def check_key(key: str) -> str:
    """Return the key of a flag or of a shared rule. Raises Invalid where it cannot be one."""
    if not _KEY.fullmatch(key):
        raise Invalid(
            "A key is up to 100 small letters, digits and . _ - and begins with a letter or a digit; that of a shared "
            f"rule has {SHARED_PREFIX} before it.",
            field="key",
        )
    return key


def read_definition(text: str) -> dict[str, Any]:
    """Return a definition as it is written. Raises Invalid for what is no JSON object, or not one to every reader."""
    return _object(text, "definition")


def read_context(text: str) -> dict[str, Any]:
    """Return a context as it is written. Raises Invalid for what is no JSON object, or too large."""
    if len(text) > MAX_CONTEXT_BYTES:
        raise Invalid(f"A context is at most {MAX_CONTEXT_BYTES} characters of JSON.", field="context")
    return _object(text, "context")


def canonical(definition: Mapping[str, Any]) -> str:
    """Return the definition as it is kept: keys in order, without spaces. Raises Invalid for what JSON cannot say."""
    try:
        text = json.dumps(definition, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        text.encode()
    except ValueError as fault:
        raise Invalid(f"$: {fault}.", field="definition") from fault
    return text


def is_disabled(definition: Mapping[str, Any]) -> bool:
    """Whether a flag is switched off."""
    return definition.get(STATE) == DISABLED


def _object(text: str, field: str) -> dict[str, Any]:
    try:
        read = json.loads(text, object_pairs_hook=_once, parse_constant=_refuse, parse_float=_finite)
        json.dumps(read, ensure_ascii=False).encode()  # half a character, which no answer could carry, has no bytes
    except (ValueError, RecursionError) as fault:
        raise Invalid(f"$: This is no JSON that can be read: {fault}.", field=field) from fault
    if not isinstance(read, dict):
        raise Invalid(f"$: A {field} is a JSON object.", field=field)
    sentence = excess(read)
    if sentence:
        raise Invalid(f"$: {sentence}", field=field)
    return read


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the pairs as an object: of a key that stands there twice, every reader keeps another one."""
    read = dict(pairs)
    if len(read) < len(pairs):
        raise ValueError("a key stands twice in one object")
    return read


def _finite(digits: str) -> float:
    number = float(digits)
    return number if isfinite(number) else _refuse(digits)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")
