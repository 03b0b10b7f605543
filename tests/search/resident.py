"""What of files is in this process's memory, as Linux tells it."""

from pathlib import Path

_MAPPINGS = Path("/proc/self/smaps")


def resident_kib(folder: Path) -> int:
    """Return how much of the folder's files this process holds in memory, mapped."""
    held, is_ours = 0, False
    for line in _MAPPINGS.read_text().splitlines():
        if "-" in line.split(" ", 1)[0]:
            is_ours = str(folder) in line
        elif is_ours and line.startswith("Rss:"):
            held += int(line.split()[1])
    return held
