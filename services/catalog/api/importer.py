"""The other side of CatalogAdminService, for whoever imports into a catalog that runs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from backline.catalog.v1 import catalog_pb2 as pb
from services.catalog.api.wire import item_message
from services.catalog.domain.items import Item
from services.catalog.domain.store import Counts, Outcome
from services.kit.grpc.client import Client
from services.kit.grpc.rpc import rpc

_IMPORT = rpc(pb.ImportRequest, pb.ImportResponse)
_EXPORT = rpc(pb.ExportRequest, pb.ExportResponse)
_REQUEST_BYTES = 512 * 1024
"""Half of what a message may have."""
_HEADER_LIMIT_S = 10.0


@dataclass(frozen=True, slots=True)
class Importer:
    """Writes to a catalog that runs. Raises the kit's failures."""

    client: Client
    limit_s: float
    """How long one batch may take."""

    async def write(self, items: Sequence[Item], *, replace: bool = False) -> Outcome:
        """Write the items, all together where they fit into one message; with `replace`, empty the catalogue first."""
        answer = await self.client.upload(_IMPORT, _requests(items, replace=replace), self.limit_s)
        return Outcome(answer.added, answer.updated, answer.unchanged, answer.withheld)

    async def state(self) -> tuple[int, Counts]:
        """Return the catalogue's generation and what it holds."""
        parts = self.client.download(_EXPORT, pb.ExportRequest(), _HEADER_LIMIT_S)
        try:
            header = await anext(parts)
        finally:
            await parts.aclose()
        return header.generation, Counts(header.artist_count, header.album_count, header.track_count)


def _requests(items: Sequence[Item], *, replace: bool) -> Iterator[pb.ImportRequest]:
    request, size_bytes = pb.ImportRequest(replace=replace), 0
    for item in items:
        message = item_message(item)
        if size_bytes and size_bytes + message.ByteSize() > _REQUEST_BYTES:
            yield request
            request, size_bytes = pb.ImportRequest(), 0
        request.items.append(message)
        size_bytes += message.ByteSize()
    yield request
