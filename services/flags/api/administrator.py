"""The other side of FlagAdminService, for whoever writes flags, kills them, or reads who did."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp

from backline.flags.v1 import flags_pb2 as pb
from services.flags.api.wire import entry_of, subscriber_of
from services.flags.domain.administration import Killed, Progress, Trial
from services.flags.domain.dry_run import DryRun, Reached
from services.flags.domain.roster import Listing
from services.flags.domain.store import Kept
from services.kit.author import Author
from services.kit.grpc.client import Client
from services.kit.grpc.rpc import rpc
from services.kit.journal import Entry

_PUT = rpc(pb.PutRequest, pb.PutResponse)
_GET = rpc(pb.GetRequest, pb.GetResponse)
_LIST = rpc(pb.ListRequest, pb.ListResponse)
_HISTORY = rpc(pb.HistoryRequest, pb.HistoryResponse)
_KILL = rpc(pb.KillRequest, pb.KillResponse)
_RESTORE = rpc(pb.RestoreRequest, pb.RestoreResponse)
_REMOVE = rpc(pb.RemoveRequest, pb.RemoveResponse)
_EXPLAIN = rpc(pb.ExplainRequest, pb.ExplainResponse)
_DRY_RUN = rpc(pb.DryRunRequest, pb.DryRunResponse)
_SUBSCRIBERS = rpc(pb.SubscribersRequest, pb.SubscribersResponse)
_ADOPT = rpc(pb.AdoptRequest, pb.AdoptResponse)


@dataclass(frozen=True, slots=True)
class Listed:
    """All flags of one generation."""

    flags: dict[str, Kept]
    """By key."""
    generation: int
    committed_at: datetime | None
    refuses: str
    """Why nothing can be written or handed out now; empty where it can."""


@dataclass(frozen=True, slots=True)
class Subscribed:
    """Who uses the flags, and what is in force."""

    listing: Listing
    generation: int
    refuses: str


@dataclass(frozen=True, slots=True)
class FlagAdministrator:
    """Asks a flags service that runs. Raises the kit's failures."""

    client: Client
    limit_s: float
    """How long one call may take, besides a kill."""

    async def get(self, key: str) -> tuple[Kept, str]:
        """Return one flag, and its rule in words."""
        answer = await self.client.call(_GET, pb.GetRequest(key=key), self.limit_s)
        return _kept(answer.flag), answer.rule

    async def list(self) -> Listed:
        """Return all flags."""
        answer = await self.client.call(_LIST, pb.ListRequest(), self.limit_s)
        committed_at = _at(answer.committed_at) if answer.HasField("committed_at") else None
        flags = {flag.key: _kept(flag) for flag in answer.flags}
        return Listed(flags, answer.generation, committed_at, answer.refuses)

    async def put(self, key: str, definition: str, expected_version: int, author: Author) -> tuple[int, Sequence[str]]:
        """Write a flag; return its generation, and what is worth a second look."""
        request = pb.PutRequest(
            key=key, definition=definition, expected_version=expected_version, author=_author(author)
        )
        answer = await self.client.call(_PUT, request, self.limit_s)
        return answer.generation, [*answer.warnings]

    async def history(self, key: str = "", after: int = 0) -> AsyncGenerator[Entry, None]:
        """Yield what was written behind that generation, oldest first; with a key only what concerns that flag."""
        request = pb.HistoryRequest(key=key, after=after)
        async with aclosing(self.client.download(_HISTORY, request, self.limit_s)) as answers:
            async for answer in answers:
                yield entry_of(answer)

    async def kill(
        self, key: str, author: Author, within_s: float, expected_version: int | None = None
    ) -> AsyncGenerator[tuple[Killed, Progress], None]:
        """Disable a flag, and yield how far that has come until all processes of ours have applied it."""
        request = pb.KillRequest(key=key, author=_author(author), expected_version=expected_version)
        async with aclosing(self.client.download(_KILL, request, within_s)) as answers:
            async for answer in answers:
                yield _killed(answer)

    async def restore(self, key: str, expected_version: int, author: Author) -> int:
        """End a kill; return the generation that does."""
        request = pb.RestoreRequest(key=key, expected_version=expected_version, author=_author(author))
        return (await self.client.call(_RESTORE, request, self.limit_s)).generation

    async def remove(self, key: str, expected_version: int, author: Author) -> tuple[int, Sequence[str]]:
        """Take a flag away; return the generation without it, and what is worth a second look."""
        request = pb.RemoveRequest(key=key, expected_version=expected_version, author=_author(author))
        answer = await self.client.call(_REMOVE, request, self.limit_s)
        return answer.generation, [*answer.warnings]

    async def explain(self, key: str, context: str) -> Sequence[str]:
        """Return how the flag is evaluated for a context, which is a JSON object, as lines for people."""
        answer = await self.client.call(_EXPLAIN, pb.ExplainRequest(key=key, context=context), self.limit_s)
        return [*answer.lines]

    async def try_out(self, key: str, definition: str = "") -> Trial:
        """Return what a definition would do with recent contexts; without one what that does which is in force."""
        request = pb.DryRunRequest(key=key, definition=definition)
        answer = await self.client.call(_DRY_RUN, request, self.limit_s)
        reached = tuple(Reached(each.variant, each.contexts) for each in answer.reached)
        run = DryRun(answer.contexts, reached, answer.changed, dict(answer.invalid))
        return Trial(run, tuple(answer.warnings), answer.rule)

    async def subscribers(self) -> Subscribed:
        """Return who uses the flags."""
        answer = await self.client.call(_SUBSCRIBERS, pb.SubscribersRequest(), self.limit_s)
        listing = Listing(tuple(map(subscriber_of, answer.processes)), tuple(map(subscriber_of, answer.foreign)))
        return Subscribed(listing, answer.generation, answer.refuses)

    async def adopt(self, author: Author) -> int:
        """Go on from a store that is older than its callers; return the generation that it goes on with."""
        return (await self.client.call(_ADOPT, pb.AdoptRequest(author=_author(author)), self.limit_s)).generation


def _author(author: Author) -> pb.Author:
    return pb.Author(actor=author.actor, reason=author.reason)


def _at(stamp: Timestamp) -> datetime:
    return stamp.ToDatetime(UTC)


def _kept(flag: pb.Flag) -> Kept:
    return Kept(flag.definition, flag.version, _at(flag.changed_at))


def _killed(answer: pb.KillResponse) -> tuple[Killed, Progress]:
    killed = Killed(answer.generation, _at(answer.committed_at), answer.unchanged)
    waiting, foreign = (tuple(map(subscriber_of, group)) for group in (answer.waiting, answer.unconfirmable))
    return killed, Progress(answer.applied, waiting, foreign)
