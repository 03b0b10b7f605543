"""What flags change for a caller, when that counts as a use, and what later hops and the flags service hear of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from backline.search.v1 import search_pb2 as pb
from services.edge.clients.search import MemorySearch
from services.edge.signals import DEGRADED
from services.flags.domain.rollout import Mode, Wish, with_rule
from services.flags.domain.targeting import condition
from services.kit.clock import ManualClock
from services.kit.context import RequestContext, current
from services.kit.flags.client.memory import FixedFlags
from services.kit.flags.client.sample import Reservoir
from services.kit.flags.compile import compile_flags
from services.kit.flags.flag import Choice, Flag
from services.kit.flags.travelling import decisions_of
from tests.edge.api_edge import SEARCH, app, caller, rules, telemetry
from tests.edge.shipped import definitions, shipped

CAR = {"x-backline-client": "car/8.9.30", "x-backline-user": "person-7"}
BY_PERSON = {"fractional": [["small", 50], ["large", 50]]}
SIZES = {"state": "ENABLED", "variants": {"small": 5, "large": 10}, "defaultVariant": "small"}


@dataclass
class Listening:
    """A search service that notes what it is asked, and what has been decided for the request."""

    requests: list[pb.SearchRequest | pb.SuggestRequest] = field(default_factory=list)
    contexts: list[RequestContext | None] = field(default_factory=list)

    async def search(self, request: pb.SearchRequest) -> pb.SearchResponse:
        """Note the search."""
        self.requests.append(request)
        self.contexts.append(current())
        return pb.SearchResponse()

    async def suggest(self, request: pb.SuggestRequest) -> pb.SuggestResponse:
        """Note the suggestion."""
        self.requests.append(request)
        return pb.SuggestResponse(index_generation="gen-memory")

    @property
    def sizes(self) -> list[int]:
        """How many results were asked for each time."""
        return [request.page_size for request in self.requests]


async def ask(flags: FixedFlags, address: str, headers: Mapping[str, str], listening: Listening) -> httpx.Response:
    """Ask an edge with these flags."""
    async with caller(app(listening, flags=flags)) as client:
        return await client.get(address, headers=dict(headers))


def changed(**flags: Mapping[str, Any]) -> FixedFlags:
    """Return the shipped flags, some of them with changes; names have underscores for dashes."""
    document = definitions()
    for name, changes in flags.items():
        document[name.replace("_", "-")].update(changes)
    return FixedFlags(document)


def used(flags: FixedFlags) -> dict[str, str]:
    """Return the variants that took effect, by flag."""
    return {choice.flag: choice.variant for choice, _ in flags.told}


@pytest.mark.parametrize(
    ("given", "size", "hides", "uses"),
    [
        ("", 4, True, {"view-results": "drive", "view-explicit": "off"}),
        ("&limit=5", 5, True, {"view-explicit": "off"}),
        ("&explicit=true", 4, False, {"view-results": "drive"}),
        ("&limit=4&explicit=false", 4, True, {}),
    ],
)
async def test_a_decision_is_used_where_the_request_leaves_it_open(
    given: str,
    size: int,
    hides: bool,  # noqa: FBT001 - a parameter
    uses: dict[str, str],
) -> None:
    """What a request says itself holds, and then no variant has taken effect, even if it says the same."""
    flags, listening = shipped(), Listening()
    await ask(flags, f"/v1/search?q=x{given}", CAR, listening)
    request = listening.requests[0]
    assert isinstance(request, pb.SearchRequest)
    assert (request.page_size, request.hide_explicit) == (size, hides)
    assert used(flags) == uses


@pytest.mark.parametrize("address", ["/v1/search?q=x&market=no", "/v1/suggest?limit=x", "/v1/tracks/demo:t1", "/"])
async def test_nothing_is_used_where_nothing_takes_effect(address: str) -> None:
    """A request that is refused, or needs none of it, leaves no trace in an experiment."""
    flags = shipped()
    await ask(flags, address, CAR, Listening())
    assert flags.told == []


@pytest.mark.parametrize(
    ("mode", "chosen"), [(Mode.ADD, ["shelf", "drive", "rows"]), (Mode.REPLACE, ["shelf", "", ""])]
)
async def test_results_per_page_follow_the_flag(mode: Mode, chosen: list[str]) -> None:
    """As docs/clients.md types it: cars in Sweden get more, and others what they had, by the rule or by the code."""
    wish = Wish("shelf", when=condition("client_type=car and country=SE"), mode=mode)
    flags, listening = changed(view_results=with_rule(definitions()["view-results"], wish)), Listening()
    for client in ("car/8; country=SE", "car/8; country=NO", "web"):
        await ask(flags, "/v1/search?q=x&explicit=1", {"x-backline-client": client}, listening)
    assert listening.sizes == [24, 4, 20]
    assert [choice.variant for choice, _ in flags.told] == chosen


async def test_a_killed_flag_gives_the_row_of_the_table() -> None:
    """After a kill each type of client has again what it has without flags."""
    flags, listening = changed(view_results={"state": "DISABLED"}), Listening()
    for client in ("car", "tv", "web"):
        await ask(flags, "/v1/search?q=x", {"x-backline-client": client}, listening)
    assert listening.sizes == [4, 24, 20]


async def test_a_television_shows_a_grid_and_a_flag_can_take_it_away() -> None:
    """The page lays itself out by the context, which has the layout that the flag says."""
    tv = {"x-backline-client": "tv"}
    for flags, layout in (
        (shipped(), "shelf"),
        (changed(view_layout={"targeting": {}, "defaultVariant": "rows"}), "rows"),
    ):
        answer = await ask(flags, "/v1/me/context", tv, Listening())
        assert answer.json()["view"]["layout"] == layout


async def test_a_speaker_plays_nothing_explicit_unless_a_flag_says_so() -> None:
    """What is said aloud is heard by everyone in the room."""
    speaker, listening = {"x-backline-client": "speaker"}, Listening()
    for flags in (shipped(), changed(view_explicit={"targeting": {}, "defaultVariant": "on"})):
        await ask(flags, "/v1/search?q=x", speaker, listening)
    assert [request.hide_explicit for request in listening.requests if isinstance(request, pb.SearchRequest)] == [
        True,
        False,
    ]


async def test_paused_completions_are_none_and_search_is_not_asked() -> None:
    """The switch takes the load away at once; the answer says what it lacks, a metric counts it, searches go on."""
    flags, listening, instruments = changed(suggest_paused={"defaultVariant": "on"}), Listening(), telemetry()
    async with caller(app(listening, instruments=instruments, flags=flags)) as client:
        answer = (await client.get("/v1/suggest?q=night")).json()
        assert listening.requests == []
        assert (await client.get("/v1/search?q=night")).status_code == 200
        assert (await client.get("/v1/suggest?limit=no")).status_code == 422
    assert (answer["suggestions"], answer["degraded"]) == ([], ["suggest_paused"])
    assert instruments.registry.get_sample_value(DEGRADED.name, {"reason": "suggest_paused"}) == 1
    assert used(flags)["suggest-paused"] == "on"


async def test_completions_that_are_not_paused_are_given() -> None:
    """The other variant takes effect as well: an experiment needs both."""
    flags = shipped()
    async with caller(app(SEARCH, flags=flags)) as client:
        assert (await client.get("/v1/suggest?q=night")).json()["suggestions"]
    assert used(flags) == {"suggest-paused": "off"}


async def test_the_choice_of_a_ranker_travels_and_is_not_used_here() -> None:
    """Search hears which ranker and for whom, by a hash: the same that the edge's own uses have."""
    flags, listening = changed(search_ranker={"defaultVariant": "match-first"}), Listening()
    await ask(flags, "/v1/search?q=x", CAR, listening)
    taken = decisions_of(listening.contexts[0])
    assert {flag: each.choice.value for flag, each in taken.items()} == {"search-ranker": "match-first"}
    assert taken["search-ranker"].generation == flags.generation
    assert {taken["search-ranker"].unit} == {unit for _, unit in flags.told}
    assert taken["search-ranker"].unit not in ("", "person-7")
    assert "search-ranker" not in used(flags)


