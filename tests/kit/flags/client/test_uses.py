"""The one door for uses: every use is counted, each is in the log once, and memory is bounded."""

from collections import Counter
from collections.abc import Mapping

from services.kit.flags.client.uses import CODE, MOST_COUNTED, MOST_REMEMBERED, OTHER, Uses
from services.kit.flags.decision import Reason
from services.kit.flags.flag import Choice
from services.kit.instruments import BoundCounter


class Witness:
    """Keeps what is counted and written."""

    def __init__(self) -> None:
        self.counters: dict[tuple[str, str], BoundCounter] = {}
        self.lines: list[Mapping[str, object]] = []
        self.uses = Uses(self._counter, lambda _event, fields: self.lines.append(fields))

    def _counter(self, flag: str, variant: str) -> BoundCounter:
        return self.counters.setdefault((flag, variant), BoundCounter())

    def use(self, flag: str, variant: str, unit: str = "u", generation: int = 1) -> None:
        """Tell of one use."""
        self.uses.add(Choice(flag, "value", variant, Reason.STATIC), unit, generation)


def test_every_use_counts_and_is_written_once() -> None:
    """A line for each flag, variant, unit and generation; a count for each time."""
    witness = Witness()
    for generation in (1, 1, 2):
        for unit in ("a", "b"):
            witness.use("layout", "grid", unit, generation)
    assert witness.counters["layout", "grid"].value == 6
    written = Counter((line["unit"], line["generation"]) for line in witness.lines)
    assert written == Counter([("a", 1), ("b", 1), ("a", 2), ("b", 2)])
    assert witness.lines[0] == {"flag": "layout", "variant": "grid", "unit": "a", "generation": 1}


def test_the_codes_default_has_a_label_of_its_own() -> None:
    """An empty label is no label to Prometheus; and since nobody was chosen for it, the log has no line of it."""
    witness = Witness()
    witness.use("layout", "")
    assert witness.counters["layout", CODE].value == 1
    assert not witness.lines


def test_counters_are_bounded_and_lose_nothing() -> None:
    """Whatever turns up as a flag's name, there are so many series and no use goes uncounted."""
    witness = Witness()
    for _ in range(2):
        for number in range(MOST_COUNTED + 50):
            witness.use(f"flag-{number}", "on")
    assert len(witness.counters) == MOST_COUNTED + 1
    assert witness.counters[OTHER, OTHER].value == 100
    assert sum(counter.value for counter in witness.counters.values()) == 2 * (MOST_COUNTED + 50)


def test_what_was_written_is_remembered_within_bounds() -> None:
    """Recent uses are written once; what was pushed out of memory is written again rather than never."""
    witness = Witness()
    for number in range(3 * MOST_REMEMBERED):
        witness.use("layout", "grid", f"u-{number}")
        witness.use("layout", "grid", f"u-{max(0, number - MOST_REMEMBERED // 2)}")
    assert len(witness.lines) == 3 * MOST_REMEMBERED
    witness.use("layout", "grid", "u-0")
    assert len(witness.lines) == 3 * MOST_REMEMBERED + 1
    assert len(witness.uses._written) <= MOST_REMEMBERED
