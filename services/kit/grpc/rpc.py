"""One remote procedure, named once for both of its sides."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from google.protobuf.descriptor_pb2 import MethodOptions
from google.protobuf.message import Message

MESSAGE_BOUND_BYTES = 1024 * 1024
"""No message is larger, on either side, unless a service says otherwise."""

Request = TypeVar("Request", bound=Message)
Response = TypeVar("Response", bound=Message)


@dataclass(frozen=True, slots=True)
class Rpc(Generic[Request, Response]):
    """A method of a service, with the messages that it takes and returns."""

    service: str
    name: str
    request: type[Request]
    response: type[Response]
    repeatable: bool = False
    """Whether its contract says that it has no side effects, so that asking twice does no harm."""

    @property
    def path(self) -> str:
        """Return the name it has on the wire."""
        return f"/{self.service}/{self.name}"


def rpc(request: type[Request], response: type[Response]) -> Rpc[Request, Response]:
    """Return the method that takes the one message and returns the other.

    Our protos give each method messages of its own, so the pair names it. Raises LookupError where none fits.
    """
    for service in request.DESCRIPTOR.file.services_by_name.values():
        for method in service.methods:
            if (method.input_type, method.output_type) == (request.DESCRIPTOR, response.DESCRIPTOR):
                level = method.GetOptions().idempotency_level
                repeatable = level == MethodOptions.NO_SIDE_EFFECTS
                return Rpc(service.full_name, method.name, request, response, repeatable)
    raise LookupError(f"no method takes {request.__name__} and returns {response.__name__}")
