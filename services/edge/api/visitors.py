"""Who asks, made once for each request: the program by its headers, the person by a name that the caller gave or keeps.

X-Backline-User names the person where a client knows one. A browser that knows none gets a name by chance, in a cookie
of the site's own.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from hashlib import blake2b
from random import Random
from typing import NamedTuple

from services.edge.domain.understanding import understand
from services.edge.domain.views import View, view_of
from services.edge.signals import DROPPED, DROPPED_ATTRIBUTES
from services.kit.grpc.metadata import encode_caller, with_user
from services.kit.telemetry import Telemetry

COOKIE = "backline_user"
_ATTRIBUTES = "; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax"
_GIVEN = re.compile(rb"[\x21-\x7e]{1,64}")
_KEPT = re.compile(rb"(?:^|;) *" + COOKIE.encode() + rb"=([0-9a-f]{32}) *(?:;|$)")
_NAME_BITS, _HASH_BYTES = 128, 8
_KNOWN_PROGRAMS = 1024
"""Most requests come with the same few headers as others."""
USER_ID, OTHER_ATTRIBUTE = "user_id", "other"


class Program(NamedTuple):
    """What is known of the program, whoever uses it."""

    client_type: str
    app_version: str
    view: View
    encoded: bytes
    """As a request context carries it."""
    dropped: tuple[str, ...]


class Visitor(NamedTuple):
    """The program and the person."""

    program: Program
    user_id: str
    is_new: bool
    """Whether the name was made just now, and nobody keeps it yet."""

    def encoded(self) -> bytes:
        """Return the caller as a request context carries it."""
        return with_user(self.program.encoded, self.user_id)


class Visitors:
    """Tells visitors apart. `secrets` has to be a source that nobody can guess; an empty `log_key` is drawn from it."""

    def __init__(self, telemetry: Telemetry, secrets: Random, log_key: str, *, secure_cookies: bool) -> None:
        self._secrets = secrets
        # blake2b takes keys of up to 64 bytes, and a setting may be longer.
        self._log_key = blake2b(log_key.encode() or secrets.randbytes(32)).digest()
        self._attributes = _ATTRIBUTES + ("; Secure" if secure_cookies else "")
        self._dropped = {name: telemetry.counter(DROPPED, attribute=name) for name in DROPPED_ATTRIBUTES}

    def of(self, headers: Mapping[bytes, bytes]) -> Visitor:
        """Return who sent these headers."""
        program = _program(
            headers.get(b"x-backline-client", b""),
            headers.get(b"accept-language", b""),
            headers.get(b"user-agent", b""),
        )
        for name in program.dropped:
            self._drop(name)
        given = headers.get(b"x-backline-user")
        if given is not None:
            if _GIVEN.fullmatch(given):
                return Visitor(program, given.decode(), is_new=False)
            self._drop(USER_ID)
        kept = _KEPT.search(headers.get(b"cookie", b""))
        if kept:
            return Visitor(program, kept[1].decode(), is_new=False)
        return Visitor(program, f"{self._secrets.getrandbits(_NAME_BITS):032x}", is_new=given is None)

    def cookie(self, visitor: Visitor) -> tuple[bytes, bytes]:
        """Return the header that has a browser keep the visitor's name for a year."""
        return b"set-cookie", f"{COOKIE}={visitor.user_id}{self._attributes}".encode()

    def hashed(self, visitor: Visitor) -> str:
        """Return what stands for the person in logs: the same for the same name, and the name cannot be had from it."""
        return blake2b(visitor.user_id.encode(), key=self._log_key, digest_size=_HASH_BYTES).hexdigest()

    def _drop(self, name: str) -> None:
        self._dropped.get(name, self._dropped[OTHER_ATTRIBUTE]).inc()


@lru_cache(_KNOWN_PROGRAMS)
def _program(client_header: bytes, accept_language: bytes, user_agent: bytes) -> Program:
    understood = understand(*(part.decode("latin-1") for part in (client_header, accept_language, user_agent)))
    caller = understood.caller
    return Program(
        caller.client_type.word,
        caller.app_version,
        view_of(caller.client_type),
        encode_caller(caller),
        tuple(dropped.name for dropped in understood.dropped),
    )
