"""What the flags page is told and may order, over HTTP: reading is open, and whatever is posted shows the token."""

import json
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import pytest_asyncio

from services.flags.api.page_changes import LATEST
from services.flags.domain.store import Held
from services.flags.store.memory import MemoryFlags
from services.kit.admin import admin_token
from services.kit.author import Author
from services.kit.errors import Unavailable
from services.kit.journal import Entry
from services.kit.process import Surroundings
from tests.flags.page_served import TOKEN, ServedPage, open_served_page
from tests.flags.serving import OPS, flags, lasting, watching
from tests.flags.writing import switch

WHO = {"actor": "ops", "reason": "it is on fire"}
IN_CARS = {"if": [{"==": [{"var": "client_type"}, "car"]}, "on"]}


@dataclass(frozen=True, slots=True)
class Asking:
    """A page that is served, and a client of it."""

    served: ServedPage
    client: httpx.AsyncClient

    async def get(self, path: str) -> Any:  # noqa: ANN401 - JSON
        """Return what an address below /flags/api/ answers."""
        return (await self.client.get(f"/flags/api/{path}")).raise_for_status().json()

    async def post(self, path: str, body: Any, token: str = TOKEN, **headers: str) -> httpx.Response:  # noqa: ANN401 - JSON
        """Post something there."""
        shown = {"authorization": f"Bearer {token}"} if token else {}
        return await self.client.post(f"/flags/api/{path}", json=body, headers={**shown, **headers})


@pytest_asyncio.fixture
async def page() -> AsyncGenerator[Asking, None]:
    """Serve the page of two flags."""
    async with open_served_page() as served:
        await served.write("grid", switch(on=False, targeting=IN_CARS), "maya", "for cars")
        await served.write("hints", switch(on=True))
        async with httpx.AsyncClient(base_url=served.site, trust_env=False) as client:
            yield Asking(served, client)


async def test_flags_are_told_in_words_with_who_changed_them_last(page: Asking) -> None:
    """Each flag has state, rule, variants, owner, expiry and its last change; the latest changes stand beside them."""
    told = await page.get("flags")
    grid, hints = told["flags"]
    assert told["generation"] == 2
    assert [change["key"] for change in told["changes"]] == ["hints", "grid"]
    assert (grid["key"], grid["enabled"], grid["owner"], grid["expires"]) == ("grid", True, "search", "2026-06-30")
    assert "client type is car" in grid["rule"]
    assert (grid["default"], {each["name"]: each["value"] for each in grid["variants"]}) == (
        "off",
        {"on": "true", "off": "false"},
    )
    assert (grid["last"]["actor"], grid["last"]["reason"]) == ("maya", "for cars")
    assert (hints["default"], hints["branches"], grid["branches"]) == ("on", 0, 1)


async def test_only_the_latest_changes_are_told(page: Asking) -> None:
    """However long the journal is, the page gets its end, and every flag's own last change."""
    for _ in range(LATEST + 5):
        await page.served.write("hints", switch(on=True))
    told = await page.get("flags")
    assert [change["generation"] for change in told["changes"]] == [*range(LATEST + 7, 7, -1)]
    assert told["flags"][0]["last"]["reason"] == "for cars"


class Silent(MemoryFlags):
    """A store whose journal cannot be read."""

    async def journal(self, after: int, key: str = "") -> Sequence[Entry]:
        """Say so."""
        raise Unavailable(f"Nothing after {after} of {key or 'any flag'} can be read.")


async def test_flags_are_told_while_the_journal_is_silent() -> None:
    """What is in force is known all the same; only who changed it is not."""
    async with open_served_page(Silent) as served, httpx.AsyncClient(base_url=served.site, trust_env=False) as client:
        await served.write("grid", switch(on=True))
        told = (await client.get("/flags/api/flags")).raise_for_status().json()
        history = await client.get("/flags/api/flag?key=grid")
    assert [(flag["key"], flag["last"]) for flag in told["flags"]] == [("grid", None)]
    assert (told["changes"], history.status_code) == ([], 503)


