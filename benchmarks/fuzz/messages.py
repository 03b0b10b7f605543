"""Requests to the running service, whatever their bytes are: it answers, or says what is wrong with them."""

from base64 import urlsafe_b64encode
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias, cast

import grpc
from google.protobuf.message import DecodeError

from backline.search.v1 import search_pb2 as pb
from benchmarks.fuzz import words
from benchmarks.fuzz.promises import promise
from services.kit.grpc.rpc import rpc
from services.kit.logs import LogFormat, LogLevel
from services.kit.process import ProcessSettings, Surroundings
from services.search.api.wire import MAX_HITS, MAX_SUGGESTIONS, encode_hit
from services.search.domain.ranking.rank import RANKERS
from services.search.index.build import build
from services.stack import opened
from tests.search.invented import invented_documents

Check: TypeAlias = Callable[[bytes], Coroutine[None, None, None]]

_SEARCH = rpc(pb.SearchRequest, pb.SearchResponse)
_SUGGEST = rpc(pb.SuggestRequest, pb.SuggestResponse)
_ALLOWED = {grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.DEADLINE_EXCEEDED}
_ENVIRON = {
    "BACKLINE_SEARCH_GRPC_PORT": "0",
    "BACKLINE_SEARCH_OPERATIONS_PORT": "0",
    "BACKLINE_SEARCH_SHARE_S": "0.0005",  # the least, so that time is often up in the middle
}
_DOCUMENTS = 300
_LIMIT_S = 5.0
_PLACE = "@"
"""A page token that begins so is a place in the answer, and is made into a token of the index that is open."""


@asynccontextmanager
async def open_messages() -> AsyncGenerator[Check, None]:
    """Open the service and give what checks bytes: the first chooses the method, the others are the request.

    It raises AssertionError for a status that no request should get, and for an answer that is none.
    """
    with TemporaryDirectory() as name:
        home = Path(name)
        generation = build(
            invented_documents(_DOCUMENTS, 5), home / "index", encode_hit, source_generation=1, built_at=words.BUILT_AT
        )
        settings = ProcessSettings(home, LogFormat.TEXT, LogLevel.ERROR, drain_s=0, grace_s=1)
        async with (
            opened(["search"], Surroundings(settings), _ENVIRON) as running,
            grpc.aio.insecure_channel(running["search"].addresses["grpc"]) as channel,
        ):

            async def check(data: bytes) -> None:
                method = _SUGGEST if data[:1] < b"\x80" else _SEARCH
                request = data[1:] if method is _SUGGEST else _with_token(data[1:], generation.name)
                answer = await _answer(channel, method.path, request)
                if answer is not None:
                    _check_answer(method.response.FromString(answer))

            yield check


def seeds() -> Sequence[bytes]:
    """Return requests to begin with, after their method's byte; most are as the contract says."""
    texts = [seed.decode(errors="ignore") for seed in words.seeds()]
    rankers = ("", *RANKERS)
    searches = [
        pb.SearchRequest(
            query=text,
            page_size=number % 60,
            page_token=("", "", f"{_PLACE}{number % 5} 60 {number % 7}", f"{_PLACE}0 {number} {number % 70}")[
                number % 4
            ],
            kinds=cast("list[pb.Kind.ValueType]", range(1, 1 + number % 4)),
            market=("", "", "DE")[number % 3],
            hide_explicit=number % 5 == 0,
            prefer_clean=number % 7 == 0,
            ranker=rankers[number % len(rankers)],
            show_matches=True,
        )
        for number, text in enumerate(texts)
    ]
    wrong = [
        pb.SearchRequest(query="moon", page_token="Z2VuIDEgNjAgMA"),  # noqa: S106 - a place in a list, no password
        pb.SearchRequest(query="moon", kinds=cast("list[pb.Kind.ValueType]", [0, 9, -1])),
        pb.SearchRequest(query="moon", market="DEU", ranker="\0"),
    ]
    suggestions = [pb.SuggestRequest(query=text, page_size=number) for number, text in enumerate(texts)]
    return [
        *(b"\xff" + request.SerializeToString() for request in (*searches, *wrong)),
        *(b"\x00" + request.SerializeToString() for request in suggestions),
    ]


def _with_token(request: bytes, generation: str) -> bytes:
    """Return the request with a token that is valid, or nearly so, where it names a place; other bytes as they are."""
    try:
        search = pb.SearchRequest.FromString(request)
    except DecodeError:
        return request
    if not search.page_token.startswith(_PLACE):
        return request
    place = f"{generation} {search.page_token.removeprefix(_PLACE)}"
    search.page_token = urlsafe_b64encode(place.encode()).decode()
    return search.SerializeToString()


async def _answer(channel: grpc.aio.Channel, path: str, request: bytes) -> bytes | None:
    """Return the answer's bytes; None where the request was refused as it may be."""
    send: Any = channel.unary_unary(path)  # the stubs want serialisers, and bytes need none
    try:
        answer: bytes = await send(request, timeout=_LIMIT_S)
    except grpc.aio.AioRpcError as error:
        if error.code() not in _ALLOWED:
            raise AssertionError(f"no request is answered with {error.code().name}") from None
        return None
    return answer


def _check_answer(answer: pb.SearchResponse | pb.SuggestResponse) -> None:
    if isinstance(answer, pb.SuggestResponse):
        promise(len(answer.suggestions) <= MAX_SUGGESTIONS, "suggestions are bounded")
        return
    promise(len(answer.hits) <= MAX_HITS, "a page is bounded")
    for hit, match in zip(answer.hits, answer.matches, strict=False):
        promise(all(each.start < each.end <= len(hit.title) for each in match.title), "marks are within the title")
        promise(all(each.start < each.end <= len(hit.credit) for each in match.credit), "marks are within the credit")
