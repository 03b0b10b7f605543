"""What a flag promises in its metadata: who answers for it, and the day on which it goes."""

from collections.abc import Mapping
from datetime import date


def has_expired(metadata: Mapping[str, object], day: date) -> bool:
    """Whether the day is over on which a flag was to go; never where it says none."""
    try:
        return date.fromisoformat(str(metadata.get("expires"))) < day
    except ValueError:
        return False
