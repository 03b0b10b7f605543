"""An application that uses OpenFeature with a provider from PyPI: `client.py rpc|in-process|ofrep HOST PORT`.

It reads questions as JSON lines and prints answers, and between them every event of its provider. A program of its own,
since the provider brings its own copies of flagd's protocols.
"""

import json
import sys
import threading
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from openfeature import api
from openfeature.client import OpenFeatureClient
from openfeature.contrib.provider.flagd import FlagdProvider
from openfeature.contrib.provider.flagd.config import ResolverType
from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext
from openfeature.event import EventDetails, ProviderEvent
from openfeature.provider import AbstractProvider

DEADLINE_MS = 10_000
"""Of connecting and of a call: longer than any pause of a busy machine."""
SOON_MS = 100
"""Between two attempts to connect."""

_printing = threading.Lock()


def flagd(mode: ResolverType, host: str, port: int) -> FlagdProvider:
    """Return flagd's own provider, quick to connect again."""
    return FlagdProvider(
        host,
        port,
        resolver_type=mode,
        deadline_ms=DEADLINE_MS,
        retry_backoff_ms=SOON_MS,
        retry_backoff_max_ms=SOON_MS,
    )


PROVIDERS: Mapping[str, Callable[[str, int], AbstractProvider]] = {
    "rpc": partial(flagd, ResolverType.RPC),
    "in-process": partial(flagd, ResolverType.IN_PROCESS),
    "ofrep": lambda host, port: OFREPProvider(f"http://{host}:{port}"),
}


def say(**said: Any) -> None:  # noqa: ANN401 - JSON
    """Print a line; handlers of events run in threads of their own."""
    with _printing:
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()


def tell(event: ProviderEvent, details: EventDetails) -> None:
    """Print an event."""
    say(event=event.value, flags=sorted(details.flags_changed or []))


def answer(client: OpenFeatureClient, question: Mapping[str, Any]) -> None:
    """Print what the provider says to a question."""
    context = dict(question["context"])
    asked = getattr(client, f"get_{question['kind']}_details")
    details = asked(question["key"], question["default"], EvaluationContext(context.pop("targetingKey", None), context))
    say(
        value=details.value,
        variant=details.variant or None,
        reason=details.reason,
        error=details.error_code,
        metadata=dict(details.flag_metadata),
    )


def main(provider: str, host: str, port: str) -> None:
    """Connect, and answer until there are no more questions."""
    for event in ProviderEvent:
        api.add_handler(event, partial(tell, event))
    api.set_provider_and_wait(PROVIDERS[provider](host, int(port)))
    client = api.get_client()
    for line in sys.stdin:
        answer(client, json.loads(line))
    api.shutdown()


if __name__ == "__main__":
    main(*sys.argv[1:])
