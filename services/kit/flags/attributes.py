"""The vocabulary of rules: what is known of a caller, under the names that flag definitions use."""

from typing import Any

from services.kit.context import Caller

TARGETING_KEY = "targetingKey"
VOCABULARY = (TARGETING_KEY, "client_type", "app_version", "app_build", "os_version", "country", "locale")
"""All names there are."""
_MOST_DIGITS = 18
"""As many as fit into 64 bits."""


def attributes(caller: Caller) -> dict[str, Any]:
    """Return the evaluation context of a caller; what is not known is not there.

    A build of digits alone is a number, so that a rule compares it by size; any other stays a text.
    """
    named = {
        TARGETING_KEY: caller.user_id,
        "client_type": caller.client_type.word,
        "app_version": caller.app_version,
        "app_build": _build(caller.app_build),
        "os_version": caller.os_version,
        "country": caller.country,
        "locale": caller.locale,
    }
    return {name: value for name, value in named.items() if value != ""}


def _build(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS else text
