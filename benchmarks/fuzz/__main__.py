"""Hunts with one target after the other: `python -m benchmarks.fuzz --minutes 10`, each for so long."""

import argparse
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from tempfile import TemporaryDirectory

from benchmarks.figures import Figure, report

TARGETS = ("words", "messages")
_NOISE = ("INFO: Instrumenting", "WARNING: Failed to find function")
_INPUTS = re.compile(r"stat::number_of_executed_units: (\d+)")


def main() -> int:
    """Hunt, print and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzz", description="Looks for what search cannot take.")
    parser.add_argument("--minutes", type=float, default=10, help="for each target; 10 unless said")
    seconds = round(parser.parse_args().minutes * 60)
    if find_spec("atheris") is None:
        sys.stderr.write("Fuzzing needs atheris, which there is for Linux; the short form is a test everywhere.\n")
        return 1
    return report([figure for target in TARGETS for figure in _hunted(target, seconds)])


def _hunted(target: str, seconds: int) -> Sequence[Figure]:
    command = [sys.executable, "-m", "benchmarks.fuzz.hunt", target, str(seconds)]
    inputs = 0
    with (
        TemporaryDirectory() as folder,  # what the child leaves behind when libFuzzer ends it
        subprocess.Popen(command, env={**os.environ, "TMPDIR": folder}, stderr=subprocess.PIPE, text=True) as child,  # noqa: S603 - a program of ours
    ):
        for line in child.stderr or ():
            if not line.startswith(_NOISE):
                sys.stderr.write(line)
            if found := _INPUTS.search(line):
                inputs = int(found[1])
    return [
        Figure.told(f"fuzz.{target}.inputs", [inputs], "inputs"),
        Figure.at_most(f"fuzz.{target}.broken", [float(child.returncode != 0)], "hunts", 0),
    ]


if __name__ == "__main__":
    sys.exit(main())
