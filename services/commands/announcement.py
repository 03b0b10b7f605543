"""Where a process listens, written into its folder once it is ready, so that whoever shares the folder finds it."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from services.kit.files import write_whole

FILE_NAME = "listening.json"


@dataclass(frozen=True, slots=True)
class Announcement:
    """Which process serves here, and where."""

    pid: int
    addresses: Mapping[str, Mapping[str, str]]
    """By service, then by protocol: {"search": {"grpc": "127.0.0.1:7001", "operations": "127.0.0.1:9101"}}."""

    @property
    def alive(self) -> bool:
        """Whether that process is still there."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True


@contextmanager
def announced_in(folder: Path, announcement: Announcement) -> Iterator[None]:
    """Announce for the block. Raises Unavailable where that cannot be written."""
    path = folder / FILE_NAME
    write_whole(path, json.dumps(asdict(announcement)))
    try:
        yield
    finally:
        withdraw(folder, announcement.pid)


def withdraw(folder: Path, pid: int) -> None:
    """Take the announcement of that process away; another's stays."""
    there = announced(folder)
    if there is not None and there.pid == pid:
        forget(folder)


def forget(folder: Path) -> None:
    """Take away whatever is announced in the folder."""
    (folder / FILE_NAME).unlink(missing_ok=True)


def announced(folder: Path) -> Announcement | None:
    """Return the announcement in the folder; None where there is none that can be read."""
    try:
        said = json.loads((folder / FILE_NAME).read_text())
        addresses = {service: dict(by_protocol) for service, by_protocol in said["addresses"].items()}
        return Announcement(int(said["pid"]), addresses)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def running(home: Path, service: str, protocol: str = "grpc") -> str:
    """Return where a service of this folder listens, any of its processes; empty where none does."""
    announcements = [announced(file.parent) for file in sorted(home.glob(f"*/{FILE_NAME}"))]
    alive = [each for each in announcements if each is not None and each.alive and service in each.addresses]
    return alive[0].addresses[service][protocol] if alive else ""
