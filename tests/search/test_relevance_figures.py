"""From answers to figures: what is counted, what is compared with before and with others, and what fails."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.engines import Hit
from benchmarks.figures import Figure
from benchmarks.relevance import baseline
from benchmarks.relevance.cases import Case
from benchmarks.relevance.entries import Entry
from benchmarks.relevance.phrases import CLASSES
from benchmarks.relevance.runs import failures
from benchmarks.relevance.scores import Answer, Score, Scores
from benchmarks.relevance.summary import Outcome, figures, reached
from services.search.domain.document import Kind

MEANT, OTHER = Hit(Kind.TRACK, "1"), Hit(Kind.ALBUM, "1")
GOOD = Score(0.8, 0.9, 0.85)


def answer(*hits: Hit) -> Answer:
    """Return what was found where one track is meant."""
    return Answer(Case("tied", "track Tide", frozenset([MEANT])), hits)


def alike(score: Score) -> Scores:
    """Return the same score for every class."""
    return dict.fromkeys([*CLASSES, "in_latin_letters"], score)


def by_name(outcome: Outcome, before: Scores) -> Mapping[str, Figure]:
    """Return the figures of an outcome."""
    return {figure.name: figure for figure in figures(outcome, before)}


def missed(outcome: Outcome, before: Scores) -> Sequence[str]:
    """Return the names of those that are not as they should be."""
    return [figure.name for figure in figures(outcome, before) if not figure.ok]


def test_the_place_is_that_of_the_first_accepted_hit() -> None:
    """A hit of the same id but another kind is something else."""
    assert [answer(MEANT).place, answer(OTHER, MEANT, MEANT).place, answer(OTHER).place, answer().place] == [1, 2, 0, 0]


def test_a_score_counts_first_places_first_fives_and_the_rest_by_place() -> None:
    """The sixth place is no success, and still better than none."""
    answers = [answer(MEANT), answer(*[OTHER] * 4, MEANT), answer(*[OTHER] * 5, MEANT), answer()]
    score = Score.of(answers)
    assert (score.success_at_1, score.success_at_5) == (1 / 4, 2 / 4)
    assert score.mrr == pytest.approx((1 + 1 / 5 + 1 / 6) / 4)


def test_classes_weigh_alike() -> None:
    """The mean is of scores, however many queries each stands for."""
    assert Score.mean([Score(1, 1, 1), Score(0, 0.5, 0.25)]) == Score(0.5, 0.75, 0.625)


def test_a_failure_says_what_was_found_instead() -> None:
    """Who tunes sees the place, what was typed and meant, and what stands first."""
    album = Entry(OTHER, "Tide", (), ("Foxes",), "Foxes", 1)
    lines = list(failures([answer(MEANT), answer(OTHER, MEANT), answer()], [album, replace(album, hit=MEANT)]))
    assert lines == [
        " 2  tied  =>  track Tide  BUT  album Tide ~ Foxes | track Tide ~ Foxes",
        " -  tied  =>  track Tide  BUT  nothing",
    ]


def test_a_class_that_lost_more_than_two_points_fails() -> None:
    """Exactly two points may be lost; more fails, for each measure by itself, and gains make up for nothing."""
    ours = {**alike(GOOD), "typo": Score(0.78, 0.87, 1.0)}
    outcome = Outcome("10k", {"backline": ours}, {})
    assert missed(outcome, {**alike(GOOD), "all": GOOD}) == ["relevance.10k.typo.success_at_5"]


def test_nothing_is_compared_with_what_was_never_accepted() -> None:
    """Without a baseline and peers, the figures of classes are told and cannot fail."""
    assert {figure.bound for figure in figures(Outcome("10k", {"backline": alike(GOOD)}, {}), {})} == {""}


def test_the_mean_is_of_the_twelve_classes() -> None:
    """The further class is reported, and does not count."""
    ours = {**alike(GOOD), "in_latin_letters": Score(0, 0, 0)}
    found = by_name(Outcome("10k", {"backline": ours}, {}), {})
    assert found["relevance.10k.all.success_at_1"].value == pytest.approx(0.8)
    assert found["relevance.10k.in_latin_letters.success_at_1"].value == 0


def test_no_class_may_be_far_behind_any_peer() -> None:
    """One point in the first five is allowed, against the best of the peers."""
    peers = {"a": alike(Score(0, 0.91, 0)), "b": alike(Score(0, 0.5, 0))}
    assert missed(Outcome("10k", {"backline": alike(GOOD), **peers}, {}), {}) == []
    peers["b"] = {**alike(GOOD), "pasted": Score(0, 0.912, 0)}
    assert missed(Outcome("10k", {"backline": alike(GOOD), **peers}, {}), {}) == ["relevance.10k.pasted.success_at_5"]


def test_the_lead_is_asked_for_over_a_million_tracks() -> None:
    """There our first hit has to be right five points more often than the best peer's."""
    engines = {"backline": alike(GOOD), "a": alike(Score(0.76, 0.5, 0))}
    assert missed(Outcome("1m", engines, {}), {}) == ["relevance.1m.all.success_at_1"]
    assert missed(Outcome("100k", engines, {}), {}) == []


