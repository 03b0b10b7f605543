"""When a whole index is built anew."""

import pytest

from services.search.indexer.due import Patience, Situation, reason_to_build

PATIENCE = Patience(rebuild_s=900, quiet_s=2, patience_s=60)
CHANGED = {"has_base": True, "changed": True}
BEYOND = {**CHANGED, "beyond_delta": True}


@pytest.mark.parametrize(
    ("situation", "reason"),
    [
        (Situation(), "first"),
        (Situation(held=True), "first"),
        (Situation(has_base=True, base_age_s=1e6, silent_s=1e6), ""),
        (Situation(**CHANGED, base_age_s=899), ""),
        (Situation(**CHANGED, base_age_s=900), "rebuild"),
        (Situation(**CHANGED, base_age_s=900, held=True), ""),
        (Situation(**CHANGED, base_age_s=900, rolling_out=True), ""),
        (Situation(**BEYOND, silent_s=1.9, beyond_s=59), ""),
        (Situation(**BEYOND, silent_s=2), "beyond_delta"),
        (Situation(**BEYOND, silent_s=0, beyond_s=60), "beyond_delta"),
        (Situation(**BEYOND, silent_s=2, held=True), ""),
        (Situation(has_base=True, asked=True, held=True, rolling_out=True), "asked"),
    ],
)
def test_reasons(situation: Situation, reason: str) -> None:
    """Somebody asks, there is none yet, a delta cannot hold it any more, or changes have waited long enough."""
    assert reason_to_build(situation, PATIENCE) == reason
