"""What is typed, whatever it is: through the normaliser, the query builder and an open index."""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from zlib import crc32

from benchmarks.fuzz.promises import promise
from services.search.api.wire import encode_hit
from services.search.domain.engine import Engine, Options
from services.search.domain.query import Query
from services.search.domain.search import Result
from services.search.domain.words.compounds import compounds
from services.search.domain.words.highlight import highlighted
from services.search.domain.words.noise import without_noise
from services.search.domain.words.normalise import (
    MAX_INDEX_TOKENS,
    MAX_QUERY_TOKENS,
    fold,
    index_tokens,
    parted,
    query_tokens,
)
from services.search.domain.words.romanise import latin
from services.search.index.build import build
from services.search.index.reader import open_index
from tests.search.invented import WORDS, invented_documents

_LONGEST_FOLD = 18
"""Characters that one becomes at most: Unicode's longest compatible form."""
BUILT_AT = datetime(2026, 1, 1, tzinfo=UTC)
_DOCUMENTS, _PAGE = 300, 20
_MOST_LOOKS = 100
_HOSTILE = (
    *('"', '""', '"*', "*", "^a", "a*b", "(", ")", "{a b}", "a AND b", "NOT a", "a OR", "NEAR(a b, 2)", "words:a"),
    *("-a", "' OR 1=1 --", "\0", "a\0b", "\ud800", "\udfff\ud800", "\x1b[2J", "\r\n", "%00", "\\", "\U000e0041"),
    *("\u202egnol", "\u200d", "\u2066a\u2069", "a" + "\u0301" * 40, "\ufdfa" * 20, "ﬁ" * 30, "🌙❤️‍🔥", "\uffff"),
    *(" " * 50, "a" * 250, "a " * 100, "月" * 100, "각" * 70, "か\u3099" * 40, "ยิ่ง", "ဦ", "щъё", "ΰΐ", "っーゃ", "ヷ"),
    *("$$$", "!!!", "R.E.D.", "P!k", "2 two ii", "official video hd lyrics", "1999 remaster", "feat. ft", "l'a-b/c.d"),
)


@dataclass
class _Ticking:
    """A clock that goes on by one step each time somebody looks at it."""

    step_s: float = 0.0
    seconds: float = 0.0

    def monotonic(self) -> float:
        self.seconds += self.step_s
        return self.seconds


@contextmanager
def open_words() -> Generator[Callable[[bytes], None], None, None]:
    """Give what checks bytes as typed text; it raises AssertionError."""
    documents, clock = invented_documents(_DOCUMENTS, 5), _Ticking()
    with TemporaryDirectory() as name:
        generation = build(documents, Path(name), encode_hit, source_generation=1, built_at=BUILT_AT)
        with open_index(generation, clock.monotonic) as index:
            engine = Engine(index, None, frozenset(), clock.monotonic, Options(budget_s=1.0))

            def check(data: bytes) -> None:
                text = data.decode(errors="surrogateescape")
                _check_text(text)
                query = Query.of(text)
                promise(len(query.tokens) <= MAX_QUERY_TOKENS, "a query has a bounded number of tokens")
                looks = 1 + crc32(data) % _MOST_LOOKS
                for step_s in (0.0, 1 / looks):  # all the time there is, then so little that it is up in the middle
                    clock.step_s = step_s
                    _check_result(engine.search(query, _PAGE))

            yield check


def seeds() -> Sequence[bytes]:
    """Return texts to begin with, as bytes."""
    return [text.encode(errors="surrogatepass") for text in (*_HOSTILE, *WORDS)]


def _check_result(result: Result) -> None:
    promise(len(result.hits) <= _PAGE, "a page is no longer than asked for")
    if result.correction:
        places = [place for start_end in result.correction.changed for place in start_end]
        promise(places == sorted({*places}), "changes of a correction are in order and apart")
        promise(all(0 <= place <= len(result.correction.query) for place in places), "changes are within a correction")


def _check_text(text: str) -> None:
    folded = fold(text)
    promise(fold(folded) == folded, "folding twice changes nothing")
    promise(len(folded) <= _LONGEST_FOLD * len(text), "folded text is bounded")
    promise(all(char.isalnum() or char == " " for char in folded if char.isascii()), "no sign gets through")
    tokens, held = query_tokens(folded), index_tokens(folded)
    promise(len(held) <= MAX_INDEX_TOKENS, "what the index holds of a text is bounded")
    promise(set(tokens) <= set(held), "a text finds itself")
    promise(set(without_noise(folded).split()) <= {*folded.split(), *parted(folded).split()}, "only noise is dropped")
    for other in (latin(text) or "", compounds(text) or ""):
        promise(fold(other) == other, "other spellings are folded")
    promise((latin(text) or "").isascii(), "Latin letters are all that romanising leaves")
    places = [place for start_end in highlighted(text, tokens) for place in start_end]
    promise(places == sorted({*places}), "highlights are in order and apart")
    promise(all(0 <= place <= len(text) for place in places), "highlights are within the text")
