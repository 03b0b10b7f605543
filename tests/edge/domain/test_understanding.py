"""What is understood of a caller's headers: what counts for more, what is dropped, and that nothing ever fails."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.edge.domain.facts import MAX_HEADER_CHARS, Source
from services.edge.domain.understanding import Understood, understand
from services.edge.domain.versions import Version, parse_version
from services.kit.context import Caller, ClientType

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4"


def dropped(understood: Understood) -> list[tuple[str, str]]:
    """Return the names and values of what was dropped."""
    return [(each.name, each.value) for each in understood.dropped]


def test_a_client_is_known_by_its_header() -> None:
    """Type, version, build, system and country are taken from X-Backline-Client, whatever the agent says."""
    understood = understand("car/8.9.30; os=14.1; build=463; country=se", "nb-NO", IPHONE)
    assert understood.caller == Caller(ClientType.CAR, "8.9.30", "463", "14.1", country="SE", locale="nb-NO")
    assert understood.sources["country"] is Source.CLIENT
    assert understood.sources["locale"] is Source.LANGUAGE
    assert understood.dropped == ()


def test_the_agent_counts_only_where_the_header_names_no_type() -> None:
    """A guess from the User-Agent fills in for a type that is missing or unknown, and for nothing of a known one."""
    assert understand("tv", "", IPHONE).caller == Caller(ClientType.TV)
    guessed = understand("fridge/8.9; build=463", "", IPHONE)
    assert guessed.caller == Caller(ClientType.IOS, "8.9.0", "463", "17.4")
    assert guessed.sources["client_type"] is Source.AGENT
    assert dropped(guessed) == [("client_type", "fridge")]


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("8", Version("8.0.0")),
        ("8.9", Version("8.9.0")),
        ("v8.9", Version("8.9.0")),
        ("08.9.30", Version("8.9.30")),
        ("8.9.30.463", Version("8.9.30", "463")),
        ("1.2.3.4.5", Version("1.2.3", "4.5")),
        ("08.9.30-beta+1", Version("8.9.30", "beta+1")),
        ("8.9+7", Version("8.9.0", "7")),
        ("999999999.0.1", Version("999999999.0.1")),
        ("", None),
        ("v", None),
        ("8.", None),
        ("8..9", None),
        ("8.9.x", None),
        ("-1.2", None),
        ("1234567890.0.0", None),
        ("8.9.30 ", None),
        ("\u0668.\u0669", None),
        ("8.9.30." + "4" * 33, None),
    ],
)
def test_versions_are_normalised_to_three_parts(text: str, version: Version | None) -> None:
    """What is missing is 0, what is too much is a build, and what is no version is none."""
    assert parse_version(text) == version


def test_a_fourth_part_is_the_build_where_none_is_given() -> None:
    """A build of its own counts for more than a version's fourth part, which is then reported."""
    assert understand("ios/8.9.30.463", "", "").caller.app_build == "463"
    both = understand("ios/8.9.30.463; build=7", "", "")
    assert both.caller.app_build == "7"
    assert dropped(both) == [("app_build", "463")]


@pytest.mark.parametrize(
    ("header", "name", "value"),
    [
        ("fridge", "client_type", "fridge"),
        ("ios/eight", "app_version", "eight"),
        ("ios; country=Sweden", "country", "Sweden"),
        ("ios; country=\u00c5\u00c4", "country", "\u00c5\u00c4"),
        ("ios; os=", "os_version", ""),
        ("ios; build=<b>", "app_build", "<b>"),
        ("ios; build=" + "9" * 65, "app_build", "9" * 64),
        ("ios; colour=red", "colour", "red"),
        ("ios; " + "k" * 80 + "=5", "k" * 64, "5"),
        ("ios; nonsense", "nonsense", ""),
        ("ios; =5", "", "5"),
        ("ios; country=SE; country=NO", "country", "NO"),
        ("ios" + "; os=1" * 20, "header", ("ios" + "; os=1" * 20)[:64]),
        ("ios; os=" + "1" * MAX_HEADER_CHARS, "header", "ios; os=" + "1" * 56),
    ],
)
def test_what_cannot_be_used_is_dropped_and_said(header: str, name: str, value: str) -> None:
    """A broken part costs itself alone, and is reported with its value and a reason."""
    understood = understand(header, "", "")
    assert (name, value) in dropped(understood)
    assert all(each.why for each in understood.dropped)
    assert understood.caller.client_type is (ClientType.UNKNOWN if name == "client_type" else ClientType.IOS)


def test_keys_and_types_are_read_in_any_case_and_spacing() -> None:
    """The header's words are those of the protocol, not of anyone's typing."""
    assert understand(" CAR/1.0 ;OS = 9;Country= no ;", "", "") == understand("car/1.0; os=9; country=NO", "", "")


@pytest.mark.parametrize(
    ("header", "locale", "country"),
    [
        ("sv-SE", "sv-SE", "SE"),
        ("en-GB,en;q=0.9,sv;q=0.8", "en-GB", "GB"),
        ("en;q=0.5, de-AT;q=0.7", "de-AT", "AT"),
        ("SV-se", "sv-SE", "SE"),
        ("zh-hant-tw", "zh-Hant-TW", "TW"),
        ("es-419", "es-419", ""),
        ("sl-rozaj-biske", "sl-rozaj-biske", ""),
        ("en", "en", ""),
        ("fr;q=0, en;q=0.1", "en", ""),
        ("*", "", ""),
        ("*, da;q=0.5", "da", ""),
        ("", "", ""),
    ],
)
def test_the_language_that_is_wanted_most_is_the_locale(header: str, locale: str, country: str) -> None:
    """The highest weight wins, the first of equals, in BCP 47's case; its region is the country."""
    caller = understand("", header, "").caller
    assert (caller.locale, caller.country) == (locale, country)


@pytest.mark.parametrize("part", ["english", "e", "en;q=2", "en;q=0.1234", "en;level=1", "en-", "\u00e9n"])
def test_a_broken_language_is_dropped_and_the_next_one_taken(part: str) -> None:
    """One part of Accept-Language that cannot be read does not cost the others."""
    understood = understand("", f"{part}, da-DK;q=0.1", "")
    assert understood.caller.locale == "da-DK"
    assert dropped(understood) == [("locale", part)]


@given(st.text(), st.text(), st.text())
def test_whatever_is_sent_is_understood_somehow(client: str, language: str, agent: str) -> None:
    """No header is too strange: every answer has the form that is promised of it, and is bounded."""
    caller, notes = (understood := understand(client, language, agent)).caller, understood.dropped
    assert re.fullmatch(r"([0-9]{1,9}(\.[0-9]{1,9}){2})?", caller.app_version)
    assert re.fullmatch("([A-Z]{2})?", caller.country)
    assert len(notes) <= 40
    assert all(len(text) <= 64 for each in notes for text in (each.name, each.value))
    assert all(text.isascii() for text in caller[1:])


_WORDS = st.sampled_from(
    ["car", "ios/", "/8.9", "; ", "os=", "country=", "SE", "build=", "q=0.5", ",", "en-GB", "\x00"]
)


@given(st.lists(_WORDS).map("".join), st.lists(_WORDS).map("".join))
def test_no_mixture_of_its_own_words_is_too_strange(client: str, language: str) -> None:
    """Headers that almost follow the grammar are read as far as they do."""
    assert understand(client, language, "").caller.user_id == ""
