"""A base and a delta read as one: like an index of what the catalogue holds now."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kit.errors import Unavailable
from services.search.domain.candidates.index import SLOTS, Index, Window
from services.search.domain.candidates.merged import Merged
from services.search.domain.candidates.reading import Reading
from services.search.domain.document import Document, Kind
from services.search.domain.engine import Engine
from services.search.domain.paging import START, Cursor
from services.search.domain.query import Query
from services.search.index.build import building
from services.search.index.delta import Delta, read_hidden
from services.search.index.generations import Generation
from services.search.index.hashes import open_identities
from services.search.index.reader import open_index
from tests.search.invented import WORDS, invented_documents
from tests.search.oracle import Oracle, hit, ids, shown

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


class Both(NamedTuple):
    """A base with a delta over it, and an oracle of what both hold together."""

    merged: Merged
    now: Oracle
    delta: Index


def published(
    folder: Path, documents: Sequence[Document], base: Generation | None = None, gone: Sequence[Document] = ()
) -> Generation:
    """Publish an index, or a delta over a base in which what it holds itself and what is gone are hidden."""
    delta = None
    if base:
        with open_identities(base) as identities:
            rows = [identities.row(document.kind, document.id) for document in (*documents, *gone)]
        delta = Delta(base, [row for row in rows if row])
    with building(folder, hit, delta) as build:
        build.add(documents)
        return build.publish(1, NOON)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    """Return six hundred documents of which some changed, some went and some came."""
    folder, chance = tmp_path_factory.mktemp("generations"), random.Random(3)  # noqa: S311 - invention
    before = invented_documents(600, seed=5)
    chance.shuffle(before)
    gone, changed, stays = before[:40], before[40:100], before[100:]
    fresh = [
        replace(document, title=chance.choice(WORDS) + " new", popularity=chance.randrange(10**9))
        for document in changed
    ]
    fresh += [replace(document, id=f"new:{document.id}") for document in invented_documents(70, seed=6)]
    base = published(folder, before)
    delta = published(folder, fresh, base, gone)
    with open_index(base, lambda: 0.0) as old, open_index(delta, lambda: 0.0) as new:
        yield Both(Merged(old, new, read_hidden(delta)), Oracle([*stays, *fresh]), new)


def found(index: Index, query: Query, limit: int = 10_000) -> list[tuple[int, str]]:
    """Return what an index finds, as popularity and id; in an order where equals have one."""
    reading = Reading.literal(query.text, query.tokens)
    found = index.find(reading, query.filters, Window(limit=limit))
    assert list(found.candidates) == sorted(found.candidates)
    return sorted(zip((-candidate.popularity for candidate in found.candidates), ids(index, found), strict=True))


@pytest.mark.parametrize("word", [*WORDS, "new", "paper the", "m"])
def test_it_finds_what_the_catalogue_holds_now(both: Both, word: str) -> None:
    """What changed is found as it is now, what is gone not at all, what is new with the rest, by popularity."""
    query = Query.of(word)
    if query.tokens:
        assert found(both.merged, query) == found(both.now, query)


@pytest.mark.parametrize("limit", [1, 7, 60])
def test_the_first_are_the_most_popular(both: Both, limit: int) -> None:
    """However much of the base is hidden, a window is full and holds the most popular of both."""
    query = Query.of("a")
    popularities = [popularity for popularity, _ in found(both.merged, query, limit)]
    assert popularities == [popularity for popularity, _ in found(both.now, query)][:limit]


@given(page_sizes=st.lists(st.integers(1, 50), min_size=1, max_size=3), word=st.sampled_from(["a", "moon", "new"]))
def test_pages_show_everything_once(both: Both, page_sizes: list[int], word: str) -> None:
    """Pages go through base and delta together, and miss and repeat nothing."""
    engine = Engine(both.merged.base, both.delta, both.merged.hidden, lambda: 0.0)
    query, page, everything, number = Query.of(word), START, list[str](), 0
    while True:
        result = engine.search(query, page_sizes[number % len(page_sizes)], page)
        everything += shown(result.hits)
        if result.next_page is None:
            break
        page = Cursor.of(result.next_page.token("gen"), "gen")
        number += 1
    assert sorted(everything) == sorted(identifier for _, identifier in found(both.now, query))


def test_whole_titles_are_found_in_both(both: Both) -> None:
    """A title is looked up among what stands and what is new."""
    for word in WORDS:
        query = Query.of(word)
        merged = both.merged.titled(query.text, query.filters, Window())
        now = both.now.titled(query.text, query.filters, Window())
        assert sorted(ids(both.merged, merged)) == sorted(ids(both.now, now))


def test_candidates_are_had_by_position(both: Both) -> None:
    """What was found can be had again, in any order, from wherever it is."""
    candidates = both.merged.find(Reading.literal("a", ("a",)), Query.of("a").filters, Window()).candidates
    assert {candidate.position % SLOTS == 0 for candidate in candidates} == {True, False}
    backwards = [candidate.position for candidate in reversed(candidates)]
    assert both.merged.at(backwards) == list(reversed(candidates))


def test_words_of_both_are_known(both: Both) -> None:
    """A word that only the delta has is known, and so is one that only the base has."""
    lexicon = both.merged.lexicon
    assert lexicon.position("new") % SLOTS != 0
    assert lexicon.position("lantern") > 0
    assert (lexicon.position("nowhere"), lexicon.count("nowhere"), lexicon.begins("nowhere")) == (0, 0, False)
    assert lexicon.count("moon") >= both.now.lexicon.count("moon")
    assert lexicon.near("lantren", 1, unfinished=False)[0].text == "lantern"


def test_an_engine_names_its_base_and_its_delta(both: Both) -> None:
    """An answer can say what it comes from."""
    engine = Engine(both.merged.base, both.delta, both.merged.hidden, lambda: 0.0)
    assert (engine.generation, engine.delta) == (both.merged.name, both.delta.name)
    assert engine.delta.startswith("delta-")


def test_identities_lead_to_rows(tmp_path: Path) -> None:
    """A document is found by kind and id, and by nothing else."""
    documents = [Document(Kind.TRACK, f"inv:{number}", "Moon", popularity=number) for number in range(50)]
    base = published(tmp_path, documents)
    with open_identities(base) as identities:
        assert [identities.row(Kind.TRACK, f"inv:{number}") for number in range(50)] == list(range(50, 0, -1))
        assert identities.row(Kind.ALBUM, "inv:1") is None
        assert identities.row(Kind.TRACK, "inv:50") is None


def test_rows_that_are_cut_short_are_named(tmp_path: Path) -> None:
    """A damaged list of what is hidden is no list at all."""
    base = published(tmp_path, [Document(Kind.TRACK, "inv:1", "Moon")])
    delta = published(tmp_path, [Document(Kind.TRACK, "inv:1", "Moon", popularity=3)], base)
    assert read_hidden(delta) == {1}
    delta.path("hidden.bin").write_bytes(b"\1\0\0")
    with pytest.raises(Unavailable, match="damaged"):
        read_hidden(delta)
