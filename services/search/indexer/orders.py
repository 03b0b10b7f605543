"""What people order of the indexer, each with who asks and why."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.kit.errors import Invalid

MAX_ACTOR_CHARS, MAX_REASON_CHARS = 64, 500


@dataclass(frozen=True, slots=True)
class Order:
    """Who asks for something, and why; goes into the journal."""

    actor: str
    reason: str
    generation: str = ""
    """Which one; empty for the one that is meant without saying."""
    override: bool = False
    """Whether to publish it although a gate refused it."""

    @classmethod
    def of(cls, said: object) -> "Order":
        """Return the order in a JSON object. Raises Invalid, naming the field, for what is none."""
        if not isinstance(said, Mapping):
            raise Invalid("An order is a JSON object with actor and reason.")
        return cls(
            actor=_text(said, "actor", MAX_ACTOR_CHARS),
            reason=_text(said, "reason", MAX_REASON_CHARS),
            generation=_text(said, "generation", MAX_ACTOR_CHARS) if said.get("generation") else "",
            override=said.get("override") is True,
        )


def _text(said: Mapping[str, object], field: str, most_chars: int) -> str:
    value = said.get(field)
    if not isinstance(value, str) or not value.strip() or len(value) > most_chars:
        raise Invalid(f"{field} is required: a text of at most {most_chars} characters.", field=field)
    if "\x00" in value or any("\ud800" <= char <= "\udfff" for char in value):
        raise Invalid(f"{field} has characters that cannot be kept.", field=field)
    return value.strip()
