"""The page, used in a real Chromium: every test opens it as a person would and looks at what is on screen."""

import re
from base64 import b64encode
from typing import Any

import pytest
from playwright.async_api import Browser, Route, expect

from tests.edge.page_catalogue import ALBUMS, ARTISTS, MARKUP, PAPER_BOATS, PAPER_MOONS
from tests.edge.page_visit import SEARCHES, Json, Visit, open_visit, refuse

pytestmark = pytest.mark.asyncio(loop_scope="module")

EVERY_PAGE = ("/", "/?q=paper", "/?q=nowhere+at+all", "/tracks/demo:t1", "/albums/demo:r2", "/artists/demo:a1", "/docs")
BEFORE_IT_TIRES_MS = 10_000
"""Less than the page itself waits for an answer, after which it gives a question up in any case."""


async def test_typing_finds_and_keeps_the_query_in_the_address(visit: Visit) -> None:
    """What is typed is searched for without a further key, and the address can be passed on."""
    await visit.open("/")
    await visit.search("paper")
    await visit.finds("Paper Moons", "Paper Boats", "Moons of Paper")
    await visit.is_at("/?q=paper")
    await expect(visit.announced).to_have_text("3 results for paper")
    await expect(visit.page.locator(".status")).to_contain_text("3 results in ")
    await visit.page.reload()
    await expect(visit.box).to_have_value("paper")
    await visit.finds("Paper Moons", "Paper Boats", "Moons of Paper")


async def test_a_slip_is_corrected_until_the_person_does_it(visit: Visit) -> None:
    """What is mistyped finds what was meant and says so; typed as it should be, there is nothing to say."""
    correction = visit.page.locator(".correction")
    await visit.open("/")
    await visit.search("papper moons")
    await visit.finds("Paper Moons", "Moons of Paper")
    await expect(correction).to_have_text("Showing results for paper moons")
    await expect(visit.titles.filter(has_text="Paper Moons").locator("mark")).to_have_text(["Paper", "Moons"])
    await visit.search("paper moons")
    await expect(correction).to_have_count(0)
    await visit.finds("Paper Moons", "Moons of Paper")


async def test_an_overtaken_question_is_given_up(visit: Visit) -> None:
    """Typing on cancels the request before, so that its answer cannot come late and be shown."""
    held = await visit.hold("**/v1/search?q=lantern*")
    await visit.open("/")
    await visit.search("lantern")
    overtaken = (await held).request
    async with visit.page.expect_event(
        "requestfailed", lambda request: request == overtaken, timeout=BEFORE_IT_TIRES_MS
    ):
        await visit.search("boats")
    await visit.shows("Paper Boats")


async def test_keys_lead_through_results_and_back(visit: Visit) -> None:
    """Arrows move, Enter opens, Back finds query, results, scroll position and focus as they were."""
    await visit.open("/")
    await visit.search("lantern")
    await expect(visit.announced).to_have_text("20 results for lantern")
    for _ in range(18):
        await visit.page.keyboard.press("ArrowDown")
    await expect(visit.titles.nth(17)).to_be_focused()
    found = await visit.titles.all_text_contents()
    opened = await visit.titles.nth(17).get_attribute("href")
    scrolled = await visit.page.evaluate("scrollY")
    assert scrolled > 0

    await visit.page.keyboard.press("Enter")
    heading = visit.page.get_by_role("heading", level=1, name=found[17], exact=True)
    await expect(heading).to_be_visible()
    await visit.is_at(str(opened))

    await visit.page.go_back()
    await visit.is_at("/?q=lantern")
    await expect(visit.box).to_have_value("lantern")
    await visit.shows(*found)
    await expect(visit.titles.nth(17)).to_be_focused()
    assert await visit.page.evaluate("scrollY") == scrolled

    await visit.page.go_forward()
    await expect(heading).to_be_visible()


