"""Who acts, and why: what a journal may be told."""

import pytest

from services.kit.author import MAX_ACTOR_CHARS, MAX_REASON_CHARS, Author
from services.kit.errors import Invalid


def test_whoever_says_who_and_why_is_heard() -> None:
    """In any script, up to the bounds."""
    author = Author("ö" * MAX_ACTOR_CHARS, "理" * MAX_REASON_CHARS)
    assert (len(author.actor), len(author.reason)) == (MAX_ACTOR_CHARS, MAX_REASON_CHARS)


@pytest.mark.parametrize(
    ("actor", "reason", "field"),
    [
        ("", "why", "actor"),
        ("  ", "why", "actor"),
        ("x" * (MAX_ACTOR_CHARS + 1), "why", "actor"),
        ("two\nlines", "why", "actor"),
        ("who", "", "reason"),
        ("who", "x" * (MAX_REASON_CHARS + 1), "reason"),
        ("who", "\ud800", "reason"),
        ("who", "a\x1b[31m", "reason"),
    ],
)
def test_what_says_nothing_or_cannot_be_shown_is_refused(actor: str, reason: str, field: str) -> None:
    """The field at fault is named."""
    with pytest.raises(Invalid) as refused:
        Author(actor, reason)
    assert refused.value.field == field
