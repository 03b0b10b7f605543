"""When a whole index is built anew: a pure decision over what is known."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for what, in seconds."""

    rebuild_s: float
    """Between a change and the rebuild that folds it in."""
    quiet_s: float
    """For which the feed has to be silent before what a delta cannot hold is built."""
    patience_s: float
    """After which it is built although the feed is never silent."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known; times in seconds."""

    has_base: bool = False
    """Whether there is an index to build deltas over."""
    asked: bool = False
    """Whether somebody asked for a rebuild."""
    held: bool = False
    """Whether nothing new is to be rolled out until somebody asks."""
    rolling_out: bool = False
    """Whether a generation is on its way to the search processes."""
    changed: bool = False
    """Whether the catalogue has changed since the base was built."""
    beyond_delta: bool = False
    """Whether it has changed more than a delta can hold, or is another one."""
    base_age_s: float = 0.0
    silent_s: float = 0.0
    """Since the last change."""
    beyond_s: float = 0.0
    """Since it has been more than a delta can hold."""


def reason_to_build(now: Situation, patience: Patience) -> str:
    """Return why a whole index is to be built now, in a word or two for log and metric; empty where none is."""
    if now.asked:
        return "asked"
    if not now.has_base:
        return "first"
    if now.held or now.rolling_out:
        return ""
    if now.beyond_delta and (now.silent_s >= patience.quiet_s or now.beyond_s >= patience.patience_s):
        return "beyond_delta"
    return "rebuild" if now.changed and now.base_age_s >= patience.rebuild_s else ""
