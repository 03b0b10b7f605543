"""The flags that are shipped: until somebody changes one, everything is as it would be without them."""

from dataclasses import asdict

import pytest

from services.edge.domain.decisions import QUESTIONS, Decider
from services.edge.domain.views import view_of
from services.kit.context import Caller, ClientType
from services.search.domain.ranking.rank import DEFAULT_RANKER, RANKERS
from tests.edge.shipped import definitions, shipped

FIVE = {"view-layout", "view-results", "view-explicit", "search-ranker", "suggest-paused"}


@pytest.mark.parametrize("client_type", ClientType)
def test_shipped_flags_say_what_the_code_does(client_type: ClientType) -> None:
    """For every type of client the rules come to the row of the table, the default ranker, and completions."""
    decider, who = Decider.of(shipped()), Caller(client_type)
    said = decider.for_person(decider.for_program(who), who)
    assert {choice.flag for choice in said if choice.variant} == FIVE
    assert {name: choice.value for name, choice in said.of_view.items()} == asdict(view_of(client_type))
    assert (said.ranker.value, said.suggest_paused.value) == (DEFAULT_RANKER, False)


def test_shipped_flags_are_asked_for() -> None:
    """Each has somebody who asks it, a word on what it is for, and somebody who answers for it."""
    assert definitions().keys() == FIVE <= {question.flag.key for question in QUESTIONS.values()}
    assert all({"owner", "description"} <= each["metadata"].keys() for each in definitions().values())


@pytest.mark.parametrize("key", FIVE)
def test_every_variant_that_is_shipped_will_do(key: str) -> None:
    """Whoever chooses another of the variants gets it: none is out of bounds."""
    question = next(question for question in QUESTIONS.values() if question.flag.key == key)
    variants = definitions()[key]["variants"]
    assert [question.read(value) for value in variants.values()] == list(variants.values())


def test_every_ranker_can_be_chosen() -> None:
    """The variants of the ranker's flag are the rankers that there are."""
    variants = definitions()["search-ranker"]["variants"]
    assert set(variants.values()) == set(RANKERS)
