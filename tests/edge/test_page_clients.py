"""The page as other clients, used in a real Chromium: what a television, a car and a watch are shown, and how."""

import pytest
from playwright.async_api import Browser, Locator, Request, expect

from services.edge.domain.views import view_of
from services.kit.context import ClientType
from tests.edge.page_catalogue import ALBUMS, PAPER_BOATS
from tests.edge.page_visit import Json, Visit, open_visit

pytestmark = pytest.mark.asyncio(loop_scope="module")

SHOWN = [ClientType.WEB, ClientType.TV, ClientType.CAR, ClientType.WEARABLE, ClientType.SPEAKER]
"""Every layout, and both types that glance."""
OF_EVERY_LAYOUT = SHOWN[:4]
LEAST_TARGET_PX = 76
"""What a finger at the end of an outstretched arm hits, by common guidance for cars."""
BOXES = """titles => titles.map(title => {
    const { x, y, width, height } = title.closest('li').getBoundingClientRect();
    return { x: Math.round(x), y: Math.round(y), width, height };
})"""


def layout(visit: Visit) -> Locator:
    """Return the document, which carries the layout in force."""
    return visit.page.locator("html")


def disguise(visit: Visit) -> Locator:
    """Return the switch in the header."""
    return visit.page.get_by_role("combobox", name="Show the page as another client")


@pytest.mark.parametrize("client_type", SHOWN)
async def test_a_link_shows_the_page_as_a_client(visit: Visit, client_type: ClientType) -> None:
    """An address says which client to be: layout and number of results are those of the edge's view."""
    view = view_of(client_type)
    await visit.open(f"/?q=lantern&as={client_type.word}")
    await expect(visit.titles).to_have_count(view.results)
    await expect(layout(visit)).to_have_attribute("data-layout", view.layout)
    await expect(disguise(visit)).to_have_value(client_type.word)


async def test_the_switch_changes_the_page_and_is_remembered(visit: Visit) -> None:
    """Another client is one choice away, keeps the query and the focus, says so, and outlives a reload."""
    await visit.open("/?q=lantern")
    await expect(visit.titles).to_have_count(20)
    await disguise(visit).focus()
    await disguise(visit).select_option("Car")
    await expect(visit.titles).to_have_count(4)
    await expect(disguise(visit)).to_be_focused()
    await expect(visit.box).to_have_value("lantern")
    await visit.page.reload()
    await expect(visit.titles).to_have_count(4)
    await expect(disguise(visit)).to_have_value("car")
    await disguise(visit).select_option("This device")
    await expect(visit.titles).to_have_count(20)


async def test_a_choice_counts_for_more_than_the_link_before_it(visit: Visit) -> None:
    """Whoever came by a link and then chose otherwise is not put back by a reload."""
    await visit.open("/?q=lantern&as=car")
    await expect(visit.titles).to_have_count(4)
    await disguise(visit).select_option("Web")
    await visit.is_at("/?q=lantern")
    await visit.page.reload()
    await expect(visit.titles).to_have_count(20)


async def test_every_question_says_who_asks(visit: Visit) -> None:
    """All that the page asks the service for is asked as the chosen client."""
    asked: list[Request] = []
    visit.page.on("request", lambda request: asked.append(request) if "/v1/" in request.url else None)
    await visit.open("/?q=lantern&as=tv")
    await expect(visit.titles).to_have_count(24)
    await visit.titles.first.click()
    await expect(visit.page.get_by_role("heading", level=1, name="Lantern")).to_be_visible()
    assert {request.headers.get("x-backline-client") for request in asked} == {"tv"}


@pytest.mark.parametrize("word", ["fridge", "x%0d%0ay", "%C3%A9", ""])
async def test_a_client_that_there_is_not_is_this_device(visit: Visit, word: str) -> None:
    """A link with a made-up client shows the page as it is here."""
    await visit.open(f"/?q=paper&as={word}")
    await visit.finds("Paper Moons", "Paper Boats", "Moons of Paper")
    await expect(layout(visit)).to_have_attribute("data-layout", "rows")
    await expect(disguise(visit)).to_have_value("")


async def test_without_a_view_the_page_is_as_for_anyone(visit: Visit) -> None:
    """Where the edge cannot say what a client gets, the page still searches."""
    await visit.page.route("**/v1/me/context", lambda route: route.abort())
    await visit.open("/?q=paper&as=car")
    await visit.finds("Paper Moons", "Paper Boats", "Moons of Paper")
    await expect(layout(visit)).to_have_attribute("data-layout", "rows")


