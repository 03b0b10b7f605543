"""flagd.evaluation: evaluates flags for clients that do not do so themselves, in flagd's own protocol.

Version 1 has ResolveAll. Version 2 can leave value and variant out, where version 1 has the type's zero and "": by both
the caller's own default holds.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

from google.protobuf.message import Message

from flagd.evaluation.v1 import evaluation_pb2 as v1
from flagd.evaluation.v2 import evaluation_pb2 as v2
from services.flags.api.events import event_methods
from services.flags.api.foreign import Streams, in_force
from services.flags.api.structs import context_of, struct_of
from services.flags.domain.document import FLAG_SET
from services.flags.domain.head import Head
from services.kit.errors import Failure, Internal, Invalid, NotFound, Unavailable
from services.kit.flags.decision import Decision, ErrorCode, Reason
from services.kit.flags.snapshot import Kind, typed
from services.kit.flags.values import Json
from services.kit.grpc.methods import Method, unary
from services.kit.grpc.rpc import rpc
from services.kit.grpc.status import DataLoss


class Resolve(NamedTuple):
    """A method that evaluates one flag: the type that it is asked for, and the two messages."""

    kind: Kind
    request: type[Message]
    response: Any


RESOLVES = (
    Resolve(Kind.BOOLEAN, v1.ResolveBooleanRequest, v1.ResolveBooleanResponse),
    Resolve(Kind.STRING, v1.ResolveStringRequest, v1.ResolveStringResponse),
    Resolve(Kind.FLOAT, v1.ResolveFloatRequest, v1.ResolveFloatResponse),
    Resolve(Kind.INTEGER, v1.ResolveIntRequest, v1.ResolveIntResponse),
    Resolve(Kind.OBJECT, v1.ResolveObjectRequest, v1.ResolveObjectResponse),
    Resolve(Kind.BOOLEAN, v2.ResolveBooleanRequest, v2.ResolveBooleanResponse),
    Resolve(Kind.STRING, v2.ResolveStringRequest, v2.ResolveStringResponse),
    Resolve(Kind.FLOAT, v2.ResolveFloatRequest, v2.ResolveFloatResponse),
    Resolve(Kind.INTEGER, v2.ResolveIntRequest, v2.ResolveIntResponse),
    Resolve(Kind.OBJECT, v2.ResolveObjectRequest, v2.ResolveObjectResponse),
)
_FAILURES: Mapping[ErrorCode, type[Failure]] = {
    ErrorCode.FLAG_NOT_FOUND: NotFound,
    ErrorCode.TYPE_MISMATCH: Invalid,
    ErrorCode.PARSE_ERROR: DataLoss,
}
"""What clients read each error from; all others are a fault of ours to them."""
_ANY_VALUE: Mapping[type, str] = {
    bool: "bool_value",
    str: "string_value",
    int: "double_value",
    float: "double_value",
    dict: "object_value",
}
"""Where AnyFlag has a value of each type; it has no place for a list, nor for null."""

_AT_ONCE = 200
"""Flags evaluated, a millisecond's worth, before others get their turn on the event loop."""


class EvaluationApi:
    """Evaluates what is in force."""

    def __init__(self, head: Head, streams: Streams) -> None:
        self._head, self._streams = head, streams

    def methods(self, limit_s: float, stream_limit_s: float) -> list[Method]:
        """Return the methods of both versions of flagd's Service."""
        fails = (NotFound, DataLoss, Unavailable)
        return [
            *(unary(rpc(each.request, each.response), self._resolver(each), limit_s, fails=fails) for each in RESOLVES),
            unary(rpc(v1.ResolveAllRequest, v1.ResolveAllResponse), self.resolve_all, limit_s, fails=(Unavailable,)),
            *event_methods(self._streams, stream_limit_s),
        ]

    async def resolve_all(self, request: v1.ResolveAllRequest) -> v1.ResolveAllResponse:
        """Return every flag that has a value which AnyFlag can carry, or that is disabled."""
        snapshot, context = in_force(self._head).snapshot, context_of(request.context)
        answer = v1.ResolveAllResponse(metadata=struct_of({"flagSetId": FLAG_SET}))
        for number, key in enumerate(snapshot.flags, 1):
            flag = _any_flag(snapshot.evaluate(key, context))
            if flag:
                answer.flags[key].MergeFrom(flag)
            if number % _AT_ONCE == 0:
                await asyncio.sleep(0)
        return answer

    def _resolver(self, method: Resolve) -> Callable[[Any], Awaitable[Message]]:
        async def resolve(request: Any) -> Message:  # noqa: ANN401 - the message of any of the methods
            context = context_of(request.context)
            decision = in_force(self._head).snapshot.evaluate(request.flag_key, context)
            return _answer(typed(decision, method.kind), method.response)

        return resolve


def _answer(decision: Decision, response: Any) -> Message:  # noqa: ANN401 - the message of any of the methods
    """Return the decision as an answer. Raises what it fails with, and Invalid where its value has no place there."""
    if decision.error:
        raise _FAILURES.get(decision.error, Internal)(decision.detail)
    try:
        answer: Message = response(**_fields(decision, "value"))
    except (ValueError, OverflowError) as fault:
        raise Invalid(f"The value of variant {decision.variant!r:.80} does not fit into this type.") from fault
    return answer


def _any_flag(decision: Decision) -> v1.AnyFlag | None:
    """Return the decision as AnyFlag has it; None where it has no word for it."""
    if decision.error or (decision.variant is None and decision.reason is not Reason.DISABLED):
        return None
    try:
        return v1.AnyFlag(**_fields(decision, _ANY_VALUE.get(type(decision.value), "")))
    except (ValueError, OverflowError):
        return None


def _fields(decision: Decision, name: str) -> dict[str, Any]:
    """Return the fields of an answer, the value under that name; without it where the caller's own default holds."""
    fields = {"reason": decision.reason, "metadata": struct_of(decision.metadata)}
    if decision.variant is not None:
        fields["variant"] = decision.variant
        fields[name] = _carried(decision.value)
    return fields


def _carried(value: Json) -> Any:  # noqa: ANN401 - a scalar or a Struct
    if isinstance(value, list):
        raise ValueError("an object has names here")  # noqa: TRY004 - as protobuf has it for what does not fit
    return struct_of(value) if isinstance(value, dict) else value
