"""The flags page, used in a real Chromium: every test opens it as a person would and looks at what is on screen."""

from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, expect

from services.flags.domain.store import Held
from services.kit.author import Author
from tests.browser import Visit, open_visit
from tests.flags.page_served import TOKEN, ServedPage, open_served_page
from tests.flags.writing import switch

pytestmark = pytest.mark.asyncio(loop_scope="module")

MARKUP = "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script>"
"""What must stay text, wherever it stands."""
IN_CARS = {"if": [{"==": [{"var": "client_type"}, "car"]}, "on"]}
CLIENTS = ("car", "tv", "web", "web", "web")


@pytest_asyncio.fixture(loop_scope="module")
async def served() -> AsyncGenerator[ServedPage, None]:
    """Serve the page of three flags, one of them expired, and of two processes that have applied them."""
    async with open_served_page() as opened:
        await opened.write("hints", switch(on=False, targeting=IN_CARS), "maya", "first week in cars")
        await opened.write("grid", {**switch(on=True), "metadata": {"owner": "web", "expires": "2025-12-31"}})
        await opened.write("pause", {**switch(on=False), "metadata": {"owner": "edge", "expires": "2026-12-31"}})
        for process, service in (("edge", "edge"), ("search-1", "search")):
            opened.connect(process, service)
        opened.recent += [{"client_type": kind, "targetingKey": f"user-{n}"} for n, kind in enumerate(CLIENTS)]
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def visit(browser: Browser, served: ServedPage) -> AsyncGenerator[Visit, None]:
    """Visit the page on a desktop, and see to it that nothing it does leaves the site."""
    async with open_visit(browser, served.site) as opened:
        yield opened
        assert opened.strayed() == []


def keys(visit: Visit) -> Locator:
    """Return the keys of the flags in the list, in order."""
    return visit.page.locator(".flag .flag__key a")


def row(visit: Visit, key: str) -> Locator:
    """Return one flag in the list."""
    return visit.page.get_by_role("listitem").filter(has=visit.page.get_by_role("heading", name=key))


async def give_token(visit: Visit, token: str = TOKEN) -> None:
    """Give the admin token for this tab."""
    await visit.page.get_by_role("button", name="Token").click()
    await visit.page.get_by_label("Admin token").last.fill(token)
    await visit.page.get_by_role("button", name="Keep").click()


async def order(visit: Visit, what: str, key: str, reason: str) -> None:
    """Fill in the dialog of an order, but for the token, and send it."""
    await visit.page.get_by_role("button", name=f"{what} {key}").click()
    await visit.page.get_by_label("Reason").fill(reason)
    await visit.page.get_by_label("Your name").fill("ops")
    await visit.page.get_by_role("dialog").get_by_role("button", name=what).click()


async def test_every_flag_is_there_with_all_that_an_incident_needs(visit: Visit) -> None:
    """State, rule in words, variants, owner, expiry and the last change are on one screen."""
    await visit.open("/flags")
    await expect(keys(visit)).to_have_text(["grid", "hints", "pause"])
    hints = row(visit, "hints")
    for text in ("client type is car", "off", "default", "expires 2026-06-30", "by maya: first week in cars"):
        await expect(hints).to_contain_text(text)
    await expect(row(visit, "grid").locator(".overdue")).to_have_text("expired 2025-12-31")
    await expect(visit.page.locator(".overdue")).to_have_count(1)
    await expect(visit.page.get_by_text("All 2 processes have applied it.")).to_be_visible()
    assert visit.complaints == []


async def test_the_list_narrows_and_the_address_says_so(visit: Visit) -> None:
    """What is typed and chosen narrows the list, is announced, and can be passed on."""
    await visit.open("/flags")
    await visit.page.get_by_label("Filter flags").fill("MAYA cars")
    await expect(visit.page.get_by_text("No flag is like that.")).to_be_visible()
    await visit.page.get_by_label("Filter flags").fill("type CAR")
    await expect(keys(visit)).to_have_text(["hints"])
    await expect(visit.announced).to_have_text("1 flag")
    await visit.page.get_by_label("Filter flags").fill("")
    await visit.page.get_by_text("Killed", exact=True).click()
    await expect(visit.page.get_by_text("No flag is killed.")).to_be_visible()
    await visit.page.get_by_text("Expired", exact=True).click()
    await expect(keys(visit)).to_have_text(["grid"])
    await visit.is_at("/flags?show=expired")
    await visit.page.reload()
    await expect(keys(visit)).to_have_text(["grid"])