async def test_explicit_tracks_follow_the_view_until_the_person_chooses(visit: Visit) -> None:
    """Where others listen along they are left out; what the person chose holds for that type of client alone."""
    boats = visit.titles.filter(has_text=PAPER_BOATS.title)
    await visit.open("/?q=paper&as=tv")
    await expect(visit.titles).to_have_count(2)
    await expect(boats).to_have_count(0)
    await disguise(visit).select_option("Web")
    await expect(boats).to_have_count(1)
    await visit.page.get_by_role("button", name="Hide explicit").click()
    await expect(boats).to_have_count(0)
    await disguise(visit).select_option("iOS")
    await expect(boats).to_have_count(1)


async def test_arrows_walk_the_shelf(visit: Visit) -> None:
    """On a television all four arrows lead from cover to cover, and what has the focus is named large."""
    await visit.open("/?q=lantern&as=tv")
    await expect(visit.titles).to_have_count(24)
    boxes = await visit.titles.evaluate_all(BOXES)
    columns = sum(box["y"] == boxes[0]["y"] for box in boxes)
    assert columns > 3
    for key, place in (
        ("ArrowDown", 0),
        ("ArrowRight", 1),
        ("ArrowDown", columns + 1),
        ("ArrowLeft", columns),
        ("ArrowLeft", columns),
        ("ArrowUp", 0),
    ):
        await visit.page.keyboard.press(key)
        await expect(visit.titles.nth(place)).to_be_focused()
        title = str(await visit.titles.nth(place).text_content())
        await expect(visit.page.locator(".preview__title")).to_have_text(title)
    await visit.page.keyboard.press("ArrowUp")
    await expect(visit.box).to_be_focused()


async def test_covers_pass_under_the_name_of_what_has_the_focus(visit: Visit) -> None:
    """However far down the shelf one walks, the large name stays in sight and hides no cover that it names."""
    await visit.open("/?q=lantern&as=tv")
    await expect(visit.titles).to_have_count(24)
    name = visit.page.locator(".preview")
    for key in (*["ArrowDown"] * 4, *["ArrowUp"] * 2):
        await visit.page.keyboard.press(key)
        above, below = await name.bounding_box(), await visit.page.locator(".row:focus-within").bounding_box()
        assert above is not None
        assert below is not None
        assert 0 <= above["y"] < above["y"] + above["height"] <= below["y"] + 20


async def test_what_has_the_focus_stands_out_on_the_shelf(visit: Visit) -> None:
    """From across a room the cover that Enter would open is told from all others."""
    await visit.open("/?q=lantern&as=tv")
    shadow = "covers => covers.map(cover => getComputedStyle(cover).boxShadow)"
    await visit.titles.nth(2).focus()
    shadows = await visit.page.locator(".row .artwork").evaluate_all(shadow)
    assert "255, 197, 46" in shadows[2]
    assert {each for place, each in enumerate(shadows) if place != 2} == {"none"}


async def test_a_remote_control_begins_with_letters(visit: Visit) -> None:
    """Without a keyboard a search starts by walking to a letter."""
    await visit.open("/?as=tv")
    await expect(visit.box).to_be_focused()
    for key in ("ArrowDown", "ArrowRight", "ArrowRight", "ArrowLeft", "Enter"):
        await visit.page.keyboard.press(key)
    await expect(visit.box).to_have_value("b")
    await visit.is_at("/?q=b")


async def test_a_car_has_few_targets_and_all_are_large(visit: Visit) -> None:
    """All that can be touched in a car is large, and one screen holds all results."""
    await visit.open("/?q=lantern&as=car")
    await expect(visit.titles).to_have_count(4)
    for box in await visit.titles.evaluate_all(BOXES):
        assert min(box["width"], box["height"]) >= LEAST_TARGET_PX
        assert box["y"] + box["height"] <= 720
    for control in (visit.box, visit.page.get_by_role("button", name="Show more")):
        box = await control.bounding_box()
        assert box is not None
        assert box["height"] >= LEAST_TARGET_PX


