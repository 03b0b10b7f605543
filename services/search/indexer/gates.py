"""What a new generation has to pass before anybody serves it. Each gate is a pure function that refuses in a sentence.

A gate looks for what a sound build of a sound catalogue cannot show: rows that went missing on the way, rows that are
gone though nobody took them out, searches that got worse or slow.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

from services.search.index.generations import Manifest

ROWS_SHARE = 0.05
"""By which counts may differ without anybody having said why."""
MRR_SHARE = 0.02
"""By which the mean reciprocal rank of golden queries may be lower than before."""
LEAST_MRR = 0.3
"""Where it cannot be compared: with less, titles typed as they are, or nearly, are hardly found at all."""
FEWEST_QUERIES = 50
"""Below which a mean says nothing: of twenty queries, one that lost its first place costs more than is allowed."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the catalogue said happened since the generation before."""

    changed: int = 0
    """Items that were new, differed, or were shown again."""
    removed: int = 0
    """Items that were taken down, or went otherwise."""
    reset: bool = False
    """Whether the catalogue was emptied, or is another one."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the gates look at."""

    manifest: Manifest
    """Of the new generation."""
    before: Manifest | None
    """Of the one that is served; None where this is the first."""
    recorded: Recorded
    most_cpu_s: float
    """What the costliest golden query may take."""


Gate: TypeAlias = Callable[[Facts], str]
"""Returns why the generation is refused; empty where it may pass."""


def rows_of_export(facts: Facts) -> str:
    """Refuse an index that lacks rows that its export announced, or has more."""
    counts = facts.manifest.document_counts
    for kind, announced in facts.manifest.exported_counts.items():
        found = counts.get(kind, 0)
        if abs(found - announced) > ROWS_SHARE * announced:
            return f"It has {found:,} {kind}s where the export announced {announced:,}."
    return ""


def rows_before(facts: Facts) -> str:
    """Refuse an index whose size differs from the one before by more than what was recorded explains."""
    before, recorded = facts.before, facts.recorded
    if before is None or recorded.reset:
        return ""
    there, here = before.document_count, facts.manifest.document_count
    margin = ROWS_SHARE * there
    least, most = there - recorded.removed - margin, there + recorded.changed + margin
    if least <= here <= most:
        return ""
    said = f"{recorded.changed:,} changed and {recorded.removed:,} removed items"
    return f"It has {here:,} documents where {there:,} were, which {said} do not explain."


def golden_rank(facts: Facts) -> str:
    """Refuse an index that finds what is looked for later than the one before did."""
    golden, before = facts.manifest.golden, facts.before
    if golden is None or len(golden.queries) < FEWEST_QUERIES:
        return ""
    known = before.golden if before else None
    if before is None or known is None or len(known.queries) < FEWEST_QUERIES or _is_another(facts, before):
        least, compared = LEAST_MRR, "what any catalogue reaches"
    else:
        least, compared = known.mrr * (1 - MRR_SHARE), f"{known.mrr:.3f} before"
    if golden.mrr >= least:
        return ""
    return f"Golden queries find what they look for at a mean reciprocal rank of {golden.mrr:.3f}, against {compared}."


def golden_cost(facts: Facts) -> str:
    """Refuse an index in which a golden query takes too long."""
    golden = facts.manifest.golden
    if golden is None or golden.worst_cpu_s <= facts.most_cpu_s:
        return ""
    cost, most = f"{golden.worst_cpu_s * 1e3:.1f} ms", f"{facts.most_cpu_s * 1e3:.1f} ms"
    return f"The golden query {golden.worst_query!r} took {cost} of CPU time, where {most} are the most."


GATES: Mapping[str, Gate] = MappingProxyType(
    {
        "export_rows": rows_of_export,
        "previous_rows": rows_before,
        "golden_rank": golden_rank,
        "golden_cost": golden_cost,
    }
)
CHECKSUM = "checksum"
"""The gate that reads the files themselves; see index.generations.verify."""


def refusals(facts: Facts) -> dict[str, str]:
    """Return the sentence of every gate that refuses."""
    return {name: sentence for name, gate in GATES.items() if (sentence := gate(facts))}


def _is_another(facts: Facts, before: Manifest) -> bool:
    """Whether so much is new that golden queries of before and now are not about the same catalogue."""
    recorded = facts.recorded
    return recorded.reset or recorded.changed + recorded.removed > ROWS_SHARE * before.document_count
