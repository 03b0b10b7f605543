"""The one table between the kit's failures and gRPC's status, with ErrorInfo as the part that machines read."""

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import DecodeError
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status

from services.kit.errors import (
    Conflict,
    Denied,
    Exhausted,
    Failure,
    Internal,
    Invalid,
    NotFound,
    TooLate,
    Unavailable,
)

DOMAIN = "backline"
DETAILS_KEY = "grpc-status-details-bin"


class DataLoss(Internal):
    """What is kept here cannot be read."""


CODES: dict[type[Failure], grpc.StatusCode] = {
    NotFound: grpc.StatusCode.NOT_FOUND,
    Invalid: grpc.StatusCode.INVALID_ARGUMENT,
    Denied: grpc.StatusCode.PERMISSION_DENIED,
    Conflict: grpc.StatusCode.ABORTED,
    Exhausted: grpc.StatusCode.RESOURCE_EXHAUSTED,
    Unavailable: grpc.StatusCode.UNAVAILABLE,
    TooLate: grpc.StatusCode.DEADLINE_EXCEEDED,
    Internal: grpc.StatusCode.INTERNAL,
    DataLoss: grpc.StatusCode.DATA_LOSS,
}
FAILURES = {code: failure for failure, code in CODES.items()} | {
    # C-core answers CANCELLED for a call that it drops from a full accept queue.
    grpc.StatusCode.CANCELLED: Exhausted,
    grpc.StatusCode.UNAUTHENTICATED: Denied,
    grpc.StatusCode.FAILED_PRECONDITION: Conflict,
    grpc.StatusCode.OUT_OF_RANGE: Invalid,
}


def code_of(failure: Failure) -> grpc.StatusCode:
    """Return the status code of a failure; its nearest class in the table decides."""
    return next(CODES[kind] for kind in type(failure).__mro__ if kind in CODES)


def details_of(failure: Failure) -> bytes:
    """Return the failure as a serialised google.rpc.Status for the `grpc-status-details-bin` trailer."""
    code = code_of(failure)
    info = ErrorInfo(reason=code.name, domain=DOMAIN)
    details = [AnyMessage()]
    if isinstance(failure, Invalid) and failure.field:
        info.metadata["field"] = failure.field
    details[0].Pack(info)
    if isinstance(failure, Exhausted):
        retry = RetryInfo(retry_delay=Duration(nanos=0))
        retry.retry_delay.FromMilliseconds(int(failure.retry_after_s * 1000))
        details.append(AnyMessage())
        details[1].Pack(retry)
    status: bytes = Status(code=code.value[0], message=str(failure), details=details).SerializeToString()
    return status


def failure_of(code: grpc.StatusCode, message: str, details: bytes | None) -> Failure:
    """Return the failure that a status stands for; a status outside the table is a fault of the callee's.

    The message is taken where the details show that it is a sentence of ours: what C-core says names addresses.
    """
    kind, parts = FAILURES.get(code, Internal), _parts(details)
    message = message if parts.ours else _SENTENCES.get(kind, "Something went wrong in a service that was asked.")
    if kind is Invalid:
        return Invalid(message, field=parts.field)
    if kind is Exhausted:
        return Exhausted(message, retry_after_s=parts.retry_after_s)
    return kind(message)


_SENTENCES: dict[type[Failure], str] = {
    Unavailable: "A service that is needed does not answer.",
    TooLate: "A service that was asked did not answer in time.",
    Exhausted: "A service that is needed is overloaded.",
}


class _Parts:
    """What the details of a status say, with defaults for what they leave out."""

    def __init__(self) -> None:
        self.field, self.retry_after_s, self.ours = "", 1.0, False


def _parts(details: bytes | None) -> _Parts:
    parts, info, retry = _Parts(), ErrorInfo(), RetryInfo()
    try:
        for detail in Status.FromString(details or b"").details:
            if detail.Unpack(info):
                parts.field, parts.ours = info.metadata.get("field", ""), info.domain == DOMAIN
            elif detail.Unpack(retry):
                parts.retry_after_s = retry.retry_delay.ToMilliseconds() / 1000
    except DecodeError:
        # Details are a courtesy: garbage in them must not hide the status itself.
        return _Parts()
    return parts
