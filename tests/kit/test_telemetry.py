"""Metrics, logs and spans: each service's own, none global."""

import io
import logging

import orjson
import prometheus_client
import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from services.kit.clock import ManualClock
from services.kit.context import RequestContext, Trace, current, entered
from services.kit.logs import Forward, LogFormat, LogLevel, open_log
from services.kit.signals import Counter, Gauge, Timing
from services.kit.telemetry import Telemetry, make_telemetry
from services.kit.tracing import Tracer, processing_tracer

CALLS = Counter("backline_toy_calls_total", "Calls.", ("code",))
LEVEL = Gauge("backline_toy_level", "Level.")
TIMES = Timing("backline_toy_seconds", "Times.", buckets_s=(0.1, 1.0))
TRACE = Trace("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", sampled=True)


def telemetry(tracer: Tracer | None = None) -> Telemetry:
    """Return instruments of a toy service."""
    return make_telemetry("toy", [CALLS, LEVEL, TIMES], open_log("toy", ManualClock(), LogFormat.JSON), tracer)


def test_two_services_in_one_process_share_no_metric() -> None:
    """What one counts, the other does not show, and the process-wide registry shows neither."""
    one, other = telemetry(), telemetry()
    one.counter(CALLS, code="OK").inc()
    other.counter(CALLS, code="OK")
    sample = ("backline_toy_calls_total", {"code": "OK"})
    assert one.registry.get_sample_value(*sample) == 1
    assert other.registry.get_sample_value(*sample) == 0
    assert prometheus_client.REGISTRY.get_sample_value(*sample) is None  # noqa: TID251 - that it stays empty is the point


def test_timings_fall_into_their_own_buckets() -> None:
    """A duration is counted in seconds, in the buckets that the metric declares."""
    instruments = telemetry()
    instruments.timing(TIMES).observe(0.5)
    assert instruments.registry.get_sample_value("backline_toy_seconds_bucket", {"le": "0.1"}) == 0
    assert instruments.registry.get_sample_value("backline_toy_seconds_bucket", {"le": "1.0"}) == 1


def test_what_no_signals_module_declares_cannot_be_bound() -> None:
    """A metric exists because it is declared, and as what it is declared."""
    with pytest.raises(KeyError):
        telemetry().counter(Counter("backline_toy_other_total", "Other."))
    with pytest.raises(TypeError):
        telemetry().counter(Counter(LEVEL.name, "Not what it is."))


def written(form: LogFormat, level: LogLevel = LogLevel.INFO) -> tuple[Telemetry, io.BytesIO]:
    """Return a telemetry whose log goes to a buffer."""
    out = io.BytesIO()
    return make_telemetry("toy", [], open_log("toy", ManualClock(), form, level, out)), out


def test_a_json_line_names_the_event_and_the_request() -> None:
    """A machine finds every line of a request by its ids."""
    toy, out = written(LogFormat.JSON)
    with entered(RequestContext("r-1", 0, traceparent=TRACE.traceparent())):
        toy.log.info("toy.played", bars=4)
    assert orjson.loads(out.getvalue()) == {
        "time": "2026-01-01T00:16:40.000+00:00",
        "level": "info",
        "service": "toy",
        "request_id": "r-1",
        "trace_id": TRACE.trace_id,
        "event": "toy.played",
        "bars": 4,
    }


@pytest.mark.parametrize("form", list(LogFormat))
def test_control_characters_never_reach_the_terminal(form: LogFormat) -> None:
    """Text from outside can neither forge a line nor move the cursor."""
    toy, out = written(form)
    toy.log.info("toy.played", title="a\nb\x1b[2J")
    line = out.getvalue()
    assert line.count(b"\n") == 1
    assert b"\x1b" not in line


def test_an_error_brings_its_trace_in_both_forms() -> None:
    """Whoever reads the log sees where it broke."""
    for form in LogFormat:
        toy, out = written(form)
        toy.log.error("toy.broke", exc_info=ValueError("deep inside"))
        assert b"ValueError: deep inside" in out.getvalue()


def test_lines_below_the_level_are_not_written() -> None:
    """Debug lines cost nothing unless asked for."""
    toy, out = written(LogFormat.JSON, LogLevel.WARNING)
    toy.log.info("toy.played")
    assert out.getvalue() == b""


def test_what_libraries_log_comes_out_as_our_lines() -> None:
    """There is one stream of log lines, with one form."""
    toy, out = written(LogFormat.JSON)
    Forward(toy.log).emit(
        logging.makeLogRecord({"name": "asyncio", "levelno": logging.ERROR, "msg": "late: %s", "args": ("x",)})
    )
    line = orjson.loads(out.getvalue())
    assert (line["event"], line["message"], line["level"]) == ("library.asyncio", "late: x", "error")


def test_a_sampled_request_makes_a_span_under_its_caller_and_others_make_none() -> None:
    """Spans are made for sampled requests only, and calls made inside belong to them."""
    exporter = InMemorySpanExporter()
    with processing_tracer("toy", SimpleSpanProcessor(exporter)) as tracer:
        toy = telemetry(tracer)
        with toy.entered("play", RequestContext("r-1", 0, traceparent=TRACE.traceparent())):
            inner = current()
        with toy.entered(
            "play",
            RequestContext("r-2", 0, traceparent=Trace(TRACE.trace_id, TRACE.span_id, sampled=False).traceparent()),
        ):
            assert current() is not None
    (span,) = exporter.get_finished_spans()
    assert span.context is not None
    assert span.parent is not None
    assert f"{span.context.trace_id:032x}" == TRACE.trace_id
    assert f"{span.parent.span_id:016x}" == TRACE.span_id
    assert inner is not None
    assert inner.trace == Trace(TRACE.trace_id, f"{span.context.span_id:016x}", sampled=True)
