"""OFREP, OpenFeature's remote evaluation protocol (https://openfeature.dev/specification/appendix-c), version 0.3.

POST /ofrep/v1/evaluate/flags/{key}   one flag
POST /ofrep/v1/evaluate/flags         all flags, with an entity tag

Flags are evaluated right here, by what this process holds, for everybody, or for who shows a token. Errors are OFREP's
own, so that its clients read them; those of HTTP, such as a body too large, are problem documents as everywhere.
"""

import json
from collections.abc import Mapping
from hashlib import blake2b

import orjson

from services.edge.api.answers import Json
from services.edge.api.bodies import Below
from services.edge.api.refusals import Refused
from services.edge.api.reply import JSON_HEADERS, Reply
from services.kit.admin import shows
from services.kit.errors import Denied, Invalid, NotFound
from services.kit.flags.bounds import MOST_OF_CONTEXT, levels
from services.kit.flags.client.local import Flags
from services.kit.flags.decision import Decision, ErrorCode
from services.kit.http.asgi import Scope

NAME, PATH = "ofrep", "/ofrep/v1/"
ALL = f"{PATH}evaluate/flags"
ONE = f"{ALL}/"
STATUSES = (200, 304, 400, 403, 404)
MOST_LEVELS = 16
"""Of nesting in a context; rules compare plain values."""
TARGETING_KEY = "targetingKey"

_TAG_BYTES = 12
_OF_ONE_CALLER = ((b"content-type", b"application/json"), (b"cache-control", b"private, no-cache"))


def ofrep(flags: Flags, token: str = "") -> Below:
    """Return what answers all addresses of the protocol, for who shows the token where there is one."""
    return Below(PATH, NAME, STATUSES, Ofrep(flags, token).answer)


class Unfit(Invalid):
    """A context that nothing can be evaluated for."""

    def __init__(self, code: ErrorCode, detail: str) -> None:
        super().__init__(detail)
        self.code = code


class Ofrep:
    """Evaluates for whoever may ask."""

    def __init__(self, flags: Flags, token: str = "") -> None:
        self._flags, self._token = flags, token

    async def answer(self, scope: Scope, body: bytes, headers: Mapping[bytes, bytes]) -> Reply:
        """Answer a request to any address below the path.

        Raises NotFound and Refused for what is no part of OFREP, Denied where a token is missing.
        """
        path: str = scope["path"]
        if path != ALL and not path.startswith(ONE):
            raise NotFound("There is nothing at this address.")
        if scope["method"] != "POST":
            raise Refused(405, "Flags are evaluated by POST.", {"allow": "POST"})
        if self._token and not shows(self._token, headers.get(b"authorization", b"").decode("latin-1")):
            raise Denied("Flags are evaluated here for who shows the token.")
        key = path[len(ONE) :]
        try:
            context = context_of(body)
        except Unfit as unfit:
            return _reply(400, _failure(key, unfit.code, str(unfit)))
        return self._one(key, context) if key else self._all(context)

    def _one(self, key: str, context: Json) -> Reply:
        decision = self._flags.evaluate(key, context)
        status = 404 if decision.error is ErrorCode.FLAG_NOT_FOUND else 400 if decision.error else 200
        return _reply(status, evaluated(key, decision))

    def _all(self, context: Json) -> Reply:
        snapshot = self._flags.snapshot
        reply = _reply(200, {"flags": [evaluated(key, snapshot.evaluate(key, context)) for key in snapshot.flags]})
        # A weak one, since the same answer goes out compressed or not.
        tag = b'W/"%b"' % blake2b(reply.body, digest_size=_TAG_BYTES).hexdigest().encode()
        return reply._replace(headers=(*_OF_ONE_CALLER, (b"etag", tag)))


def context_of(body: bytes) -> Json:
    """Return the context that a request is made for; nobody's where it names none. Raises Unfit."""
    context = _asked(body).get("context")
    if context is None:
        return {}
    if not isinstance(context, dict):
        raise Unfit(ErrorCode.INVALID_CONTEXT, "The context is no object.")
    # Without so many brackets or commas it is neither deep nor large, which is nearly always and spares the walk.
    if body.count(b"{") + body.count(b"[") > MOST_LEVELS or body.count(b",") > MOST_OF_CONTEXT - MOST_LEVELS:
        _bound(context)
    key = context.get(TARGETING_KEY)
    if key is not None and not (isinstance(key, str) and key):
        raise Unfit(ErrorCode.TARGETING_KEY_MISSING, "The targeting key is empty, or no text.")
    return context


def _asked(body: bytes) -> Json:
    try:
        asked = orjson.loads(body) if body else {}
    except orjson.JSONDecodeError:
        raise Unfit(ErrorCode.INVALID_CONTEXT, "The body is no JSON.") from None
    if not isinstance(asked, dict):
        raise Unfit(ErrorCode.INVALID_CONTEXT, "The body is no object.")
    return asked


def evaluated(key: str, decision: Decision) -> Json:
    """Return a decision as OFREP has it: without a value where the caller's own default holds."""
    if decision.error:
        return _failure(key, decision.error, decision.detail)
    answer: Json = {
        "key": key,
        "reason": decision.reason,
        "variant": decision.variant or "",  # always there: PyPI's provider looks without asking
        "metadata": decision.metadata,
    }
    if decision.variant is not None:
        answer["value"] = decision.value
    return answer


def _failure(key: str, code: ErrorCode, detail: str) -> Json:
    return {**({"key": key} if key else {}), "errorCode": code, "errorDetails": detail}


def _bound(context: Json) -> None:
    """Raise Unfit for a context that is deeper or larger than any that a rule is written for."""
    values = 0
    for depth, level in enumerate(levels(context)):
        values += len(level)
        if values > MOST_OF_CONTEXT:
            raise Unfit(ErrorCode.INVALID_CONTEXT, f"The context has more than {MOST_OF_CONTEXT:,} values.")
        if depth >= MOST_LEVELS and any(isinstance(value, dict | list) for value in level):
            raise Unfit(ErrorCode.INVALID_CONTEXT, f"The context is nested more than {MOST_LEVELS} levels deep.")


def _reply(status: int, content: Json) -> Reply:
    try:
        body = orjson.dumps(content, default=dict)
    except orjson.JSONEncodeError:  # an integer of more than 64 bits, or half a character
        body = json.dumps(content, default=dict).encode()
    return Reply(status, JSON_HEADERS, body)
