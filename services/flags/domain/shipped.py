"""The flags that Backline's own code asks for, as they are written to a store that nobody has written to."""

import json
from datetime import date, datetime, timedelta
from typing import Any

from services.flags.domain.definition import canonical, check_key
from services.flags.domain.document import SHARED_PREFIX
from services.flags.domain.store import Action, Change, FlagStore
from services.kit.author import Author
from services.kit.errors import Conflict
from services.kit.journal import Record

SHIPPER = Author("backline", "Shipped with Backline.")
_LASTS = timedelta(days=364)


def shipped(text: str, today: date) -> dict[str, str]:
    """Return the definitions of a shipped document, by key; each expires in a year.

    Raises Invalid for a key that cannot be one.
    """
    read = json.loads(text)
    rules = {SHARED_PREFIX + name: rule for name, rule in read.get("$evaluators", {}).items()}
    flags = {key: _expiring(definition, today) for key, definition in read["flags"].items()}
    return {check_key(key): canonical(definition) for key, definition in (rules | flags).items()}


async def ship(store: FlagStore, definitions: dict[str, str], now: datetime) -> None:
    """Write what is missing, unless anybody else has ever written; what a start that was broken off wrote stays."""
    if any(Author(entry.record.actor, entry.record.reason) != SHIPPER for entry in await store.journal(0)):
        return
    there = (await store.state()).flags
    for key, definition in definitions.items():
        if key not in there:
            record = Record(now, SHIPPER.actor, Action.PUT, key, SHIPPER.reason, definition)
            try:
                await store.write(Change(record, expected_version=0))
            except Conflict:  # another server of this store ships too
                continue


def _expiring(definition: dict[str, Any], today: date) -> dict[str, Any]:
    metadata = definition.get("metadata", {})
    return {**definition, "metadata": {**metadata, "expires": (today + _LASTS).isoformat()}}
