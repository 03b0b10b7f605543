"""What code gets of a flag: always a value, whatever the flag's definition says."""

from typing import Any

import pytest

from services.kit.context import Caller, ClientType, RequestContext
from services.kit.flags.attributes import VOCABULARY, attributes
from services.kit.flags.client.memory import FixedFlags
from services.kit.flags.decision import Reason
from services.kit.flags.flag import Choice, Flag
from services.kit.flags.snapshot import Kind
from services.kit.flags.travelling import Taken, decisions_of, encode_decisions

LAYOUT = Flag("layout", Kind.STRING, "list")
RESULTS = Flag("results", Kind.INTEGER, 20)


def defined(**variants: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Return a flag whose first variant is the default."""
    return {"state": "ENABLED", "variants": variants, "defaultVariant": next(iter(variants))}


def test_a_flag_that_is_defined_decides() -> None:
    """The default variant of the definition comes before the default in the code."""
    flags = FixedFlags({"layout": defined(grid="grid")})
    assert flags.choose(LAYOUT, {}) == Choice("layout", "grid", "grid", Reason.STATIC)


def test_a_rule_reads_who_asks() -> None:
    """A rule over the vocabulary sees the caller's attributes."""
    rule = {"if": [{"==": [{"var": "client_type"}, "car"]}, "few", "many"]}
    flags = FixedFlags({"results": {**defined(many=50, few=5), "targeting": rule}})
    assert flags.choose(RESULTS, attributes(Caller(ClientType.CAR))) == Choice(
        "results", 5, "few", Reason.TARGETING_MATCH
    )
    assert flags.choose(RESULTS, attributes(Caller(ClientType.TV))).value == 50


@pytest.mark.parametrize(
    ("definition", "reason"),
    [
        (None, Reason.ERROR),
        (defined(five=5), Reason.ERROR),
        ({**defined(grid="grid"), "state": "DISABLED"}, Reason.DISABLED),
        ({**defined(grid="grid"), "defaultVariant": None}, Reason.DEFAULT),
        ({**defined(grid=None)}, Reason.ERROR),
        ({**defined(grid="grid"), "targeting": {"no_such_operator": []}}, Reason.ERROR),
    ],
    ids=["not there", "of another type", "disabled", "without a default", "with a null", "with a broken rule"],
)
def test_where_a_flag_says_nothing_of_use_the_codes_default_holds(
    definition: dict[str, Any] | None, reason: Reason
) -> None:
    """No definition, however wrong, leaves code without a value of its type."""
    flags = FixedFlags({} if definition is None else {"layout": definition})
    assert flags.choose(LAYOUT, {}) == Choice("layout", "list", "", reason)
    assert flags.choose(LAYOUT, {}, otherwise="carousel").value == "carousel"


def test_without_any_flags_the_code_decides_and_the_age_is_infinite() -> None:
    """A service that has never heard of any flags runs as it was written."""
    flags = FixedFlags()
    assert flags.choose(RESULTS, {}).value == 20
    assert (flags.generation, flags.age_s) == (0, float("inf"))


def test_decisions_from_the_disk_say_so() -> None:
    """Whoever decides by what the disk remembers gives CACHED as the reason."""
    flags = FixedFlags({"layout": defined(grid="grid")}, cached=True)
    assert flags.choose(LAYOUT, {}).reason is Reason.CACHED


def test_attributes_are_the_vocabulary_and_what_is_not_known_is_not_there() -> None:
    """Rules can rely on the names, and on a missing attribute being missing."""
    everything = Caller(ClientType.CAR, "8.9.30", "463", "14.2", "u-1", "SE", "sv-SE")
    assert attributes(everything) == {
        "targetingKey": "u-1",
        "client_type": "car",
        "app_version": "8.9.30",
        "app_build": 463,
        "os_version": "14.2",
        "country": "SE",
        "locale": "sv-SE",
    }
    assert tuple(attributes(everything)) == VOCABULARY
    assert attributes(Caller()) == {"client_type": "unknown"}


@pytest.mark.parametrize("build", ["463b", "4.6", "-1", "²", "٣", "9" * 5_000])
def test_a_build_that_is_no_number_stays_a_text(build: str) -> None:
    """Only what is sure to be meant as a number becomes one."""
    assert attributes(Caller(app_build=build))["app_build"] == build


def test_decisions_travel_with_the_request() -> None:
    """A later hop takes what the edge decided, with the generation and the unit that it was decided for."""
    ranker, none = Choice("ranker", "new", "b", Reason.TARGETING_MATCH), Choice("size", 7, "", Reason.DEFAULT)
    encoded = encode_decisions([ranker, none], 12, "4f2a")
    taken = decisions_of(RequestContext("r-1", 0.0, encoded_decisions=encoded))
    assert taken == {"ranker": Taken(ranker, 12, "4f2a"), "size": Taken(none, 12, "4f2a")}


@pytest.mark.parametrize("encoded", [b"", b"\xff\xff", b"\x0a\x03\x0a\x01x"])
def test_decisions_that_cannot_be_read_are_none(encoded: bytes) -> None:
    """No request fails for what travels with it."""
    assert decisions_of(RequestContext("r-1", 0.0, encoded_decisions=encoded)) == {}
    assert decisions_of(None) == {}
