"""The other side of CatalogAdminService, for whoever takes items down, restores them, or reads the journal."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime

from backline.catalog.v1 import catalog_pb2 as pb
from services.catalog.api.wire import decode_item, reference_message
from services.catalog.domain.items import Kind, Reference, reference
from services.kit.grpc.client import Client
from services.kit.grpc.rpc import rpc
from services.kit.journal import Entry, Record

_BATCH_GET = rpc(pb.BatchGetRequest, pb.BatchGetResponse)
_TAKEDOWN = rpc(pb.TakedownRequest, pb.TakedownResponse)
_RESTORE = rpc(pb.RestoreRequest, pb.RestoreResponse)
_JOURNAL = rpc(pb.JournalRequest, pb.JournalResponse)


@dataclass(frozen=True, slots=True)
class Administrator:
    """Asks a catalog that runs. Raises the kit's failures."""

    client: Client
    limit_s: float
    """How long one call may take."""

    async def shown(self, id_: str) -> dict[Reference, str]:
        """Return what that id names, by the name or title of each; ids are unique within a kind only."""
        wanted = [reference_message(Reference(kind, id_)) for kind in Kind]
        found = await self.client.call(_BATCH_GET, pb.BatchGetRequest(references=wanted), self.limit_s)
        items = [decode_item(message) for message in found.items]
        return {reference(item): getattr(item, "title", "") or getattr(item, "name", "") for item in items}

    async def take_down(self, wanted: Reference, reason: str, actor: str) -> bool:
        """Hide the item; return whether it was shown before."""
        request = pb.TakedownRequest(reference=reference_message(wanted), reason=reason, actor=actor)
        return (await self.client.call(_TAKEDOWN, request, self.limit_s)).changed

    async def restore(self, wanted: Reference, reason: str, actor: str) -> None:
        """Show the item again."""
        request = pb.RestoreRequest(reference=reference_message(wanted), reason=reason, actor=actor)
        await self.client.call(_RESTORE, request, self.limit_s)

    async def journal(self) -> AsyncGenerator[Entry, None]:
        """Yield every entry, oldest first."""
        async with aclosing(self.client.download(_JOURNAL, pb.JournalRequest(), self.limit_s)) as answers:
            async for answer in answers:
                yield _entry(answer)


def _entry(answer: pb.JournalResponse) -> Entry:
    at = datetime.fromisoformat(answer.at)
    record = Record(at, answer.actor, answer.action, answer.subject, answer.reason)
    return Entry(answer.sequence, record, answer.previous, answer.hash)