async def test_a_kill_shows_who_has_applied_it_one_by_one(visit: Visit, served: ServedPage) -> None:
    """A reason and the token disable the flag; each process is waited for, in sight, and others are named."""
    with served.roster.foreign("10.1.2.3:5"):
        await visit.open("/flags")
        await give_token(visit)
        await order(visit, "Kill", "hints", "cars crash")
        dialog = visit.page.get_by_role("dialog")
        await expect(dialog.get_by_role("heading")).to_have_text("Generation 4 kills hints")
        await expect(dialog.get_by_role("status")).to_have_text("0 of 2 processes have applied it.")
        served.says("edge", "edge")
        await expect(dialog.get_by_role("status")).to_have_text("1 of 2 processes has applied it.")
        await expect(dialog.locator(".subscriber").first).to_contain_text("search-1")
        served.says("search-1", "search", refused="its checksum is another")
        await expect(dialog.locator(".subscriber").first).to_contain_text("refused: its checksum is another")
        await expect(dialog.get_by_text("1 flagd client, which never say")).to_be_visible()
        await expect(dialog.get_by_text("It stands even if you close this")).to_be_visible()
        served.says("search-1", "search")
        await expect(dialog.get_by_role("status")).to_have_text("All 2 processes have applied it.")
        await expect(dialog.get_by_text("It stands even if you close this")).to_be_hidden()
        await visit.page.keyboard.press("Escape")
        await expect(row(visit, "hints").locator(".tag")).to_have_text("killed")
        await expect(row(visit, "hints")).to_contain_text("by ops: cars crash")
        await expect(visit.page.get_by_role("button", name="Restore hints")).to_be_focused()


async def test_a_kill_is_not_complete_while_some_may_be_missing(browser: Browser) -> None:
    """On a server that has just started, who was connected before is waited for, even when all that came back have."""
    async with open_served_page(settle_s=5) as served, open_visit(browser, served.site) as visit:
        await served.write("hints", switch(on=False))
        served.connect("edge", "edge")
        await visit.open("/flags")
        await give_token(visit)
        await order(visit, "Kill", "hints", "cars crash")
        served.says("edge", "edge")
        status = visit.page.get_by_role("dialog").get_by_role("status")
        await expect(status).to_have_text(
            "1 has applied it so far. The service has just started and waits for who was connected before."
        )
        served.connect("search-1", "search")
        served.clock.advance(5)
        await expect(status).to_have_text("All 2 processes have applied it.")


async def test_a_kill_says_when_nobody_can_tell_who_has_it(visit: Visit, served: ServedPage) -> None:
    """While the server is gone, and when a process turns up with generations from elsewhere."""
    await visit.open("/flags")
    await give_token(visit)
    await order(visit, "Kill", "hints", "cars crash")
    dialog = visit.page.get_by_role("dialog")
    await expect(dialog.get_by_role("status")).to_have_text("0 of 2 processes have applied it.")
    await visit.page.route("**/flags/api/**", lambda route: route.abort())
    await expect(dialog.get_by_role("alert")).to_have_text("The flags service cannot be reached.")
    await visit.page.unroute("**/flags/api/**")
    await expect(dialog.get_by_role("alert")).to_have_count(0)
    await served.administration.head.check(Held(99, "elsewhere"), "edge")
    for process in ("edge", "search-1"):
        served.says(process, process.partition("-")[0])
    await expect(dialog.get_by_role("status")).to_contain_text("cannot be said")


async def test_a_refusal_says_what_it_means_and_hands_over_what_ends_it(visit: Visit, served: ServedPage) -> None:
    """The command is there to be copied as it is, and the notice goes when it has been followed."""
    await visit.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await served.administration.head.check(Held(99, "elsewhere"), "edge")
    await visit.open("/flags")
    await expect(visit.notice).to_contain_text("edge has applied generation 99")
    await expect(visit.notice).to_contain_text("no kill reaches any of them")
    await visit.notice.get_by_role("button", name="Copy").click()
    await expect(visit.notice.get_by_role("button", name="Copied")).to_be_visible()
    copied = await visit.page.evaluate("navigator.clipboard.readText()")
    assert copied == 'backline flags adopt --reason "restored from a backup"'
    await served.administration.adopt(Author("ops", "restored from a backup"))
    await expect(visit.notice).to_have_count(0)


async def test_a_restore_ends_the_kill(visit: Visit, served: ServedPage) -> None:
    """From a flag's own view it is enabled again, and its history has both."""
    await served.write("pause", {**switch(on=False), "state": "DISABLED"}, "ops", "by hand")
    await visit.open("/flags?flag=pause")
    await give_token(visit)
    await order(visit, "Restore", "pause", "it is over")
    await expect(visit.page.get_by_role("dialog").get_by_role("heading")).to_have_text("Generation 5 restores pause")
    await visit.page.get_by_role("button", name="Close").click()
    await expect(visit.page.get_by_role("button", name="Kill pause")).to_be_focused()
    await expect(visit.page.locator(".change__why")).to_have_text(["it is over", "by hand", "a test"])
    await expect(visit.page.locator(".change__what")).to_have_text(["restored", "changed", "made"])


