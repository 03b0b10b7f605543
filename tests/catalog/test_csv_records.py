"""Text cut into records: whatever the text, each broken record costs its own line."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.imports.records import MAX_RECORD_CHARS, MAX_RECORD_LINES, Broken, Read, Record, records

NOT_CLOSED = "A quote is opened in the row and not closed."
TOO_LONG = f"The row is longer than {MAX_RECORD_CHARS} characters or {MAX_RECORD_LINES} lines."

cells = st.text(st.characters(blacklist_characters="\r")).filter(lambda cell: cell == cell.lstrip(" "))


def read(text: str, delimiter: str = ",") -> list[Read]:
    """Return the records of the text, which comes in small parts."""
    return list(records((text[start : start + 70_000] for start in range(0, len(text), 70_000)), delimiter))


@given(st.lists(st.lists(cells, min_size=1).filter(any), max_size=20), st.sampled_from(",;\t|"))
def test_what_is_written_as_a_table_is_read(rows: list[list[str]], delimiter: str) -> None:
    """Quotes, delimiters and line ends inside of cells are kept."""
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter, lineterminator="\n").writerows(rows)
    assert [record.cells for record in read(file.getvalue(), delimiter) if isinstance(record, Record)] == rows


@given(st.text(st.sampled_from('ab,"\n')))
def test_no_text_stops_the_reading_or_hides_a_line(text: str) -> None:
    """Records come in the order of lines, and a plain line behind any text is a record of its own."""
    found = read(f"{text}\nlast,line")
    assert [record.line for record in found] == sorted({record.line for record in found})
    assert found[-1] == Record(text.count("\n") + 2, ["last", "line"])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('a,"b\nc,d\n', [Broken(1, NOT_CLOSED), Record(2, ["c", "d"])]),
        ('a,"b\nc,"d"\ne,f', [Broken(1, NOT_CLOSED), Record(2, ["c", "d"]), Record(3, ["e", "f"])]),
        ('a,"b\nc,"d\ne,f', [Broken(1, NOT_CLOSED), Broken(2, NOT_CLOSED), Record(3, ["e", "f"])]),
        ('"a\n\nb",c\nd,e', [Record(1, ["a\n\nb", "c"]), Record(4, ["d", "e"])]),
        ('7" mix,a\n', [Record(1, ['7" mix', "a"])]),
        ("\n\na,b\n\n", [Record(3, ["a", "b"])]),
        ("a\0,b\n", [Record(1, ["a\0", "b"])]),
    ],
)
def test_quotes_are_taken_for_what_they_are(text: str, found: list[Read]) -> None:
    """A quote that is never closed costs its line; one that is closed later, or within a word, nothing."""
    assert read(text) == found


def test_a_wrongly_closed_quote_costs_its_line() -> None:
    """What follows a closed quote is a delimiter or nothing."""
    broken, kept = read('"a"b,c\nd,e\n')
    assert isinstance(broken, Broken)
    assert "cannot be read" in broken.reason
    assert kept == Record(2, ["d", "e"])


@pytest.mark.parametrize("text", ["x" * 10_000_000, f'"{"x" * 10_000_000}"', f'"{"x" * 100}' * 100_000])
def test_a_line_of_ten_megabytes_costs_itself(text: str) -> None:
    """It is passed over, however it is quoted."""
    assert read(f"a,b\n{text}\nc,d\n") == [Record(1, ["a", "b"]), Broken(2, TOO_LONG), Record(3, ["c", "d"])]


def test_a_cell_of_a_million_lines_costs_its_row() -> None:
    """A quoted cell is passed over to its end, not read as rows of its own."""
    text = '"' + "x,y\n" * 1_000_000 + '",z'
    assert read(f"a,b\n{text}\nc,d\n") == [Record(1, ["a", "b"]), Broken(2, TOO_LONG), Record(1_000_003, ["c", "d"])]


def test_a_quote_that_would_swallow_the_file_costs_its_line() -> None:
    """All rows behind it come, although the quote is looked for far into them."""
    rows = [f"{number},x" for number in range(5_000)]
    for end in ("", '\n"quoted",x'):
        found = read("\n".join(['a,"b', *rows]) + end)
        assert found[0] == Broken(1, NOT_CLOSED)
        assert [record.line for record in found[1:]] == list(range(2, 5_002 + bool(end)))
        assert all(isinstance(record, Record) for record in found[1:])
