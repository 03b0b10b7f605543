"""What every benchmark prints: one JSON line per figure on stdout, a table for people on stderr, an exit status."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure and its bound. Its value is the median of its runs."""

    name: str
    runs: tuple[float, ...]
    unit: str
    bound: str
    """A comparison and a number, such as `>= 15000`; empty for a figure that only explains another."""
    ok: bool
    peer: str
    """What stands on the other side of a ratio, with its own figure; empty where there is none."""

    @property
    def value(self) -> float:
        """Return the median of the runs."""
        return median(self.runs)

    @classmethod
    def at_least(cls, name: str, runs: Sequence[float], unit: str, bound: float, peer: str = "") -> "Figure":
        """Return a figure whose median must reach the bound."""
        return cls(name, tuple(runs), unit, f">= {_number(bound)}", median(runs) >= bound, peer)

    @classmethod
    def at_most(cls, name: str, runs: Sequence[float], unit: str, bound: float, peer: str = "") -> "Figure":
        """Return a figure whose median must not pass the bound."""
        return cls(name, tuple(runs), unit, f"<= {_number(bound)}", median(runs) <= bound, peer)

    @classmethod
    def told(cls, name: str, runs: Sequence[float], unit: str, peer: str = "") -> "Figure":
        """Return a figure without a bound."""
        return cls(name, tuple(runs), unit, bound="", ok=True, peer=peer)


def report(figures: Sequence[Figure]) -> int:
    """Print the figures and return the exit status: 1 where a bound is missed."""
    for figure in figures:
        sys.stdout.write(_json_line(figure))
    sys.stdout.flush()
    sys.stderr.write(_table(figures))
    return 0 if all(figure.ok for figure in figures) else 1


def _json_line(figure: Figure) -> str:
    keys = ("name", "value", "unit", "bound", "ok", "peer")
    return json.dumps({key: getattr(figure, key) for key in keys}) + "\n"


def _table(figures: Sequence[Figure]) -> str:
    header = ("figure", "value", "unit", "bound", "", "runs", "peer")
    rows = [header, *(_row(figure) for figure in figures)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join(lines) + "\n"


def _row(figure: Figure) -> tuple[str, ...]:
    verdict = ("ok" if figure.ok else "MISSED") if figure.bound else ""
    runs = " ".join(_number(run) for run in figure.runs)
    return figure.name, _number(figure.value), figure.unit, figure.bound, verdict, runs, figure.peer


def _number(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 1_000 else f"{value:.3g}"


@dataclass(frozen=True, slots=True)
class Spent:
    """What a finished child process cost, and what it printed on stdout."""

    cpu_s: float
    peak_rss_bytes: int
    output: str


def spend(command: Sequence[str]) -> Spent:
    """Run the command to its end and return its cost; its stderr is ours. Raises CalledProcessError where it fails.

    Keep the calling process small: Linux counts the memory of the caller at the fork into the child's peak.
    """
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:  # noqa: S603 - a benchmark's own command
        output = child.stdout.read() if child.stdout else ""
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, command)
    return Spent(usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, output)


def cpu_seconds(pid: int) -> float:
    """Return the CPU time that a running process has used so far, in user and kernel mode, all its threads together."""
    # What clock_getcpuclockid(3) returns: to the nanosecond, where /proc counts in hundredths of a second.
    return time.clock_gettime(~pid << 3 | 2)