async def test_without_flags_nothing_travels_and_all_is_as_ever() -> None:
    """An edge that has never heard of a flag answers by the code alone."""
    listening = Listening()
    await ask(FixedFlags(), "/v1/search?q=x", CAR, listening)
    assert listening.sizes == [4]
    context = listening.contexts[0]
    assert context is not None
    assert context.encoded_decisions == b""


class Counting(FixedFlags):
    """Flags that count how often they are asked."""

    asked = 0

    def choose(self, flag: Flag[Any], context: Mapping[str, Any], otherwise: Any = None) -> Choice[Any]:  # noqa: ANN401 - as the client has it
        """Count, and choose."""
        self.asked += 1
        return super().choose(flag, context, otherwise)


async def test_a_visitor_is_decided_for_once_until_flags_change() -> None:
    """Who comes again costs no evaluation; a new generation holds from the next request on."""
    flags, listening = Counting({"view-results": {**SIZES, "targeting": BY_PERSON}}), Listening()
    async with caller(app(listening, flags=flags)) as client:
        for _ in range(3):
            await client.get("/v1/search?q=x", headers=CAR)
        asked = flags.asked
        assert asked == 9
        await client.get("/v1/search?q=x", headers={**CAR, "x-backline-user": "person-8"})
        assert flags.asked == asked + 1
        flags.change({"view-results": {**SIZES, "targeting": {}, "variants": {"small": 6}}})
        await client.get("/v1/search?q=x", headers=CAR)
    assert len(set(listening.sizes[:3])) == 1
    assert listening.sizes[4] == 6


async def test_a_rule_that_reads_the_time_is_asked_every_time() -> None:
    """What begins at a moment begins then, for visitors that are known too."""
    clock, flags, listening = ManualClock(), FixedFlags(), Listening()
    begins = clock.now().timestamp() + 10
    rule = {"if": [{"<": [{"var": "$flagd.timestamp"}, begins]}, "small", "large"]}
    document = json.dumps({"flags": {"view-results": {**SIZES, "targeting": rule}}})
    flags.replace(compile_flags(document, now=lambda: clock.now().timestamp()), generation=1)
    async with caller(app(listening, flags=flags)) as client:
        await client.get("/v1/search?q=x", headers=CAR)
        clock.advance(10)
        await client.get("/v1/search?q=x", headers=CAR)
    assert listening.sizes == [5, 10]


async def test_the_flags_service_can_hear_who_comes() -> None:
    """Who has a name is in the sample once, with what rules may ask; what there is no room for is not kept."""
    recent = Reservoir(3, rules().secrets)
    async with caller(app(MemorySearch([]), recent=recent)) as client:
        for name in ("a", "b", "a"):
            await client.get("/v1/search", headers={"x-backline-client": "car/8.9; build=463", "x-backline-user": name})
        await client.get("/", headers={"x-backline-client": "tv"})
        assert recent.take() == [
            {"targetingKey": name, "client_type": "car", "app_version": "8.9.0", "app_build": 463} for name in "ab"
        ]
        for number in range(9):
            await client.get("/v1/search", headers={"x-backline-user": f"u-{number}"})
        assert len(recent.take()) == 3