async def test_one_flag_is_told_with_its_history(page: Asking) -> None:
    """The newest change comes first, and other flags' changes are left out."""
    await page.post("kill", {"key": "grid", **WHO})
    told = await page.get("flag?key=grid")
    assert '"state": "DISABLED"' in told["definition"]
    assert [(change["action"], change["reason"]) for change in told["changes"]] == [
        ("kill", "it is on fire"),
        ("put", "for cars"),
    ]


async def test_a_flag_that_is_made_is_told_from_one_that_is_changed(page: Asking) -> None:
    """The first time and after a removal, in a flag's history as among all changes."""
    await page.served.write("grid", switch(on=True))
    version = page.served.administration.get("grid").version
    await page.served.administration.remove("grid", Author("ops", "no longer"), version)
    await page.served.write("grid", switch(on=True))
    history = (await page.get("flag?key=grid"))["changes"]
    every = [change for change in (await page.get("flags"))["changes"] if change["key"] == "grid"]
    assert [(change["action"], change["made"]) for change in history] == [
        ("put", True),
        ("remove", False),
        ("put", False),
        ("put", True),
    ]
    assert every == history


async def test_a_kill_is_told_until_every_process_has_applied_it(page: Asking) -> None:
    """The order answers with its generation; the state says who has that and who has not."""
    page.served.connect("search-1", "search")
    killed = (await page.post("kill", {"key": "grid", **WHO})).json()
    assert (killed["generation"], killed["unchanged"]) == (3, False)
    before = await page.get("state")
    page.served.says("search-1", "search")
    after = await page.get("state")
    assert [each["processes"][0]["applied"] for each in (before, after)] == [2, 3]
    assert (await page.post("kill", {"key": "grid", **WHO})).json()["unchanged"] is True


async def test_a_restore_needs_the_version_that_was_seen(page: Asking) -> None:
    """Whoever restores what has changed meanwhile is told; whoever has seen it enables it again."""
    await page.post("kill", {"key": "grid", **WHO})
    late = await page.post("restore", {"key": "grid", "version": 1, **WHO})
    right = await page.post("restore", {"key": "grid", "version": 3, **WHO})
    assert (late.status_code, right.json()) == (409, {"generation": 4})
    assert (await page.get("flags"))["flags"][0]["enabled"] is True


async def test_a_server_that_refuses_says_why(page: Asking) -> None:
    """Nothing can be killed on a store that came back from an older copy, and the page has the sentence."""
    await page.served.administration.head.check(Held(9, "of-another-line"), "edge")
    refused = await page.post("kill", {"key": "grid", **WHO})
    state = await page.get("state")
    assert (refused.status_code, refused.json()["detail"]) == (409, state["refuses"])
    assert "edge has applied generation 9" in state["refuses"]


async def test_a_server_that_has_just_started_says_so() -> None:
    """Until everyone has had the time to come back, whoever reads the state knows that some may be missing."""
    async with (
        open_served_page(settle_s=5) as served,
        httpx.AsyncClient(base_url=served.site, trust_env=False) as client,
    ):
        before = (await client.get("/flags/api/state")).json()
        served.clock.advance(5)
        after = (await client.get("/flags/api/state")).json()
    assert (before["settled"], after["settled"]) == (False, True)


async def test_a_rule_in_one_line_is_tried_on_recent_contexts(page: Asking) -> None:
    """The answer has the shares, how many would change, the rule in words, and the definition that would be written."""
    page.served.recent += [{"client_type": kind, "targetingKey": kind} for kind in ("car", "tv", "web")]
    target = {"variant": "on", "when": "client_type in (car, tv)", "percent": "", "otherwise": ""}
    tried = (await page.post("dry-run", {"key": "grid", "target": target})).json()
    assert (tried["contexts"], tried["changed"]) == (3, 1)
    assert tried["reached"] == [{"variant": "on", "contexts": 2}, {"variant": "off", "contexts": 1}]
    assert "client type is car or tv" in tried["rule"]
    again = (await page.post("dry-run", {"key": "grid", "definition": tried["definition"]})).json()
    assert again == tried
    assert (await page.get("state"))["generation"] == 2


