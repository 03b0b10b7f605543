"""What it takes to start: the first time, and every time after; and the memory of all processes at rest.

    python -m benchmarks.start [--tracks 100000]

Does what `make run` does once the environment is there: makes a catalogue if there is none, starts every process, waits
for the line `ready:`, each time in a folder and on ports of its own. Wall time, since a person waits for it; resident
memory counts pages that processes share once for each, proportional memory divides them.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.request import urlopen

from benchmarks.figures import Figure, report
from services.kit.settings import variables
from services.stack import STACK

MOST_FIRST_S, MOST_WARM_S, MOST_MEMORY_MB = 60, 10, 500
RUNS = 3
REST_S = 3.0
READY = "ready: "


def main() -> int:
    """Measure, print and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.start", description="Measures starting up.")
    parser.add_argument("--tracks", type=int, default=100_000, help="how many tracks; 100,000 unless said")
    tracks = parser.parse_args().tracks
    first, warm = [], []
    for _ in range(RUNS):
        with TemporaryDirectory() as home:
            environ = _environ(Path(home))
            first.append(_start(tracks, environ))
            warm.append(_start(tracks, environ))
    resident_mb = [memory["Rss"] for _, memory in warm]
    proportional_mb = [memory["Pss"] for _, memory in warm]
    return report(
        [
            Figure.at_most("start.first", [seconds for seconds, _ in first], "s", MOST_FIRST_S),
            Figure.at_most("start.warm", [seconds for seconds, _ in warm], "s", MOST_WARM_S),
            Figure.at_most("start.resident", resident_mb, "MB", MOST_MEMORY_MB),
            Figure.told("start.proportional", proportional_mb, "MB"),
        ]
    )


def _environ(home: Path) -> dict[str, str]:
    """Return an environment with its state in the folder and any free ports."""
    known = [variable for service in STACK.values() for variable in variables(service.settings, service.prefix)]
    ports = {variable.name: "0" for variable in known if variable.name.endswith("_PORT")}
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("BACKLINE_")}
    return {**inherited, **ports, "BACKLINE_HOME": str(home)}


def _start(tracks: int, environ: Mapping[str, str]) -> tuple[float, Mapping[str, float]]:
    """Return the seconds from the command to ready, and the memory of all processes at rest after one search."""
    started = time.monotonic()
    command = [sys.executable, "-m", "services"]
    generate = [*command, "import", "generate", "--tracks", str(tracks), "--if-empty"]
    subprocess.run(generate, env=environ, check=True, capture_output=True)  # noqa: S603 - our own command
    with _up([*command, "up"], environ) as (pid, url):
        seconds = time.monotonic() - started
        with urlopen(f"{url}/v1/search?q=a") as answer:  # noqa: S310 - our own address
            answer.read()
        time.sleep(REST_S)
        return seconds, _memory_mb(pid)


@contextmanager
def _up(command: list[str], environ: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    """Start everything; give the supervisor's process and the address once it is ready."""
    with subprocess.Popen(  # noqa: S603 - our own command
        command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            if not line.startswith(READY):
                raise RuntimeError("the system did not become ready; `backline up` says why")
            yield process.pid, line.removeprefix(READY).strip()
        finally:
            process.terminate()


def _memory_mb(supervisor: int) -> dict[str, float]:
    """Return resident and proportional memory of the process and its children."""
    children = Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split()
    total = {"Rss": 0.0, "Pss": 0.0}
    for pid in (str(supervisor), *children):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            name, _, rest = line.partition(":")
            if name in total:
                total[name] += int(rest.split()[0]) / 1024
    return total


if __name__ == "__main__":
    sys.exit(main())
