"""What an evaluation answers: a value, the variant it comes from, and why; the words are OpenFeature's."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from services.kit.flags.values import Json


class Reason(StrEnum):
    """Why a decision is what it is."""

    STATIC = "STATIC"
    """The flag has no rule."""
    DEFAULT = "DEFAULT"
    """Its rule left the choice to the default variant, or there is none and the caller's own default holds."""
    TARGETING_MATCH = "TARGETING_MATCH"
    """Its rule chose the variant."""
    DISABLED = "DISABLED"
    """Somebody switched it off: the caller's own default holds, and nothing is wrong."""
    CACHED = "CACHED"
    """As one of the first three, from definitions that the disk remembers."""
    ERROR = "ERROR"
    """There is no decision; the caller's own default holds."""


class ErrorCode(StrEnum):
    """What is wrong where the reason is ERROR."""

    FLAG_NOT_FOUND = "FLAG_NOT_FOUND"
    PARSE_ERROR = "PARSE_ERROR"
    TYPE_MISMATCH = "TYPE_MISMATCH"
    TARGETING_KEY_MISSING = "TARGETING_KEY_MISSING"
    INVALID_CONTEXT = "INVALID_CONTEXT"
    GENERAL = "GENERAL"


Metadata = Mapping[str, bool | int | float | str]
"""What is known about a flag: its set's metadata with its own laid over it. Read-only."""


class Decision(NamedTuple):
    """The outcome of one evaluation. Made once for each variant and handed out again and again: never change it."""

    value: Json
    """Null where the caller's own default holds."""
    variant: str | None
    reason: Reason
    metadata: Metadata
    error: ErrorCode | None = None
    detail: str = ""
    """A sentence about the error."""

    @property
    def uses_default(self) -> bool:
        """Whether the caller's own default holds."""
        return self.variant is None
