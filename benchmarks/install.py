"""What the default installation takes on disk: a fresh environment made as `make run` makes it.

    python -m benchmarks.install

Counts every byte below site-packages, bytecode included, without pip and setuptools, which Python itself brings.
"""

import argparse
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.figures import Figure, report

ROOT = Path(__file__).parent.parent
MOST_MB = 150
BROUGHT_BY_PYTHON = ("pip", "setuptools", "pkg_resources", "_distutils_hack", "distutils-precedence.pth")
LARGEST_SHOWN = 5


def main() -> int:
    """Install, measure, print and return the exit status."""
    argparse.ArgumentParser(
        prog="python -m benchmarks.install", description="Measures the default install."
    ).parse_args()
    with TemporaryDirectory() as folder:
        sizes = _installed(Path(folder))
    total_mb = sum(sizes.values()) / 1e6
    largest = sorted(sizes, key=lambda name: -sizes[name])[:LARGEST_SHOWN]
    shown = [Figure.told(f"install.size.{name}", [sizes[name] / 1e6], "MB") for name in largest]
    return report([Figure.at_most("install.size", [total_mb], "MB", MOST_MB), *shown])


def _installed(folder: Path) -> dict[str, int]:
    """Return the bytes of each package in a fresh environment."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)  # noqa: S603 - our own interpreter
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    lock = ["--require-hashes", "--requirement", str(ROOT / "requirements.lock")]
    subprocess.run([*pip, *lock], check=True)  # noqa: S603 - our own lock
    project = ["--no-deps", "--no-build-isolation", str(ROOT)]
    subprocess.run([*pip, *project], check=True)  # noqa: S603 - our own project
    (packages,) = folder.glob("lib/python*/site-packages")
    return {path.name: _size_bytes(path) for path in packages.iterdir() if not path.name.startswith(BROUGHT_BY_PYTHON)}


def _size_bytes(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())


if __name__ == "__main__":
    sys.exit(main())