async def test_an_answer_does_not_take_the_focus_away(visit: Visit) -> None:
    """Whoever is among the results already when better ones arrive stays on the same one."""
    await visit.open("/?q=paper")
    await expect(visit.announced).to_have_text("3 results for paper")
    late = await visit.hold("**/v1/search?q=paper+moons*")
    await visit.search("paper moons")
    route = await late
    moons = visit.page.locator(f'.row__title[href="/tracks/{PAPER_MOONS.id}"]')
    await moons.focus()
    await route.continue_()
    await expect(visit.announced).to_have_text("2 results for paper moons")
    await expect(moons).to_be_focused()


async def test_escape_and_slash_lead_to_the_box(visit: Visit) -> None:
    """Escape goes back to the box and then empties it; a slash goes to it from anywhere."""
    await visit.open("/?q=paper")
    await expect(visit.titles).to_have_count(3)
    await visit.box.press("ArrowDown")
    await expect(visit.titles.first).to_be_focused()
    await visit.page.keyboard.press("ArrowUp")
    await expect(visit.box).to_be_focused()
    await visit.box.press("ArrowDown")
    await visit.page.keyboard.press("Escape")
    await expect(visit.box).to_be_focused()
    await visit.page.keyboard.press("Escape")
    await expect(visit.box).to_have_value("")
    await expect(visit.page.get_by_role("navigation", name="Start with a letter")).to_be_visible()
    await visit.open("/tracks/demo:t1")
    await expect(visit.page.get_by_role("heading", level=1)).to_be_visible()
    await visit.page.keyboard.press("/")
    await expect(visit.box).to_be_focused()
    await expect(visit.box).to_have_value("")


async def test_filters_leave_out_and_say_so(visit: Visit) -> None:
    """A kind can be singled out, explicit tracks can be hidden, and hiding them is remembered."""
    await visit.open("/?q=paper")
    await visit.page.get_by_role("button", name="Albums").click()
    await visit.shows("Moons of Paper")
    await visit.is_at("/?q=paper&kinds=album")
    await visit.page.get_by_role("button", name="All").click()
    await expect(visit.page.locator(".row", has_text=PAPER_BOATS.title)).to_contain_text("Explicit")
    await visit.page.get_by_role("button", name="Hide explicit").click()
    await visit.finds("Paper Moons", "Moons of Paper")
    await visit.page.reload()
    await visit.finds("Paper Moons", "Moons of Paper")
    await expect(visit.page.get_by_role("button", name="Hide explicit")).to_have_attribute("aria-pressed", "true")


async def test_more_goes_on_where_the_page_ended(visit: Visit) -> None:
    """A long answer comes page by page, and the keyboard goes on at the first row of the next."""
    await visit.open("/?q=lantern")
    await expect(visit.titles).to_have_count(20)
    await visit.page.get_by_role("button", name="Show more").focus()
    await visit.page.keyboard.press("Enter")
    await expect(visit.titles).to_have_count(40)
    await expect(visit.titles.nth(20)).to_be_focused()
    await expect(visit.page.locator(".status")).to_contain_text("40 results")


async def test_more_goes_on_behind_what_is_shown_when_the_index_was_replaced(visit: Visit) -> None:
    """Where a page ended is no longer known to a new index: the rest comes all the same, and nothing twice."""

    async def outdated(route: Route) -> None:
        cursor = b64encode(b"gen-20200101T000000Z-00000000 0 60 20").decode().rstrip("=")
        await route.continue_(url=re.sub("cursor=[^&]*", f"cursor={cursor}", route.request.url))

    await visit.open("/?q=lantern")
    await expect(visit.titles).to_have_count(20)
    await visit.page.route("**/v1/search?*cursor=*", outdated, times=1)
    await visit.page.get_by_role("button", name="Show more").click()
    await expect(visit.titles).to_have_count(40)
    assert len(set(await visit.titles.all_text_contents())) == 40
    await expect(visit.notice).to_have_count(0)


async def test_a_completion_can_be_taken(visit: Visit) -> None:
    """A completion is a link to what it completes to."""
    await visit.open("/")
    await visit.search("moons")
    await visit.page.get_by_role("list", name="Suggestions").get_by_role("link", name="Moons of Paper").click()
    await expect(visit.box).to_have_value("Moons of Paper")
    await visit.is_at("/?q=Moons+of+Paper")


