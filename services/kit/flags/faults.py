"""What is wrong with a definition, and where."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from services.kit.flags.values import Json

STATES = ("ENABLED", "DISABLED")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a definition, and where."""

    path: str
    """A JSON path, such as `$.targeting.if[0].fractional[1]`."""
    sentence: str

    def __str__(self) -> str:
        return f"{self.path}: {self.sentence}"


def faults_of_metadata(path: str, metadata: Mapping[str, Json]) -> Iterator[Fault]:
    """Yield what is wrong with metadata: names are not empty, values plain."""
    for key, value in metadata.items():
        if not key:
            yield Fault(path, "A name is empty.")
        if not isinstance(value, bool | int | float | str):
            yield Fault(f"{path}.{key}", "It is neither a text nor a number nor true or false.")
