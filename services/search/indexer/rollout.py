"""Who serves which generation: one search process tries a new one first, then the others follow one by one.

Pure: the time comes with each call, and nothing here knows of disks or wires. What processes report is soft state: it
is bounded, expires, and is back within a second of a restart.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from math import inf

from services.kit.errors import Conflict
from services.search.domain.rollout import Report

MOST_PROCESSES = 256
_MOST_LOSSES = 2
"""A canary may be lost once for reasons of its own; one more, and the generation is at fault."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a generation is rolled out, in seconds."""

    canary_s: float
    """For which the first process serves it before others do."""
    stagger_s: float
    """Between one process and the next after that."""
    expire_s: float
    """After which a process that reports nothing is forgotten."""
    limit_s: float = inf
    """After which it is stopped if nobody has proved it sound, and else over, whoever still lacks it."""


class Outcome(StrEnum):
    """How a rollout ended."""

    COMPLETED = "completed"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class End:
    """The end of a rollout."""

    outcome: Outcome
    generation: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """A search process as its last report had it."""

    report: Report
    at: float
    """When it reported last."""
    since: float
    """Since when it serves what it serves."""


@dataclass(slots=True)
class Rollout:
    """The state of it all. `target` is empty while no rollout is under way."""

    pace: Pace
    stable: str = ""
    """What everybody serves, or goes back to."""
    previous: str = ""
    """What was stable before."""
    target: str = ""
    bad: set[str] = field(default_factory=set)
    """Generations that were stopped or rolled back, never rolled out again unless by hand."""
    seen: dict[str, Seen] = field(default_factory=dict)
    _admitted: list[str] = field(default_factory=list)
    """The processes that may serve the target; the first is the canary."""
    _began: float = 0.0
    _admitted_at: float = 0.0
    _losses: int = 0

    @property
    def canary(self) -> str:
        """Return the process that tries the target; empty where none does."""
        return self._admitted[0] if self._admitted else ""

    def begin(self, generation: str, now: float) -> None:
        """Roll a generation out; the first of all is everybody's at once. One that is under way is superseded."""
        self.bad.discard(generation)
        if generation == self.stable or not self.stable:
            self.stable, self.target = generation, ""
        else:
            self.target, self._began, self._losses = generation, now, 0
        self._admitted.clear()

    @property
    def newest(self) -> str:
        """Return what is being rolled out, or was last."""
        return self.target or self.stable

    @property
    def fallback(self) -> str:
        """Return what a rollback would go back to. Raises Conflict where there is nothing."""
        if self.target:
            return self.stable
        if not self.previous or self.previous in self.bad:
            raise Conflict("There is no sound generation before this one to go back to.")
        return self.previous

    def roll_back(self) -> None:
        """Give everybody what was served before, at once. Raises Conflict where there is nothing to go back to."""
        fallback = self.fallback
        if self.target:
            self._stop()
        else:
            self.bad.add(self.stable)
            self.stable, self.previous = fallback, self.stable

    def report(self, report: Report, now: float) -> str:
        """Take a report and return the generation that the process shall serve; empty while there is none.

        One process too many is served like the others, and not waited for.
        """
        before = self.seen.get(report.process)
        if before is None and len(self.seen) >= MOST_PROCESSES:
            return self.stable
        since = before.since if before and before.report.serving == report.serving else now
        if before and report.process == self.canary and before.report.serving == self.target != report.serving:
            self._losses += 1
        self.seen[report.process] = Seen(report, now, since)
        return self._assigned(report.process)

    def _assigned(self, process: str) -> str:
        return self.target if self.target and process in self._admitted else self.stable

    def advance(self, now: float) -> End | None:
        """Let time pass: forget who is silent, admit who is next; return the end of the rollout where it came."""
        self._forget(now)
        if not self.target:
            return None
        reason = self._fault(now)
        if reason:
            return End(Outcome.STOPPED, self._stop(), reason)
        if self._is_over(now):
            return End(Outcome.COMPLETED, self._complete())
        self._admit(now)
        return None

    def _forget(self, now: float) -> None:
        for name, seen in list(self.seen.items()):
            if now - seen.at > self.pace.expire_s:
                del self.seen[name]
                if name == self.canary and seen.report.serving == self.target:
                    self._losses += 1
        self._admitted = [name for name in self._admitted if name in self.seen]

    def _fault(self, now: float) -> str:
        """Return what speaks against the target, in words; empty while nothing does."""
        canary = self.seen.get(self.canary)
        if canary and canary.report.refused == self.target:
            return f"{self.canary}, which tried it first, refused it"
        if self._losses >= _MOST_LOSSES:
            return "the process that tried it first was lost again and again"
        is_late = bool(self.seen) and now - self._began > self.pace.limit_s
        return "no process came to serve it in time" if is_late and not self._has_proved_sound(now) else ""

    def _is_over(self, now: float) -> bool:
        if not self.seen:
            return now - self._began > self.pace.expire_s  # nobody to be careful for
        tried = all(self.target in (seen.report.serving, seen.report.refused) for seen in self.seen.values())
        return (tried or now - self._began > self.pace.limit_s) and self._has_proved_sound(now)

    def _has_proved_sound(self, now: float) -> bool:
        canary = self.seen.get(self.canary)
        return bool(canary and canary.report.serving == self.target and now - canary.since >= self.pace.canary_s)

    def _admit(self, now: float) -> None:
        waiting = sorted(self.seen.keys() - set(self._admitted))
        paced = self._has_proved_sound(now) and now - self._admitted_at >= self.pace.stagger_s
        if waiting and (not self._admitted or paced):
            self._admitted.append(waiting[0])
            self._admitted_at = now

    def _complete(self) -> str:
        self.previous, self.stable, self.target = self.stable, self.target, ""
        self._admitted.clear()
        return self.stable

    def _stop(self) -> str:
        stopped, self.target = self.target, ""
        self.bad.add(stopped)
        self._admitted.clear()
        return stopped
