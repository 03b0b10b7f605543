"""One remote procedure, named once for both of its sides."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from google.protobuf.message import Message

MESSAGE_BOUND_BYTES = 1024 * 1024
"""No message is larger, on either side, unless a service says otherwise."""

Request = TypeVar("Request", bound=Message)
Response = TypeVar("Response", bound=Message)


@dataclass(frozen=True, slots=True)
class Rpc(Generic[Request, Response]):
    """A method of a service: `Rpc("backline.search.v1.SearchService", "Search", SearchRequest, SearchResponse)`."""

    service: str
    name: str
    request: type[Request]
    response: type[Response]

    @property
    def path(self) -> str:
        """Return the name it has on the wire."""
        return f"/{self.service}/{self.name}"