async def test_nothing_found_offers_ways_out(visit: Visit) -> None:
    """An empty answer says which filter or letters to let go of, and doing so finds something."""
    await visit.open("/?q=boats&kinds=artist")
    await expect(visit.page.get_by_role("heading", name="Nothing found for “boats”")).to_be_visible()
    await visit.page.get_by_role("button", name="Search without filters").click()
    await visit.is_at("/?q=boats")
    await visit.shows("Paper Boats")
    await visit.search("lanqzjxwk")
    await visit.page.get_by_role("link", name="lan", exact=True).click()
    await expect(visit.titles).to_have_count(20)


async def test_offline_keeps_the_results_and_comes_back_by_itself(visit: Visit) -> None:
    """Without a connection the page says so and keeps what it has; with it, it answers without being asked again."""
    await visit.open("/?q=paper")
    await expect(visit.titles).to_have_count(3)
    await visit.page.context.set_offline(offline=True)
    await visit.search("boats")
    await expect(visit.notice).to_contain_text("You are offline")
    await expect(visit.notice).to_contain_text("Below is what “paper” found.")
    await visit.finds("Paper Moons", "Paper Boats", "Moons of Paper")
    await visit.page.context.set_offline(offline=False)
    await visit.shows("Paper Boats")
    await expect(visit.notice).to_have_count(0)


async def test_a_slow_answer_is_bridged(visit: Visit) -> None:
    """Nothing flickers at first; then there are placeholders, then a word that it takes long, then the answer."""
    await visit.hold_the_clock()
    held = await visit.hold(SEARCHES)
    await visit.open("/?q=paper")
    late = await held
    placeholders = visit.page.locator(".row--placeholder")
    await expect(placeholders).to_have_count(0)
    await visit.page.clock.run_for(300)
    await expect(placeholders.first).to_be_visible()
    await visit.page.clock.run_for(2_000)
    await expect(visit.notice).to_have_text("Taking longer than usual…")
    await late.continue_()
    await visit.finds("Paper Moons", "Paper Boats", "Moons of Paper")
    await expect(visit.notice).to_have_count(0)


@pytest.mark.parametrize("status", [429, 503])
async def test_a_busy_service_is_asked_again_when_it_said(visit: Visit, status: int) -> None:
    """Turned away with Retry-After, the page waits that long, not less, and then asks by itself."""
    asked = 0

    async def turn_away_once(route: Route) -> None:
        nonlocal asked
        asked += 1
        if asked == 1:
            await refuse(route, status, "The queue is full.", {"retry-after": "30"})
        else:
            await route.continue_()

    await visit.hold_the_clock()
    await visit.page.route(SEARCHES, turn_away_once)
    await visit.open("/?q=paper")
    await expect(visit.notice).to_contain_text("The queue is full.")
    await expect(visit.notice).to_contain_text("rq-42")
    await visit.page.clock.run_for(28_000)
    assert asked == 1
    await visit.page.clock.run_for(3_000)
    await visit.finds("Paper Moons", "Paper Boats", "Moons of Paper")


async def test_a_broken_service_is_named_and_can_be_tried_again(visit: Visit) -> None:
    """A fault shows its detail and its request id, and one button asks again."""
    await visit.page.route(SEARCHES, lambda route: refuse(route, 500, "A shelf fell over."))
    await visit.open("/?q=paper")
    await expect(visit.notice).to_contain_text("A shelf fell over.")
    await expect(visit.notice).to_contain_text("rq-42")
    await visit.page.unroute(SEARCHES)
    await visit.page.get_by_role("button", name="Try again").click()
    await visit.finds("Paper Moons", "Paper Boats", "Moons of Paper")


async def test_a_partial_answer_says_so(visit: Visit) -> None:
    """A degraded answer is shown together with what was left out of it, be it known to the page or not."""
    await visit.alter(lambda answer: {**answer, "degraded": ["candidates_cut", "moon_eclipsed"]})
    await visit.open("/?q=paper")
    await expect(visit.notice).to_contain_text("to be in time: not everything was looked through; moon eclipsed.")
    await visit.finds("Paper Moons", "Paper Boats", "Moons of Paper")


