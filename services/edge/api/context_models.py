"""The answer of GET /v1/me/context as documentation has it. It documents and never runs: me.py builds the JSON."""

from typing import Annotated, Literal

from pydantic import Field

from services.edge.api.answers import Json
from services.edge.api.models import Exact

Reason = Literal["STATIC", "DEFAULT", "TARGETING_MATCH", "DISABLED", "CACHED", "ERROR"]
Header = Literal["X-Backline-Client", "Accept-Language", "User-Agent"]
ClientTypeName = Literal["unknown", "ios", "android", "desktop", "web", "tv", "speaker", "car", "wearable", "partner"]


class DroppedPart(Exact):
    """Something that a header said and that could not be used."""

    name: Annotated[str, Field(description="What it would have told, or the key that is not known.")]
    value: Annotated[str, Field(max_length=64, description="What was sent, up to 64 characters of it.")]
    source: Header
    why: Annotated[str, Field(description="What is wrong with it.")]


class ViewAnswer(Exact):
    """What this client gets unless it asks for something else."""

    layout: Annotated[Literal["rows", "shelf", "drive", "glance"], Field(description="How results are laid out.")]
    results: Annotated[int, Field(ge=1, le=50, description="How many results a page of search has.")]
    tracks: Annotated[int, Field(ge=1, le=100, description="How many tracks of an album or artist are listed at once.")]
    suggestions: Annotated[int, Field(ge=0, le=20, description="How many completions are offered.")]
    examples: Annotated[int, Field(ge=0, le=50, description="How many items an empty search begins with.")]
    explicit: Annotated[bool, Field(description="Whether tracks marked as explicit are among the results.")]
    artwork_px: Annotated[int, Field(ge=16, le=1024, description="The side of a result's cover, in CSS pixels.")]


class FlagAnswer(Exact):
    """What a flag had to say."""

    flag: Annotated[str, Field(description="Its key.")]
    variant: Annotated[str | None, Field(description="The variant it chose; null where a default in the code holds.")]
    reason: Annotated[Reason, Field(description="Why, in OpenFeature's words.")]


class ContextAnswer(Exact):
    """What was understood of the caller."""

    client_type: ClientTypeName
    app_version: Annotated[str | None, Field(description="The application's version, in three parts.")]
    app_build: Annotated[str | None, Field(description="The application's build, as the client names it.")]
    os_version: Annotated[str | None, Field(description="The operating system's version, as the client names it.")]
    country: Annotated[str | None, Field(description="Where the person is (ISO 3166 alpha-2).")]
    locale: Annotated[str | None, Field(description="The language to answer in (BCP 47).")]
    sources: Annotated[dict[str, Header], Field(description="The header that each of these was read from.")]
    user: Annotated[
        Literal["X-Backline-User", "Cookie"] | None,
        Field(description="Where the person's id came from, which is not repeated here; null without one."),
    ]
    dropped: Annotated[list[DroppedPart], Field(description="What could not be used, and why.")]
    view: ViewAnswer
    flags: Annotated[list[FlagAnswer], Field(description="The flags that had a say in this, or in what search does.")]
    request_id: Annotated[str, Field(description="Finds the request in the logs.")]


EXAMPLE: Json = {
    "client_type": "car",
    "app_version": "8.9.30",
    "app_build": "463",
    "os_version": "14.1",
    "country": "SE",
    "locale": "sv-SE",
    "sources": {
        "client_type": "X-Backline-Client",
        "app_version": "X-Backline-Client",
        "app_build": "X-Backline-Client",
        "os_version": "X-Backline-Client",
        "locale": "Accept-Language",
        "country": "Accept-Language",
    },
    "user": "Cookie",
    "dropped": [
        {
            "name": "country",
            "value": "Sweden",
            "source": "X-Backline-Client",
            "why": "is not the two letters of a country (ISO 3166 alpha-2)",
        }
    ],
    "view": {
        "layout": "drive",
        "results": 4,
        "tracks": 4,
        "suggestions": 0,
        "examples": 4,
        "explicit": False,
        "artwork_px": 176,
    },
    "flags": [
        {"flag": "view-layout", "variant": "drive", "reason": "TARGETING_MATCH"},
        {"flag": "view-results", "variant": "drive", "reason": "TARGETING_MATCH"},
        {"flag": "view-explicit", "variant": "off", "reason": "TARGETING_MATCH"},
        {"flag": "search-ranker", "variant": "match-and-popularity", "reason": "STATIC"},
        {"flag": "suggest-paused", "variant": "off", "reason": "STATIC"},
    ],
    "request_id": "4bf92f3577b34da6a3ce929d0e0e4736",
}
"""What `X-Backline-Client: car/8.9.30.463; os=14.1; country=Sweden` is answered with."""
