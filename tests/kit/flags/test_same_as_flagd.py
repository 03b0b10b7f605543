"""Ours and flagd-core answer alike, whatever the flag and whatever the context."""

import json

import pytest

from tests.kit.flags.oracle import Oracle
from tests.kit.flags.space import Space

DOCUMENTS, FLAGS, CONTEXTS = 25, 50, 80


@pytest.mark.parametrize("seed", range(DOCUMENTS))
def test_flags_by_chance_are_decided_alike(seed: int) -> None:
    """Value, variant, reason and error are the same: 100,000 pairs of a flag and a context, usual and odd ones."""
    space = Space(seed)
    oracle = Oracle(json.dumps(space.document(FLAGS)))
    contexts = [space.context() for _ in range(CONTEXTS)]
    differences = [oracle.difference(f"flag-{number}", context) for number in range(FLAGS) for context in contexts]
    assert len(differences) == FLAGS * CONTEXTS
    assert not [difference for difference in differences if difference][:3]