async def test_a_correction_costs_a_car_no_target(visit: Visit) -> None:
    """What was searched for instead is read above the results, all of which still fit; it is nothing to be hit."""
    await visit.open("/?q=lanterm&as=car")
    await expect(visit.titles).to_have_count(4)
    correction = visit.page.locator(".correction")
    await expect(correction).to_have_text("Showing results for lantern")
    assert await correction.get_by_role("link").evaluate("link => getComputedStyle(link).pointerEvents") == "none"
    for box in await visit.titles.evaluate_all(BOXES):
        assert min(box["width"], box["height"]) >= LEAST_TARGET_PX
        assert box["y"] + box["height"] <= 720


async def test_a_car_has_large_ways_out_where_nothing_is_found(visit: Visit) -> None:
    """A search without a result leads on by targets as large as results."""
    await visit.open("/?q=zzqxj&as=car")
    way_out = visit.page.get_by_role("link", name="zzq")
    box = await way_out.bounding_box()
    assert box is not None
    assert box["height"] >= LEAST_TARGET_PX


async def test_a_car_says_little(visit: Visit) -> None:
    """Beside a title and whose it is there is nothing to read, and no completion distracts."""
    await visit.open("/?q=lantern&as=car")
    await expect(visit.titles).to_have_count(4)
    for distraction in (".row__album", ".row__year", ".row__duration", ".status", ".filters", ".preview"):
        await expect(visit.page.locator(distraction).first).to_be_hidden()
    assert not [url for url in visit.requested if "/v1/suggest" in url]


async def test_a_glance_is_one_answer_and_a_few_more(visit: Visit) -> None:
    """On a wrist the best answer stands out in size, above the others."""
    await visit.open("/?q=lantern&as=wearable")
    await expect(visit.titles).to_have_count(3)
    first, *others = await visit.titles.evaluate_all(BOXES)
    assert all(first["height"] > 2 * other["height"] for other in others)


async def test_a_car_lists_few_tracks_of_an_album_at_once(visit: Visit) -> None:
    """An album of sixty tracks is not a scroll of sixty rows to a driver."""
    await visit.open(f"/albums/{ALBUMS[1].id}?as=car")
    await expect(visit.titles).to_have_count(4)
    await visit.page.get_by_role("button", name="Show more").click()
    await expect(visit.titles).to_have_count(8)


CONTRAST = """titles => {
    const light = colour => colour.match(/[\\d.]+/g).slice(0, 3).map(Number)
        .map(part => (part / 255 <= 0.04045 ? part / 3294.6 : ((part / 255 + 0.055) / 1.055) ** 2.4))
        .reduce((sum, part, place) => sum + part * [0.2126, 0.7152, 0.0722][place], 0);
    return titles.map(title => {
        const [ink, paper] = [light(getComputedStyle(title).color),
                              light(getComputedStyle(title.closest('li')).backgroundColor)];
        return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
    });
}"""


async def test_a_car_can_be_read_in_the_sun(visit: Visit) -> None:
    """Titles stand out from their tiles by far more than 7:1, resting and touched (WCAG 2.2, contrast ratio)."""
    await visit.open("/?q=lantern&as=car")
    await visit.titles.first.focus()
    assert min(await visit.titles.evaluate_all(CONTRAST)) > 10


@pytest.mark.parametrize("client_type", OF_EVERY_LAYOUT)
@pytest.mark.parametrize("path", ["/?", "/?q=paper&", "/tracks/demo:t1?", "/albums/demo:r2?"])
async def test_every_layout_is_whole_and_fits(browser: Browser, site: str, client_type: ClientType, path: str) -> None:
    """In every layout all can be used and has a name, nothing is scrolled sideways, nothing is complained of."""
    for width in (360, 1280):
        async with open_visit(browser, site, width=width) as visit:
            await visit.open(f"{path}as={client_type.word}")
            await visit.page.wait_for_load_state("networkidle")
            assert await visit.page.evaluate("document.documentElement.scrollWidth") <= width
            assert await visit.nameless() == []
            assert visit.complaints == []


@pytest.mark.parametrize("client_type", OF_EVERY_LAYOUT)
async def test_names_of_any_length_fit(visit: Visit, client_type: ClientType) -> None:
    """However long titles and credits are, nothing is scrolled sideways for them."""

    def lengthen(answer: Json) -> Json:
        longer = [{**each, "title": each["title"] * 30, "credit": "Nobody, " * 40} for each in answer["results"]]
        return {**answer, "results": longer, "correction": {"query": "longer" * 33, "changed": []}}

    await visit.alter(lengthen)
    await visit.open(f"/?q=paper&as={client_type.word}")
    await expect(visit.titles.first).to_be_visible()
    wide, window = await visit.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide <= window
