"""Headers in the documentation: what every operation takes and answers with, beside what is its own."""

from collections.abc import Mapping
from typing import Any, TypeAlias

from services.edge.api.answers import Json

Operation: TypeAlias = dict[str, Any]

ASKED: Mapping[str, str] = {
    "X-Backline-Client": "What asks, such as `tv/3.1; os=14.1; country=SE`. Defaults follow it; what cannot be read of "
    "it is passed over.",
    "X-Backline-User": "Names the person, in up to 64 visible characters. A browser gets a name in a cookie instead.",
}
"""What every operation takes. Without examples, which a page that tries an operation out would send."""
IF_NONE_MATCH = "If-None-Match"
_IF_NONE_MATCH = "Tags of pages that the caller has; if this is one of them, the answer is 304."
ANSWERED: Mapping[str, Mapping[str, str]] = {
    "x-request-id": {"": "Finds the request in the logs."},
    "etag": {"304": "The tag of the page that the caller has.", "200": "Names this state of the page."},
    "age": {"200": "Seconds since this was last known to be so; absent on a fresh answer."},
    "link": {"200": 'Leads to the next page, as rel="next" (RFC 8288); absent on the last.'},
    "retry-after": {"429": "Seconds to wait.", "503": "Seconds to wait."},
}
"""What answers come with, by status; all of them by an empty one."""


def with_headers(operation: Operation) -> Operation:
    """Return the operation with its headers documented."""
    has_tag = "304" in operation["responses"]
    lists = any(parameter["name"] == "cursor" for parameter in operation.get("parameters", ()))
    asked = [_asked(name, text) for name, text in ASKED.items()] + [_asked(IF_NONE_MATCH, _IF_NONE_MATCH)] * has_tag
    reads = has_tag or (lists and "404" in operation["responses"])
    present = {"x-request-id", "retry-after", *["etag"] * has_tag, *["link"] * lists, *["age"] * reads}
    responses = {
        status: {**response, "headers": _answered(status, present)}
        for status, response in operation["responses"].items()
    }
    return {**operation, "parameters": [*operation.get("parameters", ()), *asked], "responses": responses}


def _asked(name: str, description: str) -> Json:
    return {"name": name, "in": "header", "required": False, "description": description, "schema": {"type": "string"}}


def _answered(status: str, present: set[str]) -> Json:
    texts = {name: text.get(status) or text.get("") for name, text in ANSWERED.items() if name in present}
    return {name: {"description": text, "schema": {"type": "string"}} for name, text in texts.items() if text}
