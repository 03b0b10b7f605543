"""What a flag can decide, each made once: its variants, its default, and what can go wrong."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.kit.flags.decision import Decision, ErrorCode, Metadata, Reason
from services.kit.flags.rule import UnknownOperator
from services.kit.flags.values import Json


@dataclass(frozen=True, slots=True)
class Outcomes:
    """The decisions of one flag."""

    matched: Mapping[str, Decision]
    """By variant, where the rule chooses it. One without a name or with a value of null cannot be chosen."""
    default: Decision
    """Where there is no rule, or it leaves the choice to the default."""
    metadata: Metadata

    def of(self, value: Json) -> Decision:
        """Return the decision for what the rule came to. A number or list is the variant of that name in Python."""
        if value is None:
            return self.default
        try:
            name = str(value).lower() if isinstance(value, bool) else str(value)
        except (ValueError, RecursionError) as error:
            return self.failed(error)
        return self.matched.get(name) or failure(
            ErrorCode.GENERAL, f"Its rule came to {name!r:.80}, which is no variant of it.", self.metadata
        )

    def failed(self, error: Exception) -> Decision:
        """Return the decision for a rule that raised."""
        code = ErrorCode.PARSE_ERROR if isinstance(error, UnknownOperator) else ErrorCode.GENERAL
        return failure(code, f"Its rule cannot be evaluated: {error!s:.200}", self.metadata)


def failure(code: ErrorCode, detail: str, metadata: Metadata) -> Decision:
    """Return a decision that there is none."""
    return Decision(None, None, Reason.ERROR, metadata, code, detail)


def outcomes(definition: Mapping[str, Json], metadata: Metadata, *, cached: bool) -> Outcomes:
    """Return what a flag of that definition can decide."""
    variants = definition["variants"]
    plain = definition.get("targeting")
    return Outcomes(
        {
            name: Decision(value, name, Reason.CACHED if cached else Reason.TARGETING_MATCH, metadata)
            for name, value in variants.items()
            if name and value is not None
        },
        _default(definition, Reason.CACHED if cached else Reason.DEFAULT if plain else Reason.STATIC, metadata),
        metadata,
    )


def _default(definition: Mapping[str, Json], reason: Reason, metadata: Metadata) -> Decision:
    variants = definition["variants"]
    name = definition.get("defaultVariant", definition.get("default_variant"))
    if isinstance(name, bool):
        name = str(name).lower()
    if not name:
        return Decision(None, None, Reason.CACHED if reason is Reason.CACHED else Reason.DEFAULT, metadata)
    if name not in variants:
        return failure(ErrorCode.GENERAL, f"Its default {name!r:.80} is no variant of it.", metadata)
    return Decision(variants[name], name, reason, metadata)
