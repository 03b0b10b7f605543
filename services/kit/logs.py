"""Log events: one line each, named by what happened (`search.ranked`), with the request's ids.

JSON for machines, a short text for people who look on. Control characters never reach the terminal: JSON escapes them,
the text form prints values as JSON too.
"""

import atexit
import logging
import sys
import threading
import time
from collections.abc import Callable, Mapping, MutableMapping
from contextlib import suppress
from enum import StrEnum
from typing import Any, BinaryIO, Protocol, TypeAlias, cast

import orjson
import structlog

from services.kit.clock import Clock
from services.kit.context import current

Event: TypeAlias = MutableMapping[str, Any]


class Logger(structlog.typing.FilteringBoundLogger, Protocol):
    """One service's log."""

    def note(self, event: str, fields: Mapping[str, object]) -> None:
        """Write an event of level info the short way, for one that every request writes.

        It costs a fraction of what `info` does, and brings no ids of the request: they are among the fields or absent.
        """
        ...


class LogFormat(StrEnum):
    """How log lines look."""

    JSON = "json"
    TEXT = "text"


class LogLevel(StrEnum):
    """The least important lines that are still written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


_MOST_WAITING = 10_000
_GATHERING_S = 0.01
"""For which the writer lets lines gather: waking it costs more than a line does."""
_CLOSING_S = 1.0

_SEVERITY = {
    LogLevel.DEBUG: logging.DEBUG,
    LogLevel.INFO: logging.INFO,
    LogLevel.WARNING: logging.WARNING,
    LogLevel.ERROR: logging.ERROR,
}


class Lines:
    """Writes lines from a thread of its own, so that whoever logs never waits for whoever reads.

    Lines that find too many waiting are dropped and counted, and the count is written once there is room. A sink that
    is gone takes nothing down: its lines are lost and that is all.
    """

    def __init__(self, out: BinaryIO) -> None:
        self._out, self._dropped, self._in_hand = out, 0, 0
        self._waiting: list[bytes] = []
        self._lock = threading.Lock()
        self._any, self._closed = threading.Event(), False
        self._thread = threading.Thread(target=self._write, name="log", daemon=True)
        self._thread.start()
        atexit.register(self.close)

    def msg(self, line: bytes) -> None:
        """Take a line in."""
        with self._lock:
            waiting = len(self._waiting)
            if waiting + self._in_hand < _MOST_WAITING:
                self._waiting.append(line)
            else:
                self._dropped += 1
        if not waiting:
            self._any.set()

    log = debug = info = warn = warning = error = critical = exception = fatal = failure = msg

    def close(self) -> None:
        """Write what waits, within a second."""
        self._closed = True
        self._any.set()
        self._thread.join(_CLOSING_S)

    def _write(self) -> None:
        while not self._closed:
            self._any.wait()
            if not self._closed:
                time.sleep(_GATHERING_S)
            self._any.clear()
            self._write_waiting()
        self._write_waiting()

    def _write_waiting(self) -> None:
        with self._lock:
            lines, self._waiting = self._waiting, []
            dropped, self._dropped, self._in_hand = self._dropped, 0, len(lines)
        lost = [b"(%d lines were dropped)" % dropped] if dropped else []
        if lost or lines:
            with suppress(OSError, ValueError):
                self._out.write(b"\n".join([*lost, *lines, b""]))
                self._out.flush()
        self._in_hand = 0


def open_log(
    service: str, clock: Clock, form: LogFormat, level: LogLevel = LogLevel.INFO, lines: Lines | None = None
) -> Logger:
    """Return a logger for one service that writes its lines there, or to standard error."""

    def stamp(_logger: object, method: str, event: Event) -> Event:
        stamped = {"time": clock.now().isoformat(timespec="milliseconds"), "level": method, "service": service}
        return {**stamped, **_request_ids(), **event}

    render = _json if form is LogFormat.JSON else _text

    def noted(event: str, fields: Mapping[str, object]) -> bytes:
        return render(
            None, "info", {"time": clock.now(), "level": "info", "service": service, "event": event, **fields}
        )

    logger = structlog.wrap_logger(
        lines or Lines(sys.stderr.buffer),
        processors=[stamp, structlog.processors.format_exc_info, render],
        wrapper_class=_wrapper(level, noted),
    )
    # Bound now, since a logger that is not makes one that is for every line.
    return cast("Logger", logger.bind())


def _wrapper(level: LogLevel, noted: Callable[[str, Mapping[str, object]], bytes]) -> type[Logger]:
    """Return structlog's logger for the level, with the short way beside its own."""
    is_written = _SEVERITY[level] <= logging.INFO

    def note(self: Any, event: str, fields: Mapping[str, object]) -> None:  # noqa: ANN401 - structlog's logger, which holds the sink
        if is_written:
            self._logger.msg(noted(event, fields))

    wrapper = type("Logger", (structlog.make_filtering_bound_logger(_SEVERITY[level]),), {"note": note})
    return cast("type[Logger]", wrapper)


def _request_ids() -> dict[str, str]:
    request = current()
    if request is None:
        return {}
    trace = request.trace
    ids = {"request_id": request.request_id, "trace_id": trace.trace_id if trace else ""}
    return {name: value for name, value in ids.items() if value}


def _json(_logger: object, _method: str, event: Event) -> bytes:
    return _encoded(event)


def _text(_logger: object, _method: str, event: Event) -> bytes:
    time, level, _, name = (str(event.pop(key)) for key in ("time", "level", "service", "event"))
    trace = event.pop("exception", None)
    pairs = " ".join(f"{key}={_value(value)}" for key, value in event.items())
    line = f"{time[11:19]} {level:<7} {name} {pairs}".rstrip()
    return (line if trace is None else f"{line}\n{_printable(str(trace))}").encode(errors="backslashreplace")


def _printable(text: str) -> str:
    return "\n".join(repr(line)[1:-1] if not line.isprintable() else line for line in text.split("\n"))


def _value(value: object) -> str:
    return _encoded(value).decode()


def _encoded(value: object) -> bytes:
    try:
        return orjson.dumps(value, default=repr)
    except TypeError:
        # A number or a text that JSON cannot carry is still worth a line.
        return orjson.dumps(repr(value).encode(errors="backslashreplace").decode())


class Forward(logging.Handler):
    """Hands what libraries log the standard way to one of our loggers."""

    def __init__(self, logger: Logger) -> None:
        super().__init__()
        self._logger = logger

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record as an event named `library.<logger's name>`."""
        fields: Mapping[str, object] = {"message": record.getMessage(), "exc_info": record.exc_info or None}
        given = {key: value for key, value in fields.items() if value is not None}
        event = f"library.{record.name}"
        self._logger.log(record.levelno, event, **given)
