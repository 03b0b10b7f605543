"""Shows in metrics what is in force, and who has applied it."""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import date

from services.flags.api.watch import WatchApi
from services.flags.domain.document import Document
from services.flags.domain.following import Following
from services.flags.domain.head import Head
from services.flags.domain.promise import has_expired
from services.flags.domain.roster import Roster, Subscriber
from services.flags.signals import (
    DISABLED,
    EXPIRED,
    FOREIGN,
    GENERATION,
    REFUSES,
    STORE_SILENT,
    STORED,
    SUBSCRIBERS,
    WATCHERS,
)
from services.kit.clock import Clock
from services.kit.flags.attributes import VOCABULARY
from services.kit.flags.client.signals import CONTEXT_INVALID
from services.kit.telemetry import Telemetry

_STATES = ("current", "waiting", "refusing", "silent")
_OTHER = "other"
_EVERY_S = 1.0


async def show(telemetry: Telemetry, following: Following, watch: WatchApi, clock: Clock) -> None:
    """Bring the metrics up to date again and again: on the event loop, where nothing changes meanwhile."""
    gauge, refused = telemetry.gauge, ""
    while True:
        if following.head.refuses and not refused:
            telemetry.log.error("flags.refuses", reason=following.head.refuses)
        refused = following.head.refuses
        gauge(WATCHERS).set(watch.watchers)
        gauge(STORE_SILENT).set(bool(following.silent))
        gauge(REFUSES).set(bool(following.head.refuses))
        _show_document(telemetry, following.head.document, clock.now().date())
        _show_roster(telemetry, following.roster, following.head)
        await asyncio.sleep(_EVERY_S)


def counted(telemetry: Telemetry) -> Callable[[str], None]:
    """Return what counts an attribute that was there and that a rule could not use."""
    counters = {name: telemetry.counter(CONTEXT_INVALID, attribute=name) for name in (*VOCABULARY, _OTHER)}
    return lambda attribute: counters.get(attribute, counters[_OTHER]).inc()


def _show_document(telemetry: Telemetry, document: Document, today: date) -> None:
    flags = document.snapshot.flags.values()
    telemetry.gauge(GENERATION).set(document.held.generation)
    telemetry.gauge(STORED).set(len(flags))
    telemetry.gauge(DISABLED).set(sum(not flag.enabled for flag in flags))
    telemetry.gauge(EXPIRED).set(sum(has_expired(flag.metadata, today) for flag in flags))


def _show_roster(telemetry: Telemetry, roster: Roster, head: Head) -> None:
    listing = roster.everywhere()
    states = Counter(_state(each, head.document.held.generation) for each in listing.processes)
    for state in _STATES:
        telemetry.gauge(SUBSCRIBERS, state=state).set(states[state])
    telemetry.gauge(FOREIGN).set(len(listing.foreign))


def _state(subscriber: Subscriber, generation: int) -> str:
    if not subscriber.connected:
        return "silent"
    if subscriber.refused:
        return "refusing"
    return "current" if subscriber.applied >= generation else "waiting"