@pytest.mark.parametrize(
    ("mode", "rule"),
    [
        ("replace", "where country is SE: on\notherwise: off"),
        ("add", "where country is SE: on\nwhere client type is car: on\nwhere client type is tv: on\notherwise: off"),
    ],
)
async def test_a_rule_of_several_branches_is_kept_or_replaced(page: Asking, mode: str, rule: str) -> None:
    """As is asked; who does not say which is told how, in words of this address and not of the command line."""
    branches = [{"==": [{"var": "client_type"}, "car"]}, "on", {"==": [{"var": "client_type"}, "tv"]}, "on"]
    await page.served.write("grid", switch(on=False, targeting={"if": branches}))
    target = {"variant": "on", "when": "country=SE"}
    asked = await page.post("dry-run", {"key": "grid", "target": {**target, "mode": mode}})
    unasked = await page.post("dry-run", {"key": "grid", "target": target})
    assert asked.json()["rule"] == rule
    assert unasked.status_code == 409
    assert "a rule of 2 branches, which would go. Say what becomes of it: the mode" in unasked.json()["detail"]


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"target": {"variant": "on", "mode": "drop"}}, "The mode is add"),
        ({"target": {"variant": "on", "when": "client_type=cra"}}, "did you mean car?"),
        ({"target": {"variant": "on", "when": "client_type=car", "percent": "many"}}, "no percentage"),
        ({"target": {"variant": "no", "when": ""}}, "no variant no"),
        ({"target": ["on"]}, "object of texts"),
        ({"target": {"variant": "on", "when": 5}}, "object of texts"),
        ({"definition": "{"}, "no JSON"),
        ({"definition": '{"state": "\\ud800"}'}, "surrogates"),
        ({"definition": '{"state": "ENABLED"}'}, "$"),
        ({}, "definition is required"),
    ],
)
async def test_what_cannot_be_tried_is_refused_with_a_reason(page: Asking, asked: Any, sentence: str) -> None:  # noqa: ANN401 - JSON
    """Whoever writes a rule that cannot be read is told what is wrong with it."""
    refused = await page.post("dry-run", {"key": "grid", **asked})
    assert refused.status_code == 422
    assert sentence in refused.json()["detail"]


@pytest.mark.parametrize(
    "asked",
    [
        {"as": {"client_type": "car", "targetingKey": "u1"}},
        {"context": '{"client_type": "car", "targetingKey": "u1"}'},
    ],
)
async def test_a_decision_is_explained(page: Asking, asked: dict[str, Any]) -> None:
    """A context is said as names with values, or as JSON, and the steps of the rule come back as lines."""
    told = (await page.post("explain", {"key": "grid", **asked})).json()
    assert "TARGETING_MATCH" in told["lines"][0]
    assert any("client_type" in line for line in told["lines"])


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"as": {"client_type": "cra"}}, "did you mean car?"),
        ({"as": {"client_type": 5}}, "names with texts"),
        ({"context": "[]"}, "JSON object"),
        ({"context": '{"country": "\\ud800"}'}, "surrogates"),
        ({"context": "x" * 10_000}, "context"),
        ({}, "context is required"),
    ],
)
async def test_a_context_that_nobody_has_is_refused(page: Asking, asked: Any, sentence: str) -> None:  # noqa: ANN401 - JSON
    """A slip in a context is told, and not explained as if somebody had it."""
    refused = await page.post("explain", {"key": "grid", **asked})
    assert refused.status_code == 422
    assert sentence in refused.json()["detail"]


@pytest.mark.parametrize("path", ["kill", "restore", "dry-run", "explain"])
@pytest.mark.parametrize(
    ("token", "sentence"), [("", "This needs the admin token."), ("a-guess", "That is not the admin token.")]
)
async def test_whatever_is_posted_shows_the_token(page: Asking, path: str, token: str, sentence: str) -> None:
    """Without the admin token nothing happens, whatever else is said; a wrong one is told from none."""
    refused = await page.post(path, {"key": "grid", "version": 1, "definition": "{}", "context": "{}", **WHO}, token)
    assert (refused.status_code, refused.json()["detail"]) == (403, sentence)
    assert (await page.get("state"))["generation"] == 2


