"""What a flag promises: the day on which it goes."""

from datetime import date

import pytest

from services.flags.domain.promise import has_expired

TODAY = date(2026, 6, 30)


@pytest.mark.parametrize(
    ("expires", "over"),
    [
        ("2026-06-29", True),
        ("2026-06-30", False),
        ("2026-07-01", False),
        ("20260629", True),
        ("20260701", False),
        ("some day", False),
        (2026, False),
    ],
)
def test_a_flag_has_expired_once_its_day_is_over(expires: object, over: bool) -> None:  # noqa: FBT001 - a parameter
    """However ISO 8601 writes the day; what is no day is never over."""
    assert has_expired({"expires": expires}, TODAY) is over


def test_a_flag_without_a_day_has_not_expired() -> None:
    """A shared rule has none."""
    assert not has_expired({}, TODAY)
