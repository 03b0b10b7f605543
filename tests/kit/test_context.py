"""The request context: what a hop may still cost, and which trace it belongs to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kit.context import RequestContext, Trace, current, entered, hop_time_s, parse_traceparent
from services.kit.errors import TooLate
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