async def test_a_wrong_token_is_asked_for_again(visit: Visit, served: ServedPage) -> None:
    """Nothing is written, what was typed stays, and the right token carries the same order out."""
    await visit.open("/flags")
    await give_token(visit, "a-guess")
    await order(visit, "Kill", "grid", "it burns")
    await expect(visit.page.get_by_role("alert").filter(has_text="That is not the admin token.")).to_be_visible()
    assert served.generation == 3
    await expect(visit.page.get_by_label("Reason")).to_have_value("it burns")
    await visit.page.get_by_label("Admin token").fill(TOKEN)
    await visit.page.get_by_role("dialog").get_by_role("button", name="Kill").click()
    await expect(visit.page.get_by_role("heading", name="Generation 4 kills grid")).to_be_visible()


async def test_the_token_is_forgotten_with_its_tab(visit: Visit) -> None:
    """A second tab has to be given the token, whatever the first one was given."""
    await visit.open("/flags")
    await give_token(visit)
    assert await visit.page.evaluate("[sessionStorage.length, localStorage.length, document.cookie]") == [1, 0, ""]
    second = await visit.page.context.new_page()
    await second.goto(f"{visit.site}/flags")
    await second.get_by_role("button", name="Kill grid").click()
    await expect(second.get_by_label("Admin token")).to_be_visible()


async def test_a_rule_is_tried_before_anyone_gets_it(visit: Visit, served: ServedPage) -> None:
    """A rule in one line shows its words, whom of the recent contexts it would reach, and what it would be as JSON."""
    await visit.open("/flags?flag=hints")
    await give_token(visit)
    await visit.page.get_by_label("When").fill("client_type in (car, tv)")
    await visit.page.get_by_role("button", name="Try the rule").click()
    answer = visit.page.locator(".trial")
    await expect(answer.get_by_text("Of 5 contexts of the last 15 min, 1 would get something else")).to_be_visible()
    await expect(answer.locator(".shares tr")).to_have_text(["off60 %3", "on40 %2"])
    await visit.page.get_by_label("When").fill("client_type=cra")
    await visit.page.get_by_role("button", name="Try the rule").click()
    await expect(visit.page.get_by_text("did you mean car?")).to_be_visible()
    assert served.generation == 3


async def test_a_new_rule_replaces_the_present_one_or_goes_before_it(visit: Visit, served: ServedPage) -> None:
    """A rule of several branches is kept unless somebody says otherwise; either way its words are shown."""
    both = [*IN_CARS["if"], {"==": [{"var": "client_type"}, "tv"]}, "on"]
    await served.write("hints", switch(on=False, targeting={"if": both}))
    await visit.open("/flags?flag=hints")
    await give_token(visit)
    await visit.page.get_by_label("When").fill("country=SE")
    await visit.page.get_by_role("button", name="Try the rule").click()
    rule = visit.page.locator(".trial .flag__rule")
    await expect(rule).to_contain_text("where client type is tv: on")
    await visit.page.get_by_label("Present rule").select_option("replaced")
    await visit.page.get_by_role("button", name="Try the rule").click()
    await expect(rule).to_have_text("where country is SE: on otherwise: off")


async def test_a_pasted_definition_is_tried_and_its_faults_are_named(visit: Visit) -> None:
    """The definition in force stands there to begin with; what is wrong with another is said with its place."""
    await visit.open("/flags?flag=hints")
    await give_token(visit)
    await visit.page.get_by_text("Try a whole definition").click()
    pasted = visit.page.get_by_role("textbox", name="Definition")
    await expect(pasted).to_have_value(await visit.page.locator("pre.definition").first.inner_text())
    await visit.page.get_by_role("button", name="Try the definition").click()
    await expect(visit.page.locator(".trial .shares tr")).to_have_count(2)
    await pasted.fill('{"state": "ENABLED", "variants": {}}')
    await visit.page.get_by_role("button", name="Try the definition").click()
    await expect(visit.page.locator(".answer .trouble")).to_contain_text("$.variants")


async def test_a_decision_is_explained_step_by_step(visit: Visit) -> None:
    """A line for each attribute is enough to see which way the rule went."""
    await visit.open("/flags?flag=hints")
    await give_token(visit)
    await visit.page.get_by_label("Context").fill("client_type=car\ntargetingKey=somebody")
    await visit.page.get_by_role("button", name="Explain").click()
    await expect(visit.page.locator(".outcome")).to_contain_text("TARGETING_MATCH")
    await expect(visit.page.get_by_label("Steps")).to_contain_text('var client_type: "car"')


