"""The engines that ours is compared with find what they should: a peer that is set up badly would prove nothing."""

from collections.abc import Callable, Iterator
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

import pytest

from benchmarks.engines import Engine, Hit, Searcher
from benchmarks.peers.feed import Asked, Words, weight
from benchmarks.peers.tantivy_two_phase import LONGEST_START, edits, starts
from services.search.domain.document import ArtistName, Document, Kind
from tests.postgres_server import found

_NIGHTBUS = ArtistName("a1", "Nightbus", aliases=("ナイトバス",))
_DOCUMENTS = (
    Document(Kind.ARTIST, "a1", "Nightbus", _NIGHTBUS.aliases, popularity=90),
    Document(Kind.ALBUM, "r1", "Nightbus", artists=(_NIGHTBUS,), credit="Nightbus", popularity=100),
    Document(Kind.TRACK, "t1", "Paper Lanterns", artists=(_NIGHTBUS,), credit="Nightbus", popularity=500),
    Document(Kind.TRACK, "t2", "Paper", artists=(_NIGHTBUS,), credit="Nightbus", popularity=400),
    Document(Kind.TRACK, "t3", "月光ソナタ", artists=(_NIGHTBUS,), credit="Nightbus", popularity=300),
    Document(Kind.TRACK, "t4", "Internationalisation Blues", popularity=200),
    *(Document(Kind.TRACK, f"o{number}", f"Other {number}", popularity=number) for number in range(30)),
)
_PEERS = {"tantivy": "tantivy_two_phase.TantivyTwoPhase", "postgres": "postgres.Postgres"}


def _engine(name: str) -> Engine:
    """Return a peer; what talks to PostgreSQL is imported only where it is installed."""
    module, _, made = _PEERS[name].partition(".")
    return cast("Engine", getattr(import_module(f"benchmarks.peers.{module}"), made)())


@pytest.fixture(scope="module", params=_PEERS)
def engine(request: pytest.FixtureRequest, require: Callable[[str, bool], None]) -> Engine:
    """Return each peer in turn."""
    if request.param == "postgres":
        require("postgres", found())
    return _engine(request.param)


@pytest.fixture
def folder(engine: Engine) -> Iterator[Path]:
    """Return a folder for the peer; not one of pytest's, which no other user may enter, and a server is one."""
    with TemporaryDirectory() as name:
        yield Path(name) / engine.name


@pytest.fixture(scope="module")
def searcher(engine: Engine) -> Iterator[Searcher]:
    """Return the peer, open over the documents."""
    with TemporaryDirectory() as name, engine.open(_DOCUMENTS, Path(name) / engine.name) as opened:
        yield opened


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("paper lanterns", "t1"),
        ("paper lan", "t1"),
        ("lanterns nightbus", "t1"),
        ("PÄPER lanterns", "t1"),
        ("paper lantenrs", "t1"),
        ("papr lanterns", "t1"),
        ("lanterns xqvzkwp", "t1"),
        ("paper", "t2"),
        ("月光", "t3"),
        ("ナイトバス", "a1"),
        ("nightbus", "a1"),
        ("internationalisati", "t4"),
    ],
)
def test_a_peer_finds_it(searcher: Searcher, typed: str, first: str) -> None:
    """Whole words, beginnings, misspelt words and words too many are found, whole titles and artists first."""
    assert [hit.id for hit in map(Hit.of, searcher.search(typed, 20))][:1] == [first]


def test_a_peer_returns_no_more_than_asked_for(searcher: Searcher) -> None:
    """A page is as long as asked for, the most popular first, and says which documents are on it."""
    assert [*map(Hit.of, searcher.search("other", 3))] == [Hit(Kind.TRACK, f"o{number}") for number in (29, 28, 27)]


@pytest.mark.parametrize("typed", ["", "  ", "?!", "' & | :* \\", "%", "\x00"])
def test_a_peer_takes_anything(searcher: Searcher, typed: str) -> None:
    """What has no letter finds nothing, also where it means something in a query language."""
    assert list(searcher.search(typed, 20)) == []


def test_starts_are_every_beginning_once() -> None:
    """Words that begin alike share their beginnings, and the longest have no more than the index holds."""
    assert list(starts(["moon", "moons"])) == ["m", "mo", "moo", "moon", "moons"]
    assert max(map(len, starts(["internationalisation"]))) == LONGEST_START


def test_edits_grow_with_the_word() -> None:
    """Short words are taken as typed; longer ones are allowed more, never less."""
    assert [edits("x" * length) for length in (3, 4, 7, 8)] == [0, 1, 1, 2]
    assert all(shorter <= longer for shorter, longer in pairwise(edits("x" * length) for length in range(20)))


def test_words_are_the_titles_first_and_each_once() -> None:
    """A word of the title counts as the title's, whoever else has it."""
    artists, credit = (_NIGHTBUS,), "Night Moves Band"
    words = Words.of(Document(Kind.TRACK, "t", "Night Moves", ("Moves",), artists=artists, credit=credit))
    assert (words.titles, words.title) == (("night moves", "moves"), ("night", "moves"))
    assert "night" not in words.others
    assert {"band", "nightbus"} <= set(words.others)


def test_a_query_is_folded_and_bounded() -> None:
    """A peer is asked what ours is asked: folded words, of the first two hundred characters."""
    assert Asked.of("  Ångström's  ").words == ("angstroms",)
    assert len(Asked.of("a" * 5000).text) == 200


def test_an_artist_weighs_more_than_an_album_of_the_same_plays() -> None:
    """Popularity is weighted by kind."""
    artist, album, track = (weight(Document(kind, "x", "X", popularity=10)) for kind in reversed(Kind))
    assert artist > album > track


def test_what_is_built_is_not_built_again(engine: Engine, folder: Path) -> None:
    """A folder that holds an index is opened without a look at the documents."""
    for documents in (_DOCUMENTS, ()):
        with engine.open(documents, folder) as opened:
            assert [*map(Hit.of, opened.search("lanterns", 1))] == [Hit(Kind.TRACK, "t1")]


def test_postgres_is_asked_in_its_language(require: Callable[[str, bool], None]) -> None:
    """All words of a query are wanted, the last as a prefix; a document's have places, and the title's their mark."""
    require("postgres", found())
    postgres = import_module("benchmarks.peers.postgres")
    assert postgres.tsquery(["paper", "lan"]) == "'paper' & 'lan':*"
    assert postgres.tsvector(Words(("a b",), ("a", "b"), ("c",))) == "'a':1A 'b':2A 'c':3D"
