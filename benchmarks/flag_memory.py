"""A thousand flags that all ask, compiled in a process of its own: `python -m benchmarks.flag_memory`.

Prints {"compile_ms", "resident_bytes"}. Resident memory is taken before and after the first compilation, the text not
counted: what parsing leaves behind counts, as in a process that serves. Time is that of compilations while the snapshot
before is in use, as where definitions change.
"""

import gc
import json
import os
import sys
import time

from benchmarks.flag_mixes import flagd_document, rules
from benchmarks.search_process import resident_bytes
from services.kit.flags.compile import compile_flags
from services.kit.flags.snapshot import Snapshot

FLAGS, COMPILATIONS = 1_000, 3


def main() -> None:
    """Compile a little, so that code is loaded, then all of it, again and again."""
    document = flagd_document(rules(FLAGS))
    compile_flags(flagd_document(rules(1)), now=time.time)
    before = resident_bytes(os.getpid())
    snapshot, _ = _compiled(document)
    after = resident_bytes(os.getpid())
    spent_ms = []
    for _ in range(COMPILATIONS):
        snapshot, spent = _compiled(document)
        spent_ms.append(spent)
    told = {"compile_ms": sorted(spent_ms)[COMPILATIONS // 2], "resident_bytes": after - before}
    sys.stdout.write(json.dumps(told if len(snapshot.flags) == FLAGS else None))


def _compiled(document: str) -> tuple[Snapshot, float]:
    before_ns = time.thread_time_ns()
    snapshot = compile_flags(document, now=time.time)
    gc.collect(1)  # what a compilation puts off
    return snapshot, (time.thread_time_ns() - before_ns) / 1e6


if __name__ == "__main__":
    main()