@pytest.mark.parametrize(
    ("content_type", "content"),
    [
        ("text/plain", b'{"key": "grid", "actor": "ops", "reason": "a form can send this"}'),
        ("application/x-www-form-urlencoded", b"key=grid&actor=ops&reason=fire"),
        ("application/json", b"key=grid"),
        ("application/json", b'["grid"]'),
        ("application/json", b"[" * 5_000),
        ("application/json", b'{"key": "grid", "actor": "ops"}'),
        ("application/json", b'{"key": "grid", "actor": " ", "reason": "fire"}'),
        ("application/json", b'{"key": "grid", "actor": "ops", "reason": 5}'),
        ("application/json", b'{"key": "grid", "actor": "ops", "reason": "' + b"x" * 501 + b'"}'),
        ("application/json", b'{"key": "' + b"x" * 201 + b'", "actor": "ops", "reason": "fire"}'),
    ],
)
async def test_only_a_whole_order_in_json_is_followed(page: Asking, content_type: str, content: bytes) -> None:
    """What a form of another site could send is refused, and so is what does not say who and why."""
    headers = {"authorization": f"Bearer {TOKEN}", "content-type": content_type}
    refused = await page.client.post("/flags/api/kill", content=content, headers=headers)
    assert (refused.status_code, refused.headers["content-type"]) == (422, "application/problem+json")
    assert (await page.get("state"))["generation"] == 2


@pytest.mark.parametrize(
    "path", ["flags/api/flag?key=none", "flags/web/none.js", "flags/web/..%2fmain.py", "flags/none"]
)
async def test_what_is_not_there_is_a_problem(page: Asking, path: str) -> None:
    """There is no way out of the page's folder, and what is missing is said as elsewhere."""
    answer = await page.client.get(f"/{path}")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


@pytest.mark.parametrize("path", ["", "/web/app.js", "/web/page.css", "/web/icon.svg"])
async def test_the_page_lets_nothing_else_in(page: Asking, path: str) -> None:
    """No script but its own runs, nothing frames it, and a browser that has a file is not sent it again."""
    answer = (await page.client.get(f"/flags{path}")).raise_for_status()
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    again = await page.client.get(f"/flags{path}", headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_what_is_told_is_never_kept(page: Asking) -> None:
    """Neither a browser nor anything before it may show yesterday's flags."""
    answers = [await page.client.get(f"/flags/api/{path}") for path in ("state", "flags", "flag?key=grid", "flag")]
    assert {answer.headers["cache-control"] for answer in answers} == {"no-store"}


async def test_a_kill_from_the_page_reaches_who_watches(surroundings: Surroundings) -> None:
    """It is on the operations port, for who calls that by a name of ours, and orders go out to real processes."""
    headers = {"authorization": f"Bearer {admin_token(surroundings.settings.home)}"}
    async with flags(surroundings) as open_, watching(open_.client, "search-1") as watcher:
        await open_.administrator.put("grid", lasting(switch(on=True)), 0, OPS)
        await watcher.apply()
        base_url = f"http://{open_.running.addresses['operations']}/flags/api"
        async with httpx.AsyncClient(base_url=base_url, headers=headers, trust_env=False) as client:
            misled = await client.get("/flags", headers={"host": "attacker.example"})
            killed = (await client.post("/kill", json={"key": "grid", **WHO})).raise_for_status().json()
            snapshot = await watcher.apply()
            applied = 0
            while applied < killed["generation"]:
                applied = (await client.get("/state")).json()["processes"][0]["applied"]
    assert json.loads(snapshot.definitions)["flags"]["grid"]["state"] == "DISABLED"
    assert (misled.status_code, "grid" in misled.text) == (421, False)
