"""The answers as documentation has them. They document and never run: answers.py builds the JSON, tests compare."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Id = Annotated[str, Field(description="Names the item for good.", examples=["demo:1"])]
Popularity = Annotated[int, Field(ge=0, description="Plays, or the source's best stand-in for them.")]
Year = Annotated[int | None, Field(description="The year it came out; null where unknown.")]
Duration = Annotated[int | None, Field(description="How long it plays, in milliseconds; null where unknown.")]
Credit = Annotated[str, Field(description="The credit to show; not always the artists' names joined.")]


Range = Annotated[
    list[Annotated[int, Field(ge=0)]],
    Field(min_length=2, max_length=2, description="Begin and end of a part of a text, counted in code points."),
]


class Exact(BaseModel):
    """A model whose fields are all there are."""

    model_config = ConfigDict(extra="forbid")


class ArtistName(Exact):
    """An artist as other items mention it."""

    id: Id
    name: str


class AlbumTitle(Exact):
    """An album as other items mention it."""

    id: Id
    title: str


class Place(AlbumTitle):
    """A track's place on an album."""

    position: Annotated[int | None, Field(description="Counted from 1 across all discs; null where unknown.")]


class Match(Exact):
    """Why a result is there."""

    source: Annotated[str, Field(description="What found it: one of the answer's sources.")]
    title: Annotated[list[Range], Field(description="The parts of its title that were looked for.")]
    credit: Annotated[list[Range], Field(description="The parts of its credit that were looked for.")]


class Hit(Exact):
    """What is found."""

    match: Annotated[Match | None, Field(description="Only among results of a search with matches=true.")] = None


class TrackHit(Hit):
    """A track among results or in a list."""

    kind: Literal["track"]
    id: Id
    title: str
    artists: list[ArtistName]
    credit: Credit
    album: Annotated[AlbumTitle | None, Field(description="The album to show with it.")]
    duration_ms: Duration
    release_year: Year
    explicit: Annotated[bool, Field(description="Whether its words are marked as explicit.")]
    popularity: Popularity


class AlbumHit(Hit):
    """An album among results."""

    kind: Literal["album"]
    id: Id
    title: str
    artists: list[ArtistName]
    credit: Credit
    release_year: Year
    popularity: Popularity


class ArtistHit(Hit):
    """An artist among results."""

    kind: Literal["artist"]
    id: Id
    title: Annotated[str, Field(description="The artist's name.")]
    artists: Annotated[list[ArtistName], Field(max_length=0, description="Always empty.")]
    popularity: Popularity


class Answered(Exact):
    """What every answer of search says of itself."""

    index_generation: Annotated[str, Field(description="The search index that answered.")]
    degraded: Annotated[list[str], Field(description="What was left out to answer in time; empty for a full answer.")]
    took_ms: Annotated[float, Field(ge=0, description="From the request's arrival at the edge to the answer.")]


class Correction(Exact):
    """What was searched for instead of what was typed."""

    query: Annotated[str, Field(description="The corrected query, as a person would type it.")]
    changed: Annotated[list[Range], Field(description="The parts of it that differ from what was typed.")]


class SearchAnswer(Answered):
    """One page of results, best first, all kinds in one list."""

    query: Annotated[str, Field(description="What was typed.")]
    correction: Annotated[
        Correction | None, Field(description="What was searched for instead; null where it was searched for as typed.")
    ]
    results: list[Annotated[TrackHit | AlbumHit | ArtistHit, Field(discriminator="kind")]]
    next_cursor: Annotated[str | None, Field(description="Asks for the next page; null on the last.")]
    index_delta: Annotated[
        str | None, Field(description="What is newer than that index and answered with it; null where nothing is.")
    ]
    ranker: Annotated[str, Field(description="What ordered the results.")]
    sources: Annotated[list[str], Field(description="What found them.")]


class Suggestion(Exact):
    """A completion."""

    text: str
    kind: Annotated[Literal["track", "album", "artist"], Field(description="What the text names.")]


class SuggestAnswer(Answered):
    """Completions, best first."""

    query: Annotated[str, Field(description="What was typed.")]
    suggestions: list[Suggestion]


class Track(Exact):
    """All that is known of a track."""

    kind: Literal["track"]
    id: Id
    title: str
    aliases: list[str]
    artists: list[ArtistName]
    credit: Credit
    albums: Annotated[list[Place], Field(description="The albums it appears on, the one to show first.")]
    isrc: Annotated[str | None, Field(description="International Standard Recording Code; null where unknown.")]
    duration_ms: Duration
    release_year: Year
    explicit: bool
    markets: Annotated[list[str], Field(description="Where it may be played; empty means everywhere.")]
    popularity: Popularity


class Album(Exact):
    """An album."""

    kind: Literal["album"]
    id: Id
    title: str
    aliases: list[str]
    artists: list[ArtistName]
    credit: Credit
    release_year: Year
    popularity: Popularity


class Artist(Exact):
    """An artist."""

    kind: Literal["artist"]
    id: Id
    name: str
    aliases: list[str]
    popularity: Popularity


class TrackPage(Exact):
    """One page of tracks."""

    tracks: list[TrackHit]
    next_cursor: Annotated[str | None, Field(description="Asks for the next page; null on the last.")]


class ProblemAnswer(BaseModel):
    """An answer other than success, as RFC 9457 has it."""

    type: Annotated[str, Field(description="Names the kind of problem.", examples=["/problems/not-found"])]
    title: str
    status: int
    detail: Annotated[str, Field(description="What went wrong this time.")]
    request_id: Annotated[str, Field(description="Finds the request in the logs.")]
    field: Annotated[str | None, Field(description="The part of the request at fault, where one can be named.")] = None
