"""What brings tables up to date: steps that each run once, and nobody else's."""

import pytest

from services.kit.errors import Invalid
from services.kit.migrations import Migration, pending

STEPS = [Migration(1, "first", "SELECT 1"), Migration(2, "second", "SELECT 2")]


@pytest.mark.parametrize("applied", [0, 1, 2])
def test_what_was_not_run_is_pending(applied: int) -> None:
    """The steps behind the last one that was run are to be run, in order."""
    assert pending(STEPS, {step.number: step.checksum for step in STEPS[:applied]}, "Here") == STEPS[applied:]


def test_a_later_version_is_refused_with_both_versions() -> None:
    """Tables of a later version are Invalid here, and the refusal says which and what is known."""
    with pytest.raises(Invalid, match="Here has tables of version 3, and this program knows version 2"):
        pending(STEPS, {1: STEPS[0].checksum, 2: STEPS[1].checksum, 3: "?"}, "Here")


@pytest.mark.parametrize("applied", [{1: "?"}, {1: STEPS[0].checksum, 2: "?"}, {2: STEPS[1].checksum}])
def test_another_history_is_refused(applied: dict[int, str]) -> None:
    """Tables made by other steps than those known here are Invalid."""
    with pytest.raises(Invalid, match="another step"):
        pending(STEPS, applied, "Here")