def test_the_reachable_is_to_be_reached_almost() -> None:
    """92 of a hundred first hits that can be right are, and 95 of a hundred in the first five."""
    ceiling = alike(Score(0.9, 0.94, 0.9))
    found = by_name(Outcome("10k", {"backline": alike(GOOD)}, ceiling), {})
    shares = [found[f"relevance.10k.share_of_ceiling.success_at_{first}"] for first in (1, 5)]
    assert [share.ok for share in shares] == [False, True]
    assert [share.value for share in shares] == [pytest.approx(0.8889), pytest.approx(0.9574)]


def test_queries_made_by_hand_have_a_bound_of_their_own() -> None:
    """85 of a hundred first hits are right, 95 in the first five, of the frozen and the others apart."""
    for name in ("hand_open", "hand_frozen"):
        outcome = Outcome(name, {"backline": {"accents": Score(0.9, 1, 1), "live": Score(0.8, 0.88, 0.9)}}, {})
        assert missed(outcome, {}) == [f"relevance.{name}.all.success_at_5"]


def test_peers_and_ceiling_stand_beside_our_figure() -> None:
    """Each line says what others reach."""
    outcome = Outcome("10k", {"backline": alike(GOOD), "a": alike(Score(0.5, 0.6, 0.7))}, alike(Score(0.9, 0.95, 1)))
    figure = by_name(outcome, {})["relevance.10k.typo.success_at_1"]
    assert figure.peer == "ceiling 0.900, a 0.500"


def test_peers_alone_give_no_figures() -> None:
    """A run without our engine is for looking at failures."""
    assert list(figures(Outcome("10k", {"a": alike(GOOD)}, alike(GOOD)), {})) == []
    assert reached([Outcome("10k", {"a": alike(GOOD)}, {})]) == {}


def test_a_baseline_keeps_classes_but_nothing_frozen() -> None:
    """Of queries made by hand it keeps the mean, since one query of ten is ten points; the frozen are only reported."""
    by_hand = {"backline": {"accents": GOOD, "live": GOOD}}
    outcomes = [Outcome("10k", {"backline": alike(GOOD)}, {}), Outcome("hand_open", by_hand, {})]
    kept = reached([*outcomes, Outcome("hand_frozen", by_hand, {})])
    assert {name: set(classes) for name, classes in kept.items()} == {
        "10k": {*alike(GOOD), "all"},
        "hand_open": {"all"},
    }


def test_accepting_replaces_what_was_measured(tmp_path: Path) -> None:
    """What a run did not measure stays as it was accepted before."""
    path = tmp_path / "baseline.json"
    assert baseline.read(path) == {}
    baseline.accept({"10k": {"typo": GOOD}, "1m": {"typo": GOOD}}, path)
    baseline.accept({"10k": {"pasted": Score(0.12345, 0.5, 0.25)}}, path)
    assert baseline.read(path) == {"10k": {"pasted": Score(0.1235, 0.5, 0.25)}, "1m": {"typo": GOOD}}
