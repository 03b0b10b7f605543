"""The request context: what a hop may still cost, which trace it belongs to, and how it gets across."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backline.context.v1 import context_pb2
from services.kit.context import (
    Caller,
    ClientType,
    Criticality,
    RequestContext,
    Trace,
    current,
    entered,
    hop_time_s,
    parse_traceparent,
)
from services.kit.errors import TooLate
from services.kit.grpc.metadata import CONTEXT_KEY, caller_of, encode_caller, from_entries, to_entry, with_user
from services.kit.ids import Ids

NOW = 100.0


def test_outside_a_request_a_call_has_its_own_limit() -> None:
    """A call that no request waits for is bounded by its own limit alone."""
    assert current() is None
    assert hop_time_s(0.3, NOW) == 0.3


@pytest.mark.parametrize(("left_s", "expected_s"), [(1.0, 0.3), (0.2, 0.18), (0.025, 0.005)])
def test_a_hop_gets_what_the_request_has_left_less_its_cost(left_s: float, expected_s: float) -> None:
    """A hop's time is its own limit, or what is left less 20 ms for the caller to use the answer."""
    with entered(RequestContext("r", NOW + left_s)):
        assert hop_time_s(0.3, NOW) == pytest.approx(expected_s)


def test_a_hop_with_too_little_time_is_refused() -> None:
    """With less than 5 ms for it, a call is not begun."""
    with entered(RequestContext("r", NOW + 0.024)), pytest.raises(TooLate):
        hop_time_s(0.3, NOW)


def test_a_context_holds_for_its_block_only() -> None:
    """After the block the context before it is current again."""
    outer, inner = RequestContext("outer", NOW), RequestContext("inner", NOW)
    with entered(outer):
        with entered(inner):
            assert current() is inner
        assert current() is outer
    assert current() is None


@given(st.integers(), st.booleans())
def test_a_traceparent_survives_the_round_trip(seed: int, sampled: bool) -> None:  # noqa: FBT001 - hypothesis gives it
    """What one hop writes, the next one reads."""
    ids = Ids()
    ids.source.seed(seed)
    trace = Trace(*ids.trace_and_span(), sampled)
    assert parse_traceparent(trace.traceparent()) == trace


@pytest.mark.parametrize(
    "header",
    [
        "",
        "00",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319g-b7ad6b7169203331-01",
    ],
)
def test_what_is_no_traceparent_names_no_trace(header: str) -> None:
    """A header that breaks the format starts a new trace instead of a broken one."""
    assert parse_traceparent(header) is None


@given(st.text())
def test_no_header_is_too_strange_to_parse(header: str) -> None:
    """Whatever a caller sends, parsing it never raises."""
    parse_traceparent(header)


TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
CALLERS = st.builds(Caller, st.sampled_from(ClientType), TEXTS, TEXTS, TEXTS, st.just(""), TEXTS, TEXTS)
CONTEXTS = st.builds(
    RequestContext,
    TEXTS,
    st.just(NOW),
    st.sampled_from(Criticality),
    TEXTS,
    st.builds(lambda caller, user: with_user(encode_caller(caller), user), CALLERS, TEXTS),
)


@given(CONTEXTS)
def test_a_context_survives_the_round_trip(context: RequestContext) -> None:
    """What one hop writes, the next one reads, and hands on as it came."""
    arrived = from_entries([to_entry(context)], NOW)
    assert caller_of(arrived) == caller_of(context)
    assert arrived == context


@given(CALLERS, TEXTS)
def test_a_user_is_put_into_a_caller_that_is_encoded_already(caller: Caller, user_id: str) -> None:
    """The part that many requests share is encoded once, and the person is added to it."""
    context = RequestContext("r", NOW, encoded_caller=with_user(encode_caller(caller), user_id))
    assert caller_of(context) == caller._replace(user_id=user_id)


def test_a_context_from_before_there_were_callers_is_read() -> None:
    """A peer of an older version sends no caller, which is one of whom nothing is known."""
    older = context_pb2.RequestContext(request_id="rq-1", criticality=context_pb2.CRITICALITY_SHEDDABLE)
    context = from_entries([(CONTEXT_KEY, older.SerializeToString())], NOW)
    assert (context.request_id, context.criticality) == ("rq-1", Criticality.SHEDDABLE)
    assert caller_of(context) == Caller()
    assert context_pb2.RequestContext.FromString(to_entry(context)[1]).caller == b""


def test_a_type_of_client_from_the_future_is_passed_on() -> None:
    """A type that this version does not know counts as unknown here, and reaches whoever knows it."""
    newer = context_pb2.RequestContext.FromString(b"\x22\x02\x08\x63")
    context = from_entries([(CONTEXT_KEY, newer.SerializeToString())], NOW)
    assert caller_of(context).client_type is ClientType.UNKNOWN
    sent = context_pb2.RequestContext.FromString(to_entry(context)[1])
    assert context_pb2.Caller.FromString(sent.caller).client_type == 99


@given(st.binary())
def test_no_call_fails_for_a_context_that_is_none(data: bytes) -> None:
    """Whatever arrives in the context's place, there is a context to go on with."""
    context = from_entries([(CONTEXT_KEY, data)], NOW)
    caller_of(context)
    to_entry(context)


@given(st.binary())
def test_a_broken_caller_is_nobody(data: bytes) -> None:
    """A caller that cannot be read is one of whom nothing is known."""
    assert isinstance(caller_of(RequestContext("r", NOW, encoded_caller=data)), Caller)


def test_client_types_are_those_of_the_contract() -> None:
    """The wire's numbers and ours cannot drift apart."""
    ours = {f"CLIENT_TYPE_{each.name}": each.value for each in ClientType if each is not ClientType.UNKNOWN}
    assert {**ours, "CLIENT_TYPE_UNSPECIFIED": 0} == dict(context_pb2.ClientType.items())
