"""Log events: one line each, named by what happened (`search.ranked`), with the request's ids.

JSON for machines, a short text for people who look on. Control characters never reach the terminal: JSON escapes them,
the text form prints values as JSON too.
"""

import logging
import sys
from collections.abc import Mapping, MutableMapping
from enum import StrEnum
from typing import Any, BinaryIO, TypeAlias

import orjson
import structlog

from services.kit.clock import Clock
from services.kit.context import current

Event: TypeAlias = MutableMapping[str, Any]
Logger: TypeAlias = structlog.typing.FilteringBoundLogger


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


_SEVERITY = {
    LogLevel.DEBUG: logging.DEBUG,
    LogLevel.INFO: logging.INFO,
    LogLevel.WARNING: logging.WARNING,
    LogLevel.ERROR: logging.ERROR,
}


def open_log(
    service: str, clock: Clock, form: LogFormat, level: LogLevel = LogLevel.INFO, out: BinaryIO | None = None
) -> Logger:
    """Return a logger for one service that writes to `out` (standard error unless given)."""

    def stamp(_logger: object, method: str, event: Event) -> Event:
        stamped = {"time": clock.now().isoformat(timespec="milliseconds"), "level": method, "service": service}
        return {**stamped, **_request_ids(), **event}

    renderers = [_json] if form is LogFormat.JSON else [_text]
    logger: Logger = structlog.wrap_logger(
        structlog.BytesLogger(out or sys.stderr.buffer),
        processors=[stamp, structlog.processors.format_exc_info, *renderers],
        wrapper_class=structlog.make_filtering_bound_logger(_SEVERITY[level]),
    )
    return logger


def _request_ids() -> dict[str, str]:
    request = current()
    if request is None:
        return {}
    trace = request.trace
    ids = {"request_id": request.request_id, "trace_id": trace.trace_id if trace else ""}
    return {name: value for name, value in ids.items() if value}


def _json(_logger: object, _method: str, event: Event) -> bytes:
    return orjson.dumps(event, default=repr)


def _text(_logger: object, _method: str, event: Event) -> bytes:
    time, level, _, name = (str(event.pop(key)) for key in ("time", "level", "service", "event"))
    trace = event.pop("exception", None)
    pairs = " ".join(f"{key}={_value(value)}" for key, value in event.items())
    line = f"{time[11:19]} {level:<7} {name} {pairs}".rstrip()
    return (line if trace is None else f"{line}\n{trace}").encode(errors="backslashreplace")


def _value(value: object) -> str:
    return orjson.dumps(value, default=repr).decode()


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
