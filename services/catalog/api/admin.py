"""CatalogAdminService: imports streamed into the running catalog, batch by batch."""

from collections.abc import AsyncIterator, Awaitable, Callable

from backline.catalog.v1 import catalog_pb2 as pb
from services.catalog.api.wire import decode_item
from services.catalog.domain.checks import check
from services.catalog.domain.store import CatalogStore, Outcome
from services.kit.errors import Exhausted, Invalid, Unavailable
from services.kit.grpc.methods import Method, upload
from services.kit.grpc.rpc import rpc

Changed = Callable[[], Awaitable[None]]


class CatalogAdminApi:
    """Writes to a store; `changed` is called once an import is over, however it ended."""

    def __init__(self, store: CatalogStore, changed: Changed) -> None:
        self._store, self._changed = store, changed

    def methods(self, limit_s: float) -> list[Method]:
        """Return the methods of CatalogAdminService."""
        fails = (Exhausted, Unavailable)
        return [upload(rpc(pb.ImportRequest, pb.ImportResponse), self.import_, limit_s, fails=fails, admin=True)]

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
