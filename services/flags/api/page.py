"""The flags page, on the operations port: what is in force, who has it, and the few things that people do there.

GET  /flags, /flags/web/{name}   the page and its files
GET  /flags/api/state            the generation in force, who has applied it, and whether the server refuses
GET  /flags/api/flags            all flags in words, and the latest changes
GET  /flags/api/flag?key=        one flag's definition and history
POST /flags/api/kill, restore    {"key", "actor", "reason"}, to restore "version" too
POST /flags/api/dry-run          {"key", "definition"}, as JSON text, or {"key", "target"}, see `_wish`
POST /flags/api/explain          {"key", "context"}, the context as JSON text, or {"key", "as"}, as names with values

What is posted is JSON and shows the admin token, which no page of another site can make a browser do.
"""

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Any, TypeAlias

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.flags.api.page_answers import (
    Shown,
    change_shown,
    definition_shown,
    explanation_shown,
    flags_shown,
    state_shown,
    trial_shown,
)
from services.flags.api.page_changes import Changes, told
from services.flags.api.page_files import File, read_files
from services.flags.domain.administration import Administration
from services.flags.domain.definition import MAX_CONTEXT_BYTES, canonical, read_context, read_definition
from services.flags.domain.rollout import Mode, SeveralBranches, Wish, percentage, with_rule
from services.flags.domain.targeting import condition
from services.flags.domain.vocabulary import context_of
from services.kit.admin import shows
from services.kit.author import MAX_ACTOR_CHARS, MAX_REASON_CHARS, Author
from services.kit.errors import Conflict, Denied, Invalid, NotFound, Unavailable
from services.kit.http.refusals import REFUSALS
from services.kit.journal import Entry, moment

PATH = "/flags"

Said: TypeAlias = Mapping[str, Any]

_FRESH = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
_PAGE = "index.html"
_MOST_CHANGES = 100
_MOST_DEFINITION_CHARS = 60_000
_MOST_KEY_CHARS = 200
_NONE_SHOWN = "This needs the admin token."
_WRONG_SHOWN = "That is not the admin token."
_HOW_TO_KEEP = "add, to keep it for all others, or replace"
_MODES = {"": Mode.SIMPLE, "add": Mode.ADD, "replace": Mode.REPLACE}


@dataclass(frozen=True, slots=True)
class FlagsPage:
    """The routes."""

    administration: Administration
    changes: Changes
    token: str
    files: Mapping[str, File]

    @classmethod
    def over(cls, administration: Administration, token: str) -> "FlagsPage":
        """Return the page of what the administration administers."""
        return cls(administration, Changes(administration.store), token, read_files())

    def app(self) -> Starlette:
        """Return the application, to be mounted at /flags."""
        return Starlette(
            routes=[
                Route(PATH, self.page),
                Route(f"{PATH}/web/{{name}}", self.file),
                Route(f"{PATH}/api/state", self.state),
                Route(f"{PATH}/api/flags", self.flags),
                Route(f"{PATH}/api/flag", self.flag),
                Route(f"{PATH}/api/kill", self._posted(self.kill), methods=["POST"]),
                Route(f"{PATH}/api/restore", self._posted(self.restore), methods=["POST"]),
                Route(f"{PATH}/api/dry-run", self._posted(self.dry_run), methods=["POST"]),
                Route(f"{PATH}/api/explain", self._posted(self.explain), methods=["POST"]),
            ],
            exception_handlers=REFUSALS,
        )

    async def page(self, request: Request) -> Response:
        """Answer with the page."""
        return self.files[_PAGE].answer(request)

    async def file(self, request: Request) -> Response:
        """Answer with one of its files."""
        name = request.path_params["name"]
        if name not in self.files:
            raise NotFound(f"There is no file {name!r}.")
        return self.files[name].answer(request)

    async def state(self, _request: Request) -> Response:
        """Answer with what changes from one moment to the next."""
        held = self.administration
        return _json(state_shown(held.head, held.roster, held.now()))

    async def flags(self, _request: Request) -> Response:
        """Answer with all flags; who changed them is left out while the store is silent."""
        with suppress(Unavailable):
            await self.changes.read()
        document, changes = self.administration.head.document, self.changes
        # Off the loop, since a thousand rules in words take tens of milliseconds.
        return _json(await asyncio.to_thread(flags_shown, document, changes.last, changes.latest))

    async def flag(self, request: Request) -> Response:
        """Answer with one flag's definition, and what was done to it, the newest first."""
        key = _text(request.query_params, "key", _MOST_KEY_CHARS)
        kept = self.administration.get(key)
        latest: deque[Shown] = deque(maxlen=_MOST_CHANGES)
        before: Entry | None = None
        async with aclosing(self.administration.history(key)) as entries:
            async for entry in entries:
                latest.appendleft(change_shown(told(entry, before)))
                before = entry
        return _json({"definition": definition_shown(read_definition(kept.definition)), "changes": [*latest]})

    async def kill(self, said: Said) -> Shown:
        """Disable a flag, whichever version it has; who has applied that is told by the state."""
        killed = await self.administration.kill(_key(said), _author(said))
        return {
            "generation": killed.generation,
            "committed_at": moment(killed.committed_at),
            "unchanged": killed.unchanged,
        }

    async def restore(self, said: Said) -> Shown:
        """End a kill, if the flag is still as it was seen."""
        version = said.get("version")
        if not isinstance(version, int) or isinstance(version, bool):
            raise Invalid("version is required: the flag's, as it was seen.", field="version")
        return {"generation": await self.administration.restore(_key(said), _author(said), version)}

    async def dry_run(self, said: Said) -> Shown:
        """Say whom of the recent contexts a definition would reach, or the one in force with another rule."""
        key = _key(said)
        if "target" in said:
            proposed = _ruled(read_definition(self.administration.get(key).definition), _wish(said))
        else:
            proposed = read_definition(_text(said, "definition", _MOST_DEFINITION_CHARS))
        return trial_shown(await self.administration.try_out(key, canonical(proposed)), proposed)

    async def explain(self, said: Said) -> Shown:
        """Say how a flag is evaluated for a context, step by step."""
        return explanation_shown(self.administration.explain(_key(said), _context(said)))

    def _posted(self, answer: Callable[[Said], Awaitable[Shown]]) -> Callable[[Request], Awaitable[Response]]:
        """Return what answers whoever shows the admin token."""

        async def endpoint(request: Request) -> Response:
            shown = request.headers.get("authorization", "")
            if not shows(self.token, shown):
                raise Denied(_WRONG_SHOWN if shown.removeprefix("Bearer").strip() else _NONE_SHOWN)
            return _json(await answer(await _said(request)))

        return endpoint


