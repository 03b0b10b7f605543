"""Flags of every kind of value and for every reason, which clients of each protocol are asked to evaluate."""

from typing import Any

from tests.flags.writing import switch

METADATA = {"owner": "search", "expires": "2026-06-30"}


def constant(value: Any, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Return a flag whose only variant is the value."""
    return {
        "state": "ENABLED",
        "variants": {"only": value},
        "defaultVariant": "only",
        "metadata": METADATA,
        **more,
    }


IN_CARS = {"if": [{"==": [{"var": "client_type"}, "car"]}, "on", None]}
OBJECT = {"layout": "grid", "columns": 4, "ratios": [0.5, True, None, "x"], "deep": {"er": {}}}

FLAGS: dict[str, dict[str, Any]] = {
    "boolean": switch(on=True),
    "text": constant("grüße"),
    "whole": constant(9_007_199_254_740_991),
    "number": constant(0.25),
    "object": constant(OBJECT),
    "in-cars": switch(on=False, targeting=IN_CARS),
    "stopped": switch(on=True, state="DISABLED"),
    "undecided": switch(on=True, defaultVariant=None),
}
