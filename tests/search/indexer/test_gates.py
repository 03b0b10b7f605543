"""A generation that a sound build of a sound catalogue cannot show is refused, in a sentence."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.search.index.generations import Golden, Manifest
from services.search.indexer.gates import Facts, Recorded, refusals

QUERIES = tuple(f"query {number}" for number in range(300))
SOUND = Manifest(
    format_version=1,
    source_generation=7,
    built_at=datetime(2026, 1, 1, tzinfo=UTC),
    document_counts={"artist": 100, "album": 100, "track": 800},
    files={},
    exported_counts={"artist": 100, "album": 100, "track": 800},
    golden=Golden(QUERIES, 0.9, 0.004, "query 7"),
)

QUIET = Recorded()


def sized(tracks: int, announced: int | None = None) -> Manifest:
    """Return the sound manifest with so many tracks, announced by the export or not."""
    said = {**SOUND.exported_counts, "track": tracks if announced is None else announced}
    return replace(SOUND, document_counts={**SOUND.document_counts, "track": tracks}, exported_counts=said)


def ranked(mrr: float, queries: int = 300) -> Manifest:
    """Return the sound manifest with another result of its golden queries."""
    return replace(SOUND, golden=Golden(QUERIES[:queries], mrr, 0.004, "query 7"))


def refused(
    manifest: Manifest, before: Manifest | None = SOUND, recorded: Recorded = QUIET, most_cpu_s: float = 0.025
) -> dict[str, str]:
    """Return what the gates say."""
    return refusals(Facts(manifest, before, recorded, most_cpu_s))


def test_a_sound_generation_passes() -> None:
    """The first of all, and one like the one before."""
    assert refused(SOUND) == {}
    assert refused(SOUND, before=None) == {}


def test_a_fifth_of_the_rows_missing_is_refused() -> None:
    """Against what the export announced, and against the generation before."""
    assert refused(sized(640, announced=800)) == {
        "export_rows": "It has 640 tracks where the export announced 800.",
        "previous_rows": "It has 840 documents where 1,000 were, which 0 changed and 0 removed items do not explain.",
    }


@pytest.mark.parametrize(
    ("tracks", "recorded", "passes"),
    [
        (750, Recorded(), True),
        (749, Recorded(), False),
        (850, Recorded(), True),
        (851, Recorded(), False),
        (649, Recorded(removed=101), True),
        (649, Recorded(changed=1_000, removed=100), False),
        (1_851, Recorded(changed=1_001), True),
        (1_851, Recorded(removed=1_000), False),
        (3, Recorded(reset=True), True),
    ],
)
def test_what_was_recorded_explains_a_difference(tracks: int, recorded: Recorded, *, passes: bool) -> None:
    """Removed items explain fewer rows, changed ones more, another catalogue any number; a twentieth is free."""
    assert ("previous_rows" not in refused(sized(tracks), recorded=recorded)) is passes


@pytest.mark.parametrize(("mrr", "passes"), [(0.95, True), (0.883, True), (0.881, False)])
def test_queries_may_not_get_worse(mrr: float, *, passes: bool) -> None:
    """The mean reciprocal rank may fall by a fiftieth."""
    assert ("golden_rank" not in refused(ranked(mrr))) is passes


@pytest.mark.parametrize(
    ("before", "recorded"), [(None, Recorded()), (SOUND, Recorded(changed=51)), (ranked(0.9, 20), Recorded())]
)
@pytest.mark.parametrize(("mrr", "passes"), [(0.31, True), (0.29, False)])
def test_another_catalogue_is_not_compared_but_still_has_to_be_found(
    mrr: float, before: Manifest | None, recorded: Recorded, *, passes: bool
) -> None:
    """Where the queries of before are about other things, a floor takes their place."""
    assert ("golden_rank" not in refused(ranked(mrr), before=before, recorded=recorded)) is passes


def test_a_handful_of_queries_says_nothing() -> None:
    """A catalogue of a few items cannot fail for one of them."""
    assert refused(ranked(0.1, queries=49)) == {}


def test_a_query_that_costs_too_much_is_named() -> None:
    """The sentence says which, how much and how much there may be."""
    assert refused(SOUND, most_cpu_s=0.003) == {
        "golden_cost": "The golden query 'query 7' took 4.0 ms of CPU time, where 3.0 ms are the most."
    }
