"""What is written and asked comes as JSON, and what only some readers could read is refused before anyone reads it."""

import pytest

from services.flags.domain.definition import read_context, read_definition
from services.kit.errors import Invalid

UNREADABLE = {
    "no JSON": "{",
    "no object": "[]",
    "a key twice": '{"a": 1, "a": 2}',
    "not a number": '{"a": NaN}',
    "infinity by its name": '{"a": -Infinity}',
    "infinity by its digits": '{"a": 1e999}',
    "half a character": r'{"a": "\ud800"}',
    "half a character in a name": r'{"\udfff": 1}',
    "a number of more digits than Python reads": '{"a": ' + "9" * 5_000 + "}",
    "more levels than a stack has": '{"a": ' + "[" * 3_000 + "]" * 3_000 + "}",
    "more levels than a rule may have": '{"a": ' + "[" * 101 + "]" * 101 + "}",
}


@pytest.mark.parametrize("text", UNREADABLE.values(), ids=UNREADABLE)
def test_what_is_no_json_object_to_every_reader_is_refused(text: str) -> None:
    """Definitions and contexts alike, and by a sentence: no text is a fault of ours."""
    for read in (read_definition, read_context):
        with pytest.raises(Invalid):
            read(text)


def test_what_every_reader_reads_alike_is_read() -> None:
    """Whole characters beyond the first 65,536 among it, however they are written."""
    text = r'{"a": [1.5, -2, "\ud83d\ude97", {"b": null}]}'
    assert read_definition(text) == read_context(text) == {"a": [1.5, -2, "\U0001f697", {"b": None}]}
