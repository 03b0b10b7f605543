"""Who asks, and what flags say for them, made once for each request.

The program is known by its headers, the person by a name: X-Backline-User names one where a client knows it. A browser
that knows none gets a name by chance, in a cookie of the site's own.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from hashlib import blake2b
from random import Random
from typing import Any, NamedTuple, TypeAlias

from services.edge.domain.decisions import Decider, Decisions
from services.edge.domain.facts import MAX_HEADER_CHARS
from services.edge.domain.understanding import Understood, understand
from services.edge.signals import DROPPED, DROPPED_ATTRIBUTES
from services.kit.flags.attributes import attributes
from services.kit.flags.client.local import Flags
from services.kit.flags.client.sample import Reservoir
from services.kit.flags.flag import Choice
from services.kit.flags.travelling import encode_decisions
from services.kit.grpc.metadata import encode_caller, with_user
from services.kit.telemetry import Telemetry

VISITOR = "backline.visitor"
"""Where an application behind the front finds in its scope who asks: a Visitor."""
COOKIE = "backline_user"
_ATTRIBUTES = "; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax"
_GIVEN = re.compile(rb"[\x21-\x7e]{1,64}")
_KEPT = re.compile(rb"(?:^|;) *" + COOKIE.encode() + rb"=([0-9a-f]{32}) *(?:;|$)")
_READ = slice(MAX_HEADER_CHARS + 1)
_NAME_BITS, _HASH_BYTES = 128, 8
_KNOWN_PROGRAMS = 1024
"""Most requests come with the same few headers as others."""
_KNOWN_VISITORS = 4096
"""A person who types asks again within the second."""
USER_ID, OTHER_ATTRIBUTE = "user_id", "other"

Says: TypeAlias = tuple[bytes, bytes, bytes]
"""What X-Backline-Client, Accept-Language and User-Agent say."""


class Program(NamedTuple):
    """What is known of the program, whoever uses it."""

    understood: Understood
    client_type: str
    app_version: str
    encoded: bytes
    """As a request context carries it."""
    dropped: tuple[str, ...]
    choices: Mapping[str, Choice[Any]]
    """What flags say for everyone who uses it."""


class Visitor(NamedTuple):
    """The program and the person."""

    program: Program
    encoded: bytes
    """Both, as a request context carries them."""
    hashed: str
    """Stands for the person in logs: the same for the same name, and the name cannot be had from it."""
    decisions: Decisions
    carried: bytes
    """Those of the decisions that later hops share, as a request context carries them."""
    cookie: str = ""
    """What a browser is to keep where the name was made just now; else empty."""


class Visitors:
    """Tells visitors apart, and has `recent` hear of each that comes with a name of its own.

    `secrets` has to be a source that nobody can guess; an empty `log_key` is drawn from it.
    """

    def __init__(
        self,
        telemetry: Telemetry,
        flags: Flags,
        recent: Reservoir,
        secrets: Random,
        log_key: str,
        *,
        secure_cookies: bool,
    ) -> None:
        self._flags, self._recent, self._secrets = flags, recent, secrets
        # blake2b takes keys of up to 64 bytes, and a setting may be longer.
        self._log_key = blake2b(log_key.encode() or secrets.randbytes(32)).digest()
        self._attributes = _ATTRIBUTES + ("; Secure" if secure_cookies else "")
        self._dropped = {name: telemetry.counter(DROPPED, attribute=name) for name in DROPPED_ATTRIBUTES}
        self._begin()

    def _begin(self) -> None:
        """Know nobody yet: what is remembered of visitors holds for the flags by which it was decided."""
        self._decider = decider = Decider.of(self._flags)
        self._program = lru_cache(_KNOWN_PROGRAMS)(self._understood)
        self._known: Callable[[Says, str], Visitor] = (
            self._named if decider.timed else lru_cache(_KNOWN_VISITORS)(self._named)
        )

    def of(self, headers: Mapping[bytes, bytes]) -> Visitor:
        """Return who sent these headers."""
        if self._flags.snapshot is not self._decider.snapshot:
            self._begin()
        get = headers.get
        # No longer than they are read, so that what is remembered stays small.
        says = (
            get(b"x-backline-client", b"")[_READ],
            get(b"accept-language", b"")[_READ],
            get(b"user-agent", b"")[_READ],
        )
        given = get(b"x-backline-user")
        user_id = self._user_id(given, get(b"cookie"))
        visitor = self._known(says, user_id) if user_id else self._newcomer(says, keeps=given is None)
        for name in visitor.program.dropped:
            self._drop(name)
        return visitor

    def _user_id(self, given: bytes | None, cookie: bytes | None) -> str:
        if given is not None:
            if _GIVEN.fullmatch(given):
                return given.decode()
            self._drop(USER_ID)
        kept = _KEPT.search(cookie) if cookie else None
        return kept[1].decode() if kept else ""

    def _newcomer(self, says: Says, *, keeps: bool) -> Visitor:
        made = f"{self._secrets.getrandbits(_NAME_BITS):032x}"
        visitor = self._visitor(says, made)
        return visitor._replace(cookie=f"{COOKIE}={made}{self._attributes}") if keeps else visitor

    def _named(self, says: Says, user_id: str) -> Visitor:
        visitor = self._visitor(says, user_id)
        # Not those without a name: a browser's first visit is a request for each file of the page.
        self._recent.add(attributes(visitor.program.understood.caller._replace(user_id=user_id)))
        return visitor

    def _visitor(self, says: Says, user_id: str) -> Visitor:
        program = self._program(says)
        caller = program.understood.caller._replace(user_id=user_id)
        hashed = blake2b(user_id.encode(), key=self._log_key, digest_size=_HASH_BYTES).hexdigest()
        decisions = self._decider.for_person(program.choices, caller)
        return Visitor(
            program, with_user(program.encoded, user_id), hashed, decisions, self._carried(decisions, hashed)
        )

    def _carried(self, decisions: Decisions, hashed: str) -> bytes:
        travelling = decisions.travelling
        return encode_decisions(travelling, self._flags.generation, hashed) if travelling else b""

    def _understood(self, says: Says) -> Program:
        understood = understand(*(header.decode("latin-1") for header in says))
        caller = understood.caller
        return Program(
            understood,
            caller.client_type.word,
            caller.app_version,
            encode_caller(caller),
            tuple(dropped.name for dropped in understood.dropped),
            self._decider.for_program(caller),
        )

    def _drop(self, name: str) -> None:
        self._dropped.get(name, self._dropped[OTHER_ATTRIBUTE]).inc()
