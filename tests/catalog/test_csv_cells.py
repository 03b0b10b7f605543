"""What the text of a cell says, in the ways that people's tables say it."""

from collections.abc import Callable

import pytest

from services.catalog.imports.delimited import cells
from services.catalog.imports.delimited.cells import Unusable


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (cells.count, "1204", 1204),
        (cells.count, "1,204", 1204),
        (cells.count, "1,204,567", 1_204_567),
        (cells.count, "1.204.567", 1_204_567),
        (cells.count, "1 204 567", 1_204_567),
        (cells.count, "1,000", 1_000),
        (cells.count, "12,000", 12_000),
        (cells.count, "12.0", 12),
        (cells.count, "12,0", 12),
        (cells.count, "1234.000", 1_234),
        (cells.milliseconds, "225000", 225_000),
        (cells.milliseconds, "225000.4", 225_000),
        (cells.seconds, "225.5", 225_500),
        (cells.seconds, "225,5", 225_500),
        (cells.duration, "3:45", 225_000),
        (cells.duration, "1:02:03", 3_723_000),
        (cells.duration, "0:07.250", 7_250),
        (cells.duration, "225", 225_000),
        (cells.duration, "225000", 225_000),
        (cells.year, "2019", 2019),
        (cells.year, "2019-03-01", 2019),
        (cells.year, "01.03.2019", 2019),
        (cells.year, "Mar 1, 2019", 2019),
        (cells.year, "2019.0", 2019),
        (cells.year, "0", 0),
        (cells.truth, "True", True),
        (cells.truth, "no", False),
        (cells.truth, "1", True),
        (cells.truth, "Clean", False),
        (cells.position, "3", 3),
        (cells.position, "3/12", 3),
        (cells.isrc, "us-abc-24-00001", "USABC2400001"),
        (cells.codes, "de, at;CH", ("DE", "AT", "CH")),
        (cells.codes, "['DE', 'DE']", ("DE",)),
    ],
)
def test_a_cell_is_read(read: Callable[[str], object], text: str, value: object) -> None:
    """Numbers, durations, dates, answers, places and codes are understood however they are usually written."""
    assert read(text) == value


@pytest.mark.parametrize(
    ("read", "text", "fault"),
    [
        (cells.count, "1.204", "is a whole number or a fraction"),
        (cells.count, "2.000", "is a whole number or a fraction"),
        (cells.count, "0.7", "is not a whole number"),
        (cells.count, "-5", "is not a whole number"),
        (cells.count, "1,20,4", "is not a whole number"),
        (cells.count, "many", "is not a whole number"),
        (cells.count, "9" * 5_000, "is not a whole number"),
        (cells.milliseconds, "3:45", "is not a number"),
        (cells.seconds, "-1", "is not a number"),
        (cells.duration, "3:75", "is not a duration such as 3:45"),
        (cells.duration, "long", "is not a number"),
        (cells.year, "soon", "has no year"),
        (cells.year, "20190301", "has no year"),
        (cells.truth, "perhaps", "is neither yes nor no"),
        (cells.position, "third", "is not a place such as 3"),
    ],
)
def test_a_cell_that_says_something_else_is_unusable(read: Callable[[str], object], text: str, fault: str) -> None:
    """What cannot be meant, or may mean two things, is refused, and the fault shows the beginning of the text."""
    with pytest.raises(Unusable, match=fault) as unusable:
        read(text)
    assert len(str(unusable.value)) < 80
