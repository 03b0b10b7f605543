"""Where an expression stands when it is compiled: in whose rule, and whether its data is the context or an item."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from services.kit.flags.term import Constants
from services.kit.flags.versions import Versions

EVALUATION = "$flagd"
"""Where a rule finds what is evaluated, and when: {"flagKey", "timestamp"}. A caller's own value there is not seen."""
TARGETING_KEY = "targetingKey"


def unheard(_attribute: str) -> None:
    """Tell nobody of an attribute."""


@dataclass(slots=True)
class Reads:
    """What a rule reads of the context."""

    attributes: set[str] = field(default_factory=set)
    """By name, as far as names stand in the rule."""
    whole: bool = False
    """Whether it may read anything, such as the evaluation's own part."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Where an expression stands."""

    flag_key: str
    on_invalid: Callable[[str], None] = unheard
    """Called with the name of an attribute that is there and cannot be used."""
    versions: Versions = field(default_factory=Versions)
    constants: Constants = field(default_factory=Constants)
    general: bool = False
    """Whether every expression takes the general way, so that each can be watched."""
    inside: bool = False
    """Whether data is an item, within `map` and its kin."""
    reads: Reads = field(default_factory=Reads)

    def within(self) -> "Scope":
        """Return the scope of what is put to each item."""
        return replace(self, inside=True)
