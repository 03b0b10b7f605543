"""Flags written straight into a store, for tests of what is above it."""

import json
from datetime import UTC, datetime
from typing import Any

from services.flags.domain.head import Head
from services.flags.domain.store import Action, Change, FlagStore
from services.kit.journal import Entry, Record

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def switch(*, on: bool, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Return the definition of a flag that is on or off."""
    return {
        "state": "ENABLED",
        "variants": {"on": True, "off": False},
        "defaultVariant": "on" if on else "off",
        "metadata": {"owner": "search", "expires": "2026-06-30"},
        **more,
    }


def canonical(definition: Any) -> str:  # noqa: ANN401 - JSON
    """Return the definition as it is kept."""
    return json.dumps(definition, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


async def put(store: FlagStore, key: str, *, on: bool = True, rule: Any = None) -> Entry:  # noqa: ANN401 - JSON
    """Write a flag, or the rule under a shared rule's key, whatever was there."""
    definition = rule if rule is not None else switch(on=on)
    return await store.write(Change(Record(NOW, "ops", Action.PUT, key, "a test", canonical(definition)), None))


async def adoption(store: FlagStore, at_least: int) -> Entry:
    """Go on at that generation."""
    return await store.write(Change(Record(NOW, "ops", Action.ADOPT, "", "restored"), None, at_least))


async def head_over(store: FlagStore) -> Head:
    """Return a head that has looked at the store."""
    head = Head(store, NOW.timestamp)
    await head.look()
    return head