@pytest.mark.parametrize("path", ["/flags", f"/flags?{'flag=%3Cimg%3E'}"])
async def test_markup_stays_text(visit: Visit, served: ServedPage, path: str) -> None:
    """Nothing in a key, a rule, a value, a name, a reason or a process can become a part of the page."""
    hostile = {
        "state": "ENABLED",
        "variants": {MARKUP: MARKUP, "off": "off"},
        "defaultVariant": MARKUP,
        "targeting": {"if": [{"==": [{"var": MARKUP}, MARKUP]}, MARKUP]},
        "metadata": {"owner": MARKUP, "expires": MARKUP, "description": MARKUP},
    }
    await served.write("<img>", hostile, MARKUP, MARKUP)
    served.connect(MARKUP, MARKUP)
    await served.administration.head.check(Held(99, "elsewhere"), MARKUP)
    await visit.open(path)
    await expect(visit.page.get_by_text(MARKUP).first).to_be_visible()
    await expect(visit.page.locator("#refuses")).to_contain_text(MARKUP)
    await expect(visit.page.locator("body img, body script, main [onerror]")).to_have_count(0)
    assert "taken" not in await visit.page.title()
    assert visit.complaints == []


async def test_the_page_says_when_the_server_is_gone_and_when_it_is_back(visit: Visit) -> None:
    """What is on screen stays, marked as old, and goes on by itself."""
    await visit.open("/flags")
    await expect(keys(visit)).to_have_count(3)
    await visit.page.route("**/flags/api/**", lambda route: route.abort())
    await expect(visit.page.get_by_role("alert").filter(has_text="cannot be reached")).to_be_visible()
    await expect(keys(visit)).to_have_count(3)
    await visit.page.unroute("**/flags/api/**")
    await expect(visit.page.locator("#gone")).to_be_empty()


async def test_changes_appear_by_themselves(visit: Visit, served: ServedPage) -> None:
    """A flag that is written while somebody looks on is there without a reload, and the focus stays where it is."""
    await visit.open("/flags")
    await keys(visit).filter(has_text="hints").focus()
    await served.write("hotfix", switch(on=True), "lin", "needed now")
    await expect(keys(visit)).to_have_text(["grid", "hints", "hotfix", "pause"])
    await expect(keys(visit).filter(has_text="hints")).to_be_focused()
    await expect(visit.page.locator(".change__why").first).to_have_text("needed now")
    await visit.page.locator(".change a").first.focus()
    async with visit.page.expect_response("**/api/state"):
        pass
    async with visit.page.expect_response("**/api/state"):
        pass
    await expect(visit.page.locator(".change a").first).to_be_focused()


async def test_the_keyboard_leads_everywhere(visit: Visit) -> None:
    """A flag is opened, killed as far as the question, and left again without a mouse; Back finds the list."""
    await visit.open("/flags")
    await keys(visit).filter(has_text="hints").press("Enter")
    await expect(visit.page.get_by_role("heading", level=1, name="hints")).to_be_visible()
    await visit.page.get_by_role("button", name="Kill hints").press("Enter")
    await expect(visit.page.get_by_label("Reason")).to_be_focused()
    await visit.page.keyboard.press("Escape")
    await expect(visit.page.get_by_role("button", name="Kill hints")).to_be_focused()
    await visit.page.go_back()
    await expect(keys(visit)).to_have_count(3)


@pytest.mark.parametrize(
    ("path", "settled"),
    [
        ("/flags", "All 2 processes have applied it."),
        ("/flags?flag=hints", "All 2 processes have applied it."),
        ("/flags?flag=none", "There is no such flag."),
    ],
)
async def test_it_fits_a_phone_and_everything_has_a_name(
    browser: Browser, served: ServedPage, path: str, settled: str
) -> None:
    """At 400 pixels nothing has to be scrolled sideways, and a screen reader finds a name for all that can be used."""
    async with open_visit(browser, served.site, width=400) as visit:
        await visit.open(path)
        await expect(visit.page.get_by_text(settled)).to_be_visible()
        assert await visit.page.evaluate("document.documentElement.scrollWidth") <= 400
        assert await visit.nameless() == []


async def test_on_a_phone_a_link_leads_past_all_flags_to_who_has_them(browser: Browser, served: ServedPage) -> None:
    """However many flags there are above."""
    for number in range(40):
        await served.write(f"flag-{number}", switch(on=True))
    async with open_visit(browser, served.site, width=400) as visit:
        await visit.open("/flags")
        await expect(keys(visit)).to_have_count(43)
        await visit.page.get_by_role("link", name="who has it").click()
        await expect(visit.page.get_by_role("heading", name="Who has applied it")).to_be_in_viewport()
