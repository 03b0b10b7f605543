"""Time, passed in: the system's for processes, one set by hand for tests."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time."""

    def monotonic(self) -> float:
        """Return seconds since some fixed moment; never goes back."""
        ...

    def now(self) -> datetime:
        """Return the date and time in UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    monotonic = staticmethod(time.monotonic)

    def now(self) -> datetime:
        """Return the machine's date and time in UTC."""
        return datetime.now(UTC)


@dataclass(slots=True)
class ManualClock:
    """A clock that stands still until it is told to go on."""

    seconds: float = 1_000.0
    started: datetime = datetime(2026, 1, 1, tzinfo=UTC)

    def monotonic(self) -> float:
        """Return the seconds set so far."""
        return self.seconds

    def now(self) -> datetime:
        """Return the start moved on by the seconds set so far."""
        return self.started + timedelta(seconds=self.seconds)

    def advance(self, seconds: float) -> None:
        """Let that many seconds pass."""
        self.seconds += seconds