async def test_a_partial_answer_never_says_that_there_is_nothing(visit: Visit) -> None:
    """Where not everything was looked for, an empty answer says that, and not that there is nothing."""
    await visit.alter(lambda answer: {**answer, "results": [], "degraded": ["short_query_skipped"]})
    await visit.open("/?q=pa")
    await expect(visit.notice).to_contain_text("a letter or two are too few just now")
    await expect(visit.page.get_by_role("heading", name="Nothing found")).to_have_count(0)


async def test_a_correction_says_so_and_can_be_taken(visit: Visit) -> None:
    """What was searched for instead stands above the results with its changes marked; it is a link to just that."""
    await visit.alter(lambda answer: {**answer, "correction": {"query": "🎵 paper moons", "changed": [[2, 7]]}})
    await visit.open("/?q=papr&kinds=track")
    correction = visit.page.locator(".correction")
    await expect(correction).to_have_text("Showing results for 🎵 paper moons")
    await expect(correction.locator("mark")).to_have_text(["paper"])
    await expect(visit.announced).to_contain_text("for 🎵 paper moons instead of papr")
    await visit.page.unroute(SEARCHES)
    await correction.get_by_role("link").click()
    await expect(visit.box).to_have_value("🎵 paper moons")
    await expect(correction).to_have_count(0)
    await visit.page.go_back()
    await expect(correction).to_have_text("Showing results for 🎵 paper moons")


Ranges = list[list[int]]


def told(title: str, in_title: Ranges, credit: str = "", in_credit: Ranges | None = None) -> Json:
    """Return a track among results, with what the service says was looked for in it."""
    artists = [{"id": "demo:a1", "name": "Ana 𝄞"}, {"id": "demo:a2", "name": "Nightbus"}]
    match = {"source": "speller", "title": in_title, "credit": in_credit or []}
    return {"kind": "track", "id": "demo:t1", "title": title, "artists": artists, "credit": credit, "match": match}


MARKS: list[tuple[Json, list[str], list[str]]] = [
    (told("Paper Moons", [[0, 5]]), ["Paper"], []),
    (told("🎵🎵 Paper 𝄞 Moons", [[3, 8], [11, 16]]), ["Paper", "Moons"], []),
    (told("Cafe\u0301 Noir", [[0, 5]]), ["Cafe\u0301"], []),
    (told("𠮷野家", [[0, 1], [2, 3]]), ["𠮷", "家"], []),
    (told("Moons", [], "Ana 𝄞 feat. Nightbus", [[0, 5], [12, 17]]), [], ["Ana 𝄞", "Night"]),
    (told("Moons", [], "Ana 𝄞 feat. Nightbus", [[4, 14]]), [], ["𝄞", " feat. ", "Ni"]),
]


@pytest.mark.parametrize(("result", "in_title", "in_credit"), MARKS)
async def test_marks_are_where_the_service_says(
    visit: Visit, result: Json, in_title: list[str], in_credit: list[str]
) -> None:
    """Ranges count code points, which are not what a browser counts, and go on through the links in a credit."""
    await visit.alter(lambda answer: {**answer, "results": [result]})
    await visit.open("/?q=paper")
    await expect(visit.titles).to_have_text([result["title"]])
    await expect(visit.titles.locator("mark")).to_have_text(in_title)
    await expect(visit.page.locator(".row__credit")).to_have_text(result["credit"] or "Ana 𝄞, Nightbus")
    await expect(visit.page.locator(".row__credit mark")).to_have_text(in_credit)


