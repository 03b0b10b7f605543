"""Metrics, logs and spans: each service's own, none global."""

import io
import logging
import os
import threading
from dataclasses import dataclass

import orjson
import prometheus_client
import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from services.kit.clock import ManualClock
from services.kit.context import RequestContext, Trace, current, entered
from services.kit.logs import _MOST_WAITING, Forward, Lines, LogFormat, Logger, LogLevel, open_log
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


@dataclass
class Written:
    """A log, and what came of it."""

    log: Logger
    lines: Lines
    buffer: io.BytesIO

    def text(self) -> bytes:
        """Return what was written, once all of it is."""
        self.lines.close()
        return self.buffer.getvalue()


def written(form: LogFormat, level: LogLevel = LogLevel.INFO) -> Written:
    """Return a log that writes to a buffer."""
    buffer = io.BytesIO()
    lines = Lines(buffer)
    return Written(open_log("toy", ManualClock(), form, level, lines), lines, buffer)


def test_a_json_line_names_the_event_and_the_request() -> None:
    """A machine finds every line of a request by its ids."""
    toy = written(LogFormat.JSON)
    with entered(RequestContext("r-1", 0, traceparent=TRACE.traceparent())):
        toy.log.info("toy.played", bars=4)
    assert orjson.loads(toy.text()) == {
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
    """Text from outside can neither forge a line nor move the cursor, also where it comes in an error."""
    toy = written(form)
    toy.log.info("toy.played", title="a\nb\x1b[2J")
    toy.log.error("toy.broke", exc_info=ValueError("\x1b[2J"))
    assert b"\x1b" not in toy.text()
    assert sum(b"toy.played" in line for line in toy.text().splitlines()) == 1


@pytest.mark.parametrize("form", list(LogFormat))
def test_an_error_brings_its_trace(form: LogFormat) -> None:
    """Whoever reads the log sees where it broke."""
    toy = written(form)
    toy.log.error("toy.broke", exc_info=ValueError("deep inside"))
    assert b"ValueError: deep inside" in toy.text()


@pytest.mark.parametrize("value", ["\ud800", 1 << 100, object()])
@pytest.mark.parametrize("form", list(LogFormat))
def test_what_json_cannot_carry_is_still_a_line(form: LogFormat, value: object) -> None:
    """No value that somebody logs ends the request that logged it."""
    toy = written(form)
    toy.log.info("toy.played", value=value)
    assert b"toy.played" in toy.text()


def test_lines_below_the_level_are_not_written() -> None:
    """Debug lines cost nothing unless asked for."""
    toy = written(LogFormat.JSON, LogLevel.WARNING)
    toy.log.info("toy.played")
    assert toy.text() == b""


def test_a_reader_that_is_gone_takes_nothing_down() -> None:
    """A closed terminal or a full disk costs log lines, and no request."""
    out = io.BytesIO()
    out.close()
    lines = Lines(out)
    log = open_log("toy", ManualClock(), LogFormat.TEXT, lines=lines)
    for _ in range(3):
        log.info("toy.played")
    lines.close()


def test_whoever_logs_does_not_wait_for_a_reader_that_does_not_read() -> None:
    """A pipe that is full holds up the writer's thread alone; what finds no room is dropped, and its number told."""
    reader, writer = os.pipe()
    with os.fdopen(writer, "wb", buffering=0) as out, os.fdopen(reader, "rb") as read:
        lines = Lines(out)
        log = open_log("toy", ManualClock(), LogFormat.TEXT, lines=lines)
        for _ in range(12_000):
            log.info("toy.played", title="x" * 100)
        threading.Thread(target=lines.close, daemon=True).start()
        text = b""
        while b"lines were dropped" not in text:
            text += read.read1(65_536)
    assert b"toy.played" in text


class Held(io.BytesIO):
    """A sink that takes nothing until it may."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.may = threading.Event(), threading.Event()

    def write(self, text: bytes) -> int:  # type: ignore[override] # all that a log writes
        """Take the text once that is allowed."""
        self.asked.set()
        self.may.wait()
        return super().write(text)


def test_lines_that_find_all_room_taken_by_those_being_written_are_told_of() -> None:
    """Their number is written even where no other line comes after them."""
    out = Held()
    lines = Lines(out)
    lines._waiting.extend([b"x"] * _MOST_WAITING)
    lines._any.set()
    out.asked.wait()
    lines.msg(b"too many")
    out.may.set()
    lines.close()
    assert out.getvalue().endswith(b"(1 lines were dropped)\n")


def test_what_libraries_log_comes_out_as_our_lines() -> None:
    """There is one stream of log lines, with one form."""
    toy = written(LogFormat.JSON)
    record = {"name": "asyncio", "levelno": logging.ERROR, "msg": "late: %s", "args": ("x",)}
    Forward(toy.log).emit(logging.makeLogRecord(record))
    line = orjson.loads(toy.text())
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


def test_what_is_over_becomes_a_span_of_its_own() -> None:
    """It has the length that it had, beside the request's other spans; a request that is not sampled has no trace."""
    exporter = InMemorySpanExporter()
    with processing_tracer("toy", SimpleSpanProcessor(exporter)) as tracer:
        toy = telemetry(tracer)
        with entered(RequestContext("r-1", 0, traceparent=TRACE.traceparent())):
            assert toy.trace == TRACE
            tracer.past("toy.step", TRACE, ago_s=0.5, took_s=0.25)
        unsampled = Trace(TRACE.trace_id, TRACE.span_id, sampled=False)
        with entered(RequestContext("r-2", 0, traceparent=unsampled.traceparent())):
            assert toy.trace is None
    assert toy.trace is None
    (span,) = exporter.get_finished_spans()
    assert span.start_time is not None
    assert span.end_time is not None
    assert (span.name, span.end_time - span.start_time) == ("toy.step", 250_000_000)
    assert span.parent is not None
    assert f"{span.parent.span_id:016x}" == TRACE.span_id
