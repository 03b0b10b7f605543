"""Builds one generation after another until it is killed: `python -m tests.search.endless_build FOLDER`."""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from services.search.index.build import build
from tests.search.invented import invented_documents
from tests.search.oracle import hit


def main(folder: Path) -> None:
    """Build without end, saying so at the start."""
    documents = invented_documents(500, seed=9)
    built_at = datetime(2026, 1, 1, tzinfo=UTC)
    sys.stdout.write("building\n")
    sys.stdout.flush()
    while True:
        built_at += timedelta(seconds=1)
        build(documents, folder, hit, source_generation=1, built_at=built_at)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