async def test_details_say_what_found_each_result(visit: Visit) -> None:
    """One line, by keyboard too, opens to how the answer came about; then each row names its source."""

    def tell(answer: Json) -> Json:
        sources = ("prefix", "drop_tokens", "prefix")
        results = [
            {**each, "match": {"source": source, "title": [], "credit": []}}
            for each, source in zip(answer["results"], sources, strict=True)
        ]
        delta = "delta-20260101T000000Z-1a2b3c4d"
        return {**answer, "results": results, "sources": ["prefix", "drop_tokens"], "index_delta": delta}

    await visit.alter(tell)
    await visit.open("/?q=paper")
    line, badges = visit.page.locator(".status summary"), visit.page.locator(".row__source")
    await expect(line).to_contain_text("prefix + drop tokens")
    await expect(badges).to_have_text(["Found by prefix", "Found by drop tokens", "Found by prefix"])
    await expect(badges.first).to_be_hidden()
    await line.focus()
    await visit.page.keyboard.press("Enter")
    await expect(badges.first).to_be_visible()
    for fact in ("prefix 2, drop tokens 1", "delta-20260101T000000Z-1a2b3c4d", "gen-", "match-and-popularity"):
        await expect(visit.page.locator(".status")).to_contain_text(fact)
    assert await visit.nameless() == []


async def test_a_track_tells_all_it_knows(visit: Visit) -> None:
    """A track's page has its albums, artists, year, length, markets and ISRC, and leads on to album and artist."""
    await visit.open(f"/tracks/{PAPER_MOONS.id}")
    main = visit.page.get_by_role("main")
    for known in ("1998", "3:33", "Norway, Sweden", "ZZ-XX1-98-00001", "Moons of Paper", "Track 2"):
        await expect(main).to_contain_text(known)
    await main.get_by_role("link", name="Étoile Lumière").click()
    await visit.is_at(f"/artists/{ARTISTS[0].id}")
    await expect(visit.page.get_by_role("heading", level=1)).to_have_text("Étoile Lumière")


async def test_an_album_lists_its_tracks_in_order(visit: Visit) -> None:
    """An album's page has credit, year and all tracks by position, page by page."""
    await visit.open(f"/albums/{ALBUMS[0].id}")
    await visit.shows("Paper Boats", "Paper Moons")
    await expect(visit.page.get_by_role("main")).to_contain_text("2 tracks, 7 min")
    await expect(visit.page.get_by_role("link", name="Étoile Lumière").first).to_have_attribute(
        "href", f"/artists/{ARTISTS[0].id}"
    )


async def test_an_artist_has_aliases_and_top_tracks(visit: Visit) -> None:
    """An artist's page has the other names, the popularity in words, and the tracks, the best known first."""
    await visit.open(f"/artists/{ARTISTS[0].id}")
    await visit.shows("Paper Moons", "Paper Boats")
    await expect(visit.page.get_by_role("main")).to_contain_text("Also known as The Evening Star")
    await expect(visit.page.get_by_role("main")).to_contain_text("Popularity 4.2 thousand")


@pytest.mark.parametrize("path", ["/tracks/demo:none", "/albums/demo:none", "/artists/demo:none"])
async def test_an_unknown_item_is_a_dead_end_with_a_way_back(visit: Visit, path: str) -> None:
    """An address of no item says so and leads back to the search."""
    await visit.open(path)
    await expect(visit.page.get_by_role("heading", level=1)).to_contain_text("There is no such")
    await visit.page.get_by_role("link", name="Search instead").click()
    await visit.is_at("/")
    await expect(visit.box).to_be_focused()


async def test_what_a_catalogue_holds_is_never_markup(visit: Visit) -> None:
    """A title that looks like HTML is shown as the characters it is made of, in rows, pages and credits."""
    await visit.open("/?q=img")
    await visit.shows(MARKUP.title)
    await visit.titles.first.click()
    await expect(visit.page.get_by_role("heading", level=1)).to_have_text(MARKUP.title)
    await expect(visit.page.get_by_role("link", name=MARKUP.credit)).to_be_visible()
    assert await visit.page.locator("img, main b").count() == 0


async def test_the_first_visit_shows_what_can_be_typed(visit: Visit) -> None:
    """An empty box comes with examples out of the catalogue, and following one searches for it."""
    await visit.open("/")
    await visit.page.get_by_role("link", name="Moons of Paper").click()
    await expect(visit.box).to_have_value("Moons of Paper")
    await expect(visit.titles.first).to_have_text("Moons of Paper")
    await visit.page.go_back()
    await expect(visit.box).to_have_value("")
    await expect(visit.page.get_by_role("heading", name="From this catalogue")).to_be_visible()


