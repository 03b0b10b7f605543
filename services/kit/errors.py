"""The one set of errors that crosses a boundary. Whatever else escapes is a fault and reaches callers as Internal.

    Failure
    ├── NotFound      there is no such thing
    ├── Invalid       the request cannot be answered as it stands; changing it helps
    ├── Denied        the caller may not do this
    ├── Conflict      the thing has changed, or is in use, since the caller looked
    ├── Exhausted     too much at once; try again after `retry_after_s`
    ├── Unavailable   not now: a part is missing; trying again may help
    ├── TooLate       the time for it is over
    └── Internal      a fault of ours; its detail stays in our log

Pure Python, so that a domain may raise them. kit.grpc.status has their table to gRPC, kit.http.problem to HTTP.
"""


class Failure(Exception):  # noqa: N818 - the eight names below are words of the domain, read in every signature
    """An outcome other than success. `str(failure)` is one sentence that a caller may see."""


class NotFound(Failure):
    """There is no such thing."""


class Invalid(Failure):
    """The request cannot be answered as it stands. `field` names the part at fault, where one can be named."""

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class Denied(Failure):
    """The caller may not do this."""


class Conflict(Failure):
    """The thing has changed, or is in use, since the caller looked."""


class Exhausted(Failure):
    """Too much at once; the caller may try again after `retry_after_s` seconds."""

    def __init__(self, message: str, *, retry_after_s: float = 1.0) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Unavailable(Failure):
    """A part that is needed is missing for now."""


class TooLate(Failure):
    """The time for the answer is over, or too little of it is left to begin."""


class Internal(Failure):
    """A fault of ours. The sentence is for callers; the cause belongs in the log."""
