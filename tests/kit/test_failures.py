"""The kit's failures and their two tables, gRPC's status and HTTP's problems."""

import grpc
import orjson
import pytest

from services.kit import errors
from services.kit.errors import Exhausted, Failure, Internal, Invalid, NotFound
from services.kit.grpc.status import CODES, code_of, details_of, failure_of
from services.kit.http.problem import PROBLEMS, body, extra_headers, problem_of

KINDS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, Failure) and kind is not Failure
]


@pytest.mark.parametrize("kind", KINDS)
def test_every_failure_stands_in_both_tables(kind: type[Failure]) -> None:
    """A new kind of failure cannot be forgotten on either side."""
    assert kind in CODES
    assert kind in PROBLEMS


@pytest.mark.parametrize("kind", KINDS)
def test_a_failure_crosses_the_wire_as_itself(kind: type[Failure]) -> None:
    """Kind and sentence arrive as they were raised."""
    failure = kind("One sentence.")
    arrived = failure_of(code_of(failure), str(failure), details_of(failure))
    assert type(arrived) is kind
    assert str(arrived) == "One sentence."


def test_the_field_at_fault_and_the_time_to_wait_cross_the_wire() -> None:
    """What machines need of a failure is in its details."""
    invalid = failure_of(grpc.StatusCode.INVALID_ARGUMENT, "m", details_of(Invalid("m", field="limit")))
    assert isinstance(invalid, Invalid)
    assert invalid.field == "limit"
    exhausted = failure_of(grpc.StatusCode.RESOURCE_EXHAUSTED, "m", details_of(Exhausted("m", retry_after_s=2.5)))
    assert isinstance(exhausted, Exhausted)
    assert exhausted.retry_after_s == 2.5


@pytest.mark.parametrize("details", [None, b"", b"\xff\xff\xff", b"\x12\x00"])
def test_garbage_in_the_details_never_hides_the_status(details: bytes | None) -> None:
    """The status stands whatever a peer puts beside it."""
    assert type(failure_of(grpc.StatusCode.NOT_FOUND, "m", details)) is NotFound


def test_a_shed_call_is_too_much_and_an_unknown_status_a_fault() -> None:
    """C-core says CANCELLED for a call that it drops; what is in no table is the callee's fault."""
    assert type(failure_of(grpc.StatusCode.CANCELLED, "", None)) is Exhausted
    assert type(failure_of(grpc.StatusCode.UNKNOWN, "", None)) is Internal


def test_a_subclass_has_its_nearest_ancestors_status() -> None:
    """A service may name its failures more closely without a table of its own."""

    class NoSuchTrack(NotFound):
        """A closer name."""

    assert code_of(NoSuchTrack("m")) is grpc.StatusCode.NOT_FOUND
    assert problem_of(NoSuchTrack("m")).status == 404


def test_a_problem_document_says_what_rfc_9457_asks_for() -> None:
    """Type, title, status and detail are there, and the request's id to find it by."""
    document = orjson.loads(body(problem_of(Invalid("m")), "too long", "r-1", "q"))
    assert document == {
        "type": "/problems/invalid",
        "title": "The request cannot be answered as it stands",
        "status": 422,
        "detail": "too long",
        "request_id": "r-1",
        "field": "q",
    }


def test_who_is_told_to_come_back_is_told_when() -> None:
    """Retry-After is a whole number of seconds, at least one."""
    assert extra_headers(Exhausted("m", retry_after_s=0.2)) == {"retry-after": "1"}
    assert extra_headers(Exhausted("m", retry_after_s=7)) == {"retry-after": "7"}
    assert extra_headers(NotFound("m")) == {}
