"""flagd.sync: hands all definitions to flagd's own evaluators, in flagd's own protocol.

There is one set of flags, so a selector chooses nothing and is passed over.
"""

import re
from collections.abc import AsyncGenerator
from contextlib import aclosing

from google.protobuf.struct_pb2 import Struct

from flagd.sync.v1 import sync_pb2 as pb
from services.flags.api.foreign import Streams, in_force
from services.flags.domain.head import Head
from services.kit.errors import Exhausted, Unavailable
from services.kit.grpc.methods import Method, download, unary
from services.kit.grpc.rpc import rpc
from services.kit.wire import field_bytes

STREAM = "flagd sync"
"""How a stream is called on the roster whose client does not name itself."""
_UNFIT_FOR_A_NAME = re.compile(r"[^A-Za-z0-9@._-]")
_MOST_NAME_CHARS = 64
_NO_CONTEXT = field_bytes(pb.SyncFlagsResponse.SYNC_CONTEXT_FIELD_NUMBER, b"")
"""There, and empty: clients of before take an absent one for a server of before."""


class FlagdSyncApi:
    """Sends what is in force as it is."""

    def __init__(self, head: Head, streams: Streams) -> None:
        self._head, self._streams = head, streams

    def methods(self, limit_s: float, stream_limit_s: float) -> list[Method]:
        """Return the methods of flagd's FlagSyncService; after its limit a stream's client has to come again."""
        return [
            download(
                rpc(pb.SyncFlagsRequest, pb.SyncFlagsResponse),
                self.sync_flags,
                stream_limit_s,
                fails=(Exhausted, Unavailable),
            ),
            unary(
                rpc(pb.FetchAllFlagsRequest, pb.FetchAllFlagsResponse), self.fetch_all, limit_s, fails=(Unavailable,)
            ),
            unary(rpc(pb.GetMetadataRequest, pb.GetMetadataResponse), self.get_metadata, limit_s),
        ]

    async def sync_flags(self, request: pb.SyncFlagsRequest) -> AsyncGenerator[bytes, None]:
        """Yield all definitions, and all of them again with each generation."""
        name = _UNFIT_FOR_A_NAME.sub("_", request.provider_id)[:_MOST_NAME_CHARS] or STREAM
        async with aclosing(self._streams.documents(name)) as documents:
            async for document in documents:
                if document:
                    yield _definitions(document.definitions) + _NO_CONTEXT

    async def fetch_all(self, _request: pb.FetchAllFlagsRequest) -> bytes:
        """Return all definitions."""
        return _definitions(in_force(self._head).definitions)

    async def get_metadata(self, _request: pb.GetMetadataRequest) -> pb.GetMetadataResponse:
        """Return what clients are to add to contexts: nothing."""
        return pb.GetMetadataResponse(metadata=Struct())


def _definitions(document: bytes) -> bytes:
    """Return the one field that both answers have, under the same number."""
    return field_bytes(pb.FetchAllFlagsResponse.FLAG_CONFIGURATION_FIELD_NUMBER, document)
