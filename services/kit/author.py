"""Who does something, and why: what every act that goes into a journal has to say."""

import re
from dataclasses import dataclass

from services.kit.errors import Invalid

MAX_ACTOR_CHARS = 64
MAX_REASON_CHARS = 500

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""Control characters, line and paragraph separators, and surrogates, which UTF-8 cannot carry."""


@dataclass(frozen=True, slots=True)
class Author:
    """Who acts, and why. Raises Invalid where one of them is not said, is too long, or cannot be shown."""

    actor: str
    reason: str

    def __post_init__(self) -> None:
        _check("actor", self.actor, MAX_ACTOR_CHARS)
        _check("reason", self.reason, MAX_REASON_CHARS)


def can_be_shown(text: str) -> bool:
    """Whether nothing in the text is for machines only; joined signs and the wide space of some scripts may be."""
    return text.isprintable() or not _UNPRINTABLE.search(text)


def _check(field: str, text: str, max_chars: int) -> None:
    if not text.strip():
        raise Invalid(f"The {field} is missing.", field=field)
    if len(text) > max_chars:
        raise Invalid(f"The {field} is longer than {max_chars} characters.", field=field)
    if not can_be_shown(text):
        raise Invalid(f"The {field} holds a character that cannot be shown.", field=field)
