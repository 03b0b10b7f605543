"""What a rule may cost for each item of a list that whoever asks may make as long as they like."""

import pytest

from services.kit.flags.cost import MOST_VALUES_PER_ITEM
from services.kit.flags.faults import faults
from services.kit.flags.values import Json

ITEM, SO_FAR, TAGS = {"var": "current"}, {"var": "accumulator"}, {"var": "tags"}
LONG = [str(number) for number in range(MOST_VALUES_PER_ITEM)]


def found(condition: Json) -> list[tuple[str, str]]:
    """Return what is wrong with a flag of that condition: the path below its place, and the sentence."""
    flag = {
        "state": "ENABLED",
        "variants": {"on": True, "off": False},
        "defaultVariant": "off",
        "targeting": {"if": [condition, "on"]},
    }
    return [(fault.path.removeprefix("$.targeting.if[0]."), fault.sentence) for fault in faults(flag)]


def reduced(step: Json) -> Json:
    """Return what is more than 3 of what a list comes to by the step."""
    return {">": [{"reduce": [TAGS, step, 0]}, 3]}


@pytest.mark.parametrize(
    "condition",
    [
        {"some": [TAGS, {"in": [{"var": ""}, ["new", "SE"]]}]},
        {"all": [{"filter": [TAGS, {"!!": [{"var": ""}]}]}, {"starts_with": [{"var": ""}, "x"]}]},
        {"in": ["ab", {"map": [TAGS, {"cat": [{"var": ""}, "b"]}]}]},
        {"in": ["x", LONG]},
        reduced({"+": [SO_FAR, {"if": [{"in": [{"var": "current.kind"}, ["a", "b"]]}, {"var": "current.size"}, 0]}]}),
        reduced({"max": [SO_FAR, ITEM]}),
    ],
    ids=str,
)
def test_what_people_ask_of_lists_may_be_asked(condition: Json) -> None:
    """Sums, extremes, some of them, all of those chosen: each item costs a few comparisons."""
    assert found(condition) == []


@pytest.mark.parametrize(
    ("condition", "path"),
    [
        ({"some": [TAGS, {"some": [LONG[:9], {"==": [{"var": ""}, 1]}]}]}, "some[1]"),
        ({"none": [TAGS, {"!": [{"map": [{"var": "x"}, {"var": ""}]}]}]}, "none[1]"),
        ({"some": [TAGS, {"in": [{"var": ""}, LONG]}]}, "some[1]"),
        (reduced({"cat": [SO_FAR, SO_FAR]}), ">[0].reduce[1]"),
        (reduced({"merge": [SO_FAR, SO_FAR]}), ">[0].reduce[1]"),
        (reduced({"*": [SO_FAR, SO_FAR]}), ">[0].reduce[1]"),
        (reduced([SO_FAR, SO_FAR]), ">[0].reduce[1]"),
        (reduced({"if": [True, [SO_FAR, SO_FAR]]}), ">[0].reduce[1]"),
        (reduced({"+": [SO_FAR, {"reduce": [TAGS, ITEM, 0]}]}), ">[0].reduce[1]"),
    ],
    ids=str,
)
def test_what_multiplies_is_refused(condition: Json, path: str) -> None:
    """Lists within lists, and whatever doubles from item to item: forty items would take all memory there is."""
    assert path in [at for at, _ in found(condition)]
