"""Settings are read from the environment, whole or not at all."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import pytest

from services.kit.errors import Invalid
from services.kit.settings import Secret, group, read, setting, shown


class Colour(StrEnum):
    """A closed set of words."""

    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True, slots=True)
class Inner:
    """A part."""

    size_bytes: int = setting(10, "How big.", at_least=1, at_most=20)


@dataclass(frozen=True, slots=True)
class Outer:
    """All kinds of fields."""

    folder: Path = setting(Path("here"), "Where.")
    wait_s: float = setting(1.5, "How long.", at_least=0)
    loud: bool = setting(False, "Whether.")  # noqa: FBT003 - a setting's default
    colour: Colour = setting(Colour.RED, "Which.")
    key: Secret = setting(Secret("none"), "What nobody may read.")
    inner: Inner = group(Inner)


def test_an_empty_environment_gives_the_defaults() -> None:
    """Every default works without a variable set."""
    assert read(Outer, "APP", {}) == Outer()


def test_every_kind_of_field_is_read_from_its_variable() -> None:
    """A variable's name is the prefix, the part's name and the field's name, in capitals."""
    environ = {
        "APP_FOLDER": "/there",
        "APP_WAIT_S": "2",
        "APP_LOUD": "Yes",
        "APP_COLOUR": "blue",
        "APP_KEY": "k",
        "APP_INNER_SIZE_BYTES": "20",
        "OTHER_WAIT_S": "9",
    }
    assert read(Outer, "APP", environ) == Outer(
        Path("/there"), 2.0, loud=True, colour=Colour.BLUE, key=Secret("k"), inner=Inner(20)
    )


def test_all_faults_are_named_at_once_with_what_was_expected() -> None:
    """Whoever got three variables wrong learns of three, each with its value and what it should be."""
    environ = {"APP_WAIT_S": "soon", "APP_LOUD": "maybe", "APP_COLOUR": "green", "APP_INNER_SIZE_BYTES": "21"}
    with pytest.raises(Invalid) as caught:
        read(Outer, "APP", environ)
    lines = str(caught.value).splitlines()[1:]
    assert sorted(lines) == [
        "APP_COLOUR='green': expected one of red, blue",
        "APP_INNER_SIZE_BYTES='21': expected at least 1 and at most 20",
        "APP_LOUD='maybe': expected true or false",
        "APP_WAIT_S='soon': expected a number",
    ]


@pytest.mark.parametrize("value", ["nan", "-0.1", "-inf", "inf"])
def test_a_number_outside_its_bounds_is_refused(value: str) -> None:
    """Not a number is below every bound, and what never ends is no duration."""
    with pytest.raises(Invalid, match=r"expected (at least 0|a finite number)"):
        read(Outer, "APP", {"APP_WAIT_S": value})


def test_a_misspelt_variable_is_a_fault_that_names_its_neighbour() -> None:
    """A variable that no field reads is most often a misspelt one."""
    with pytest.raises(Invalid, match="APP_WAITS: there is no such setting; did you mean APP_WAIT_S"):
        read(Outer, "APP", {"APP_WAITS": "3"})


def test_secrets_are_masked_wherever_settings_are_shown() -> None:
    """Neither the start-up log nor a traceback shows a secret."""
    settings = read(Outer, "APP", {"APP_KEY": "hush"})
    assert shown(settings)["key"] == "***"
    assert "hush" not in repr(settings)
    assert shown(settings)["inner"] == {"size_bytes": 10}
