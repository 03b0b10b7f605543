"""FlagAdminService: the administration of flags, over gRPC."""

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing

from backline.flags.v1 import flags_pb2 as pb
from services.flags.api.wire import author_of, entry_message, flag_message, subscriber_message, timestamp
from services.flags.domain.administration import Administration, Killed, Progress
from services.flags.domain.definition import read_definition
from services.flags.domain.explained import as_data, as_lines
from services.flags.domain.sample import WITHIN_S
from services.flags.domain.words import rule_in_words
from services.kit.errors import Conflict, NotFound, Unavailable
from services.kit.grpc.methods import Method, download, unary
from services.kit.grpc.rpc import rpc


class FlagAdminApi:
    """Answers whoever shows the admin token."""

    def __init__(self, administration: Administration) -> None:
        self._administration = administration

    def methods(self, limit_s: float, kill_limit_s: float) -> list[Method]:
        """Return the methods of FlagAdminService."""
        writes = (NotFound, Conflict, Unavailable)
        return [
            unary(rpc(pb.PutRequest, pb.PutResponse), self.put, limit_s, fails=(Conflict, Unavailable), admin=True),
            unary(rpc(pb.GetRequest, pb.GetResponse), self.get, limit_s, fails=(NotFound,), admin=True),
            unary(rpc(pb.ListRequest, pb.ListResponse), self.list_, limit_s, admin=True),
            download(
                rpc(pb.HistoryRequest, pb.HistoryResponse), self.history, limit_s, fails=(Unavailable,), admin=True
            ),
            download(rpc(pb.KillRequest, pb.KillResponse), self.kill, kill_limit_s, fails=writes, admin=True),
            unary(rpc(pb.RestoreRequest, pb.RestoreResponse), self.restore, limit_s, fails=writes, admin=True),
            unary(rpc(pb.RemoveRequest, pb.RemoveResponse), self.remove, limit_s, fails=writes, admin=True),
            unary(rpc(pb.ExplainRequest, pb.ExplainResponse), self.explain, limit_s, fails=(NotFound,), admin=True),
            unary(rpc(pb.DryRunRequest, pb.DryRunResponse), self.dry_run, limit_s, fails=(NotFound,), admin=True),
            unary(rpc(pb.SubscribersRequest, pb.SubscribersResponse), self.subscribers, limit_s, admin=True),
            unary(
                rpc(pb.AdoptRequest, pb.AdoptResponse), self.adopt, limit_s, fails=(Conflict, Unavailable), admin=True
            ),
        ]

    async def put(self, request: pb.PutRequest) -> pb.PutResponse:
        """Write a flag."""
        generation, found = await self._administration.put(
            request.key, request.definition, request.expected_version, author_of(request.author)
        )
        return pb.PutResponse(generation=generation, warnings=found.warnings)

    async def get(self, request: pb.GetRequest) -> pb.GetResponse:
        """Return one flag."""
        kept = self._administration.get(request.key)
        rule = rule_in_words(read_definition(kept.definition))
        return pb.GetResponse(flag=flag_message(request.key, kept), rule=rule)

    async def list_(self, _request: pb.ListRequest) -> pb.ListResponse:
        """Return all flags."""
        head = self._administration.head
        state = head.document.state
        return pb.ListResponse(
            flags=(flag_message(key, kept) for key, kept in sorted(state.flags.items())),
            generation=state.held.generation,
            committed_at=timestamp(state.committed_at),
            refuses=head.refuses,
        )

    async def history(self, request: pb.HistoryRequest) -> AsyncGenerator[pb.HistoryResponse, None]:
        """Yield what was written."""
        async with aclosing(self._administration.history(request.key, request.after)) as entries:
            async for entry in entries:
                yield entry_message(entry)

    async def kill(self, request: pb.KillRequest) -> AsyncGenerator[pb.KillResponse, None]:
        """Disable a flag, and yield who has applied that until all have."""
        expected = request.expected_version if request.HasField("expected_version") else None
        killed = await self._administration.kill(request.key, author_of(request.author), expected)
        async with aclosing(self._administration.confirmed(killed.generation)) as reports:
            async for progress in reports:
                yield _kill_message(killed, progress)

    async def restore(self, request: pb.RestoreRequest) -> pb.RestoreResponse:
        """End a kill."""
        generation = await self._administration.restore(
            request.key, author_of(request.author), request.expected_version
        )
        return pb.RestoreResponse(generation=generation)

    async def remove(self, request: pb.RemoveRequest) -> pb.RemoveResponse:
        """Take a flag away."""
        generation, warnings = await self._administration.remove(
            request.key, author_of(request.author), request.expected_version
        )
        return pb.RemoveResponse(generation=generation, warnings=warnings)

    async def explain(self, request: pb.ExplainRequest) -> pb.ExplainResponse:
        """Say how a flag is evaluated for a context."""
        explanation = self._administration.explain(request.key, request.context)
        return pb.ExplainResponse(explanation=json.dumps(as_data(explanation)), lines=as_lines(explanation))

    async def dry_run(self, request: pb.DryRunRequest) -> pb.DryRunResponse:
        """Say whom a definition would reach."""
        trial = await self._administration.try_out(request.key, request.definition)
        return pb.DryRunResponse(
            contexts=trial.run.contexts,
            reached=(pb.Reached(variant=each.variant, contexts=each.contexts) for each in trial.run.reached),
            changed=trial.run.changed,
            invalid=trial.run.invalid,
            warnings=trial.warnings,
            rule=trial.rule,
            within_s=WITHIN_S,
        )

    async def subscribers(self, _request: pb.SubscribersRequest) -> pb.SubscribersResponse:
        """Return who uses the flags."""
        head, listing = self._administration.head, self._administration.roster.everywhere()
        return pb.SubscribersResponse(
            processes=map(subscriber_message, listing.processes),
            foreign=map(subscriber_message, listing.foreign),
            generation=head.document.held.generation,
            refuses=head.refuses,
        )

    async def adopt(self, request: pb.AdoptRequest) -> pb.AdoptResponse:
        """Go on from a store that is older than what its callers have applied."""
        return pb.AdoptResponse(generation=await self._administration.adopt(author_of(request.author)))


def _kill_message(killed: Killed, progress: Progress) -> pb.KillResponse:
    return pb.KillResponse(
        generation=killed.generation,
        committed_at=timestamp(killed.committed_at),
        unchanged=killed.unchanged,
        applied=progress.applied,
        waiting=map(subscriber_message, progress.waiting),
        unconfirmable=map(subscriber_message, progress.unconfirmable),
    )
