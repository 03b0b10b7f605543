"""CatalogAdminService: imports streamed into the running catalog, takedowns, restores, and the journal of both."""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable

from backline.catalog.v1 import catalog_pb2 as pb
from services.catalog.api.wire import decode_item, reference_of
from services.catalog.domain.checks import check
from services.catalog.domain.store import CatalogStore, Outcome
from services.catalog.domain.takedowns import RESTORE, TAKEDOWN, record
from services.kit.clock import Clock
from services.kit.errors import Exhausted, Invalid, NotFound, Unavailable
from services.kit.grpc.methods import Method, download, unary, upload
from services.kit.grpc.rpc import rpc
from services.kit.journal import moment

Changed = Callable[[], Awaitable[None]]


class CatalogAdminApi:
    """Writes to a store; `changed` is called once a change is over, however it ended, and before it is answered."""

    def __init__(self, store: CatalogStore, changed: Changed, clock: Clock) -> None:
        self._store, self._changed, self._clock = store, changed, clock

    def methods(self, import_limit_s: float, change_limit_s: float) -> list[Method]:
        """Return the methods of CatalogAdminService."""
        fails = (Exhausted, Unavailable)
        takedown = rpc(pb.TakedownRequest, pb.TakedownResponse)
        restore = rpc(pb.RestoreRequest, pb.RestoreResponse)
        journal = rpc(pb.JournalRequest, pb.JournalResponse)
        return [
            upload(rpc(pb.ImportRequest, pb.ImportResponse), self.import_, import_limit_s, fails=fails, admin=True),
            unary(takedown, self.take_down, change_limit_s, fails=(NotFound, *fails), admin=True),
            unary(restore, self.restore, change_limit_s, fails=(NotFound, *fails), admin=True),
            download(journal, self.journal, change_limit_s, fails=fails, admin=True),
        ]

    async def import_(self, batches: AsyncIterator[pb.ImportRequest]) -> pb.ImportResponse:
        """Write each batch before the next is read."""
        outcome, first = Outcome(), True
        try:
            async for batch in batches:
                if batch.replace and not first:
                    raise Invalid("Only the first batch may replace the catalogue.", field="replace")
                items = [decode_item(message) for message in batch.items]
                for item in items:
                    check(item)
                outcome += await self._store.write(items, replace=batch.replace)
                first = False
        finally:
            await self._changed()
        return pb.ImportResponse(
            added=outcome.added,
            updated=outcome.updated,
            unchanged=outcome.unchanged,
            withheld=outcome.withheld,
            generation=await self._store.generation(),
        )

    async def take_down(self, request: pb.TakedownRequest) -> pb.TakedownResponse:
        """Hide one item; when this returns, no read through this process shows it."""
        wanted = reference_of(request.reference)
        why = record(self._clock.now(), request.actor, TAKEDOWN, wanted, request.reason)
        try:
            changed = await self._store.take_down(wanted, why)
        finally:
            await self._changed()
        return pb.TakedownResponse(generation=await self._store.generation(), changed=changed)

    async def restore(self, request: pb.RestoreRequest) -> pb.RestoreResponse:
        """Show an item again; when this returns, every read through this process shows it."""
        wanted = reference_of(request.reference)
        why = record(self._clock.now(), request.actor, RESTORE, wanted, request.reason)
        try:
            await self._store.restore(wanted, why)
        finally:
            await self._changed()
        return pb.RestoreResponse(generation=await self._store.generation())

    async def journal(self, request: pb.JournalRequest) -> AsyncGenerator[pb.JournalResponse, None]:  # noqa: ARG002 - the method's
        """Yield every entry of the journal, oldest first."""
        last = 0
        while entries := await self._store.journal(last):
            for entry in entries:
                yield pb.JournalResponse(
                    sequence=entry.sequence,
                    at=moment(entry.record.at),
                    actor=entry.record.actor,
                    action=entry.record.action,
                    subject=entry.record.subject,
                    reason=entry.record.reason,
                    previous=entry.previous,
                    hash=entry.hash,
                )
            last = entries[-1].sequence