HIGHLIGHTS: list[tuple[str, str, list[str]]] = [
    ("Étoile Lumière", "lum", ["Lum"]),
    ("Etoile", "étoile", ["Etoile"]),
    ("Cafe\u0301 Noir", "cafe", ["Cafe\u0301"]),
    ("Straße", "strass", ["Straß"]),
    ("Get Lucky", "LUCK get", ["Get", "Luck"]),
    ("Don't Stop", "dont", ["Don't"]),
    ("夜行列車", "列車", ["列車"]),
    ("밤의 정원", "정", ["정"]),
    ("Unlucky", "luck", []),
    ("Anything", "", []),
]


@pytest.mark.parametrize(("text", "query", "marked"), HIGHLIGHTS)
async def test_highlights_are_what_a_reader_sees_as_the_match(
    visit: Visit, text: str, query: str, marked: list[str]
) -> None:
    """The marked part is the beginning of a word, whatever its case, accents or script."""
    await visit.open("/")
    found: Any = await visit.page.evaluate(
        """async ([text, query]) => {
            const { highlighted } = await import('/web/highlight.js');
            const nodes = highlighted(text, query);
            return [nodes.map((node) => node.textContent ?? node).join(''),
                    nodes.filter((node) => node.tagName === 'MARK').map((node) => node.textContent)];
        }""",
        [text, query],
    )
    assert found == [text, marked]


async def test_dark_and_light_follow_the_system_until_switched(browser: Browser, site: str) -> None:
    """The system's choice holds until the person makes another, which is remembered."""
    ground = "getComputedStyle(document.body).backgroundColor"
    grounds = set()
    for scheme, other in (("dark", "light"), ("light", "dark")):
        async with open_visit(browser, site, scheme="dark" if scheme == "dark" else "light") as visit:
            await visit.open("/")
            before = await visit.page.evaluate(ground)
            await visit.page.get_by_role("button", name=f"Switch to {other} theme").click()
            await expect(visit.page.get_by_role("button", name=f"Switch to {scheme} theme")).to_be_visible()
            after = await visit.page.evaluate(ground)
            await visit.page.reload()
            assert await visit.page.evaluate(ground) == after != before
            grounds.add((before, after))
    assert len({frozenset(pair) for pair in grounds}) == 1


@pytest.mark.parametrize("path", EVERY_PAGE)
async def test_every_page_fits_a_phone(browser: Browser, site: str, path: str) -> None:
    """At 360 pixels nothing has to be scrolled sideways."""
    async with open_visit(browser, site, width=360) as visit:
        await visit.open(path)
        await visit.page.wait_for_load_state("networkidle")
        assert await visit.page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("path", EVERY_PAGE)
async def test_every_page_is_whole_and_named(visit: Visit, path: str) -> None:
    """Everything that can be used has an accessible name, and the browser has nothing to complain of."""
    await visit.open(path)
    await visit.page.wait_for_load_state("networkidle")
    assert await visit.nameless() == []
    assert visit.complaints == []


async def test_documentation_lists_every_path_and_tries_it(visit: Visit) -> None:
    """The documentation has every operation of the OpenAPI document, and asks the service for real."""
    await visit.open("/docs")
    document = await (await visit.page.request.get(f"{visit.site}/openapi.json")).json()
    await expect(visit.page.locator(".operation__address code")).to_have_text(list(document["paths"]))
    section = visit.page.get_by_role("region", name="Search", exact=True)
    await section.get_by_label("Value of q").fill("paper moons")
    await expect(section.get_by_label("Command")).to_contain_text("/v1/search?q=paper+moons")
    for other in ("kinds", "market"):
        await section.get_by_label(f"Value of {other}").fill("")
    await section.get_by_role("button", name="Try it").click()
    await expect(section.get_by_label("Answer", exact=True)).to_contain_text(f'"id": "{PAPER_MOONS.id}"')