async def _said(request: Request) -> Said:
    """Return the JSON object that was posted. Raises Invalid for anything else."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Invalid("What is posted here is application/json.")
    try:
        said = orjson.loads(await request.body())
    except ValueError as fault:
        raise Invalid(f"What was posted is no JSON that can be read: {fault}.") from fault
    if not isinstance(said, dict):
        raise Invalid("What is posted here is a JSON object.")
    return said


def _key(said: Said) -> str:
    return _text(said, "key", _MOST_KEY_CHARS)


def _author(said: Said) -> Author:
    return Author(_text(said, "actor", MAX_ACTOR_CHARS), _text(said, "reason", MAX_REASON_CHARS))


def _wish(said: Said) -> Wish:
    """Return a rule as it was said: variant, when, percent, otherwise and mode, all but the first left out at will.

    Raises Invalid, showing the place, where it cannot be read.
    """
    target = said["target"]
    if not isinstance(target, dict) or not all(isinstance(value, str) for value in target.values()):
        raise Invalid("A target is a JSON object of texts.", field="target")
    when, percent, mode = (target.get(part, "").strip() for part in ("when", "percent", "mode"))
    if mode not in _MODES:
        raise Invalid(f"The mode is {_HOW_TO_KEEP}.", field="mode")
    return Wish(
        _text(target, "variant", _MOST_KEY_CHARS),
        condition(when) if when else None,
        percentage(percent) if percent else None,
        target.get("otherwise") or None,
        mode=_MODES[mode],
    )


def _ruled(definition: Mapping[str, Any], wish: Wish) -> Mapping[str, Any]:
    """Return the definition with the rule. Raises what `with_rule` does, with what helps here."""
    try:
        return with_rule(definition, wish)
    except SeveralBranches as refused:
        raise Conflict(f"{refused} Say what becomes of it: the mode is {_HOW_TO_KEEP}.") from refused


def _context(said: Said) -> str:
    """Return the context as JSON, whichever way it was said. Raises Invalid where values are not what the edge has."""
    pairs = said.get("as")
    if pairs is None:
        return canonical(read_context(_text(said, "context", MAX_CONTEXT_BYTES)))
    if not isinstance(pairs, dict) or not all(isinstance(value, str) for value in pairs.values()):
        raise Invalid("A context is a JSON object of names with texts.", field="as")
    return json.dumps(context_of(pairs), ensure_ascii=False)


def _text(said: Said, field: str, most_chars: int) -> str:
    """Return a text that was said. Raises Invalid where it is none, or too long."""
    text = said.get(field)
    if not isinstance(text, str) or not 0 < len(text) <= most_chars:
        raise Invalid(f"{field} is required: a text of at most {most_chars} characters.", field=field)
    return text


def _json(content: Shown) -> Response:
    return Response(orjson.dumps(content), media_type="application/json", headers=_FRESH)
