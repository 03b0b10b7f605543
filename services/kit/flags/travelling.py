"""Decisions that travel with a request: taken once at the edge, the same for every later hop."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import orjson
from google.protobuf.message import DecodeError

from backline.context.v1 import context_pb2 as pb
from services.kit.context import RequestContext
from services.kit.flags.decision import Reason
from services.kit.flags.flag import Choice


class Taken(NamedTuple):
    """A choice that an earlier hop has made."""

    choice: Choice[Any]
    """Its reason is told no further than whether a variant was chosen."""
    generation: int
    """Of the flags that decided."""
    unit: str
    """For whom, hashed."""


MOST_BYTES = 2_048
"""That travel: what a call's metadata has room for beside all else in it, many times what decisions take."""
_NONE: Mapping[str, Taken] = {}


def encode_decisions(choices: Iterable[Choice[Any]], generation: int, unit: str) -> bytes:
    """Return the choices as a request context carries them; nothing where they are too long for that."""
    decisions = [
        pb.Decision(flag=choice.flag, variant=choice.variant, value=orjson.dumps(choice.value)) for choice in choices
    ]
    encoded = pb.Decisions(decisions=decisions, generation=generation, unit=unit).SerializeToString()
    return encoded if len(encoded) <= MOST_BYTES else b""


def decisions_of(context: RequestContext | None) -> Mapping[str, Taken]:
    """Return what was decided for this request, by flag. What cannot be read counts as not decided.

    Decoded at each call, which costs a few microseconds where anything was decided: ask once in a request.
    """
    if context is None or not context.encoded_decisions:
        return _NONE
    try:
        message = pb.Decisions.FromString(context.encoded_decisions)
        return {each.flag: _taken(each, message) for each in message.decisions}
    except (DecodeError, orjson.JSONDecodeError):
        return _NONE


def _taken(decision: pb.Decision, message: pb.Decisions) -> Taken:
    reason = Reason.TARGETING_MATCH if decision.variant else Reason.DEFAULT
    choice = Choice(decision.flag, orjson.loads(decision.value), decision.variant, reason)
    return Taken(choice, message.generation, message.unit)
