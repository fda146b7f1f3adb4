"""What stands around the map, in a browser: search, years, months and depths, comparison; each test
is a walk.
"""

import re
from datetime import date

import pytest
from playwright.sync_api import Locator, Page, expect

from tests import factories

pytestmark = pytest.mark.usefixtures("watch")


@pytest.fixture
def sea():
    """Two cods in summer near the surface, one deep in winter, and a sunfish."""
    genus = factories.taxon("Gadus", rank="Genus")
    cod = factories.taxon("Gadus morhua", parent=genus)
    sunfish = factories.taxon("Mola mola")
    factories.vernacular(cod, "Atlantic cod")
    for day in (date(2019, 6, 3), date(2020, 7, 4)):
        factories.observation(taxon=cod, at=(7.9, 54.2), date_start=day, maximum_depth_in_meters=5)
    factories.observation(
        taxon=cod, at=(3, 56), date_start=date(2021, 12, 5), minimum_depth_in_meters=300
    )
    factories.observation(taxon=sunfish, at=(5, 55), date_start=date(2021, 8, 5))
    return {"genus": genus, "cod": cod, "sunfish": sunfish}


def shown(page: Page, records: str) -> None:
    """Map, list and what is below the map agree on the number of records."""
    expect(page.locator(".map-summary")).to_have_text(f"{records} in this view")
    expect(page.locator("#results-head")).to_have_text(records)
    expect(page.locator("[data-told]")).to_contain_text(f"({records})")


def open_map(
    page: Page, portal: str, query: str = "?map=5/55/6", records: str = "4 records"
) -> None:
    page.goto(f"{portal}/{query}")
    shown(page, records)


def test_a_search_by_keyboard_forgives_a_slip_and_filters_everything(page, portal, sea):
    open_map(page, portal)
    box = page.get_by_role("combobox", name="Species or group, scientific or common name")
    box.press_sequentially("atlantik cod")
    expect(page.locator(".taxon-search [role=option]").first).to_contain_text("Did you mean")
    expect(page.locator(".taxon-search [data-similar]")).to_contain_text("Gadus morhua")
    expect(box).to_have_attribute("aria-expanded", "true")
    box.press("ArrowDown")
    expect(page.locator(".taxon-search [aria-selected=true]")).to_contain_text("Atlantic cod")
    box.press("Enter")
    shown(page, "3 records")
    expect(box).to_have_attribute("aria-expanded", "false")
    expect(page.locator(".taxon-search [role=option]").first).to_be_hidden()
    expect(page).to_have_url(re.compile(rf"taxon={sea['cod'].pk}&map=5/55\.0000/6\.0000$"))
    box.fill("gad")
    expect(page.locator(".taxon-search [role=option]")).to_have_count(2)
    box.press("Escape")
    expect(box).to_have_attribute("aria-expanded", "false")


def test_of_two_quick_choices_the_last_is_shown_and_no_answer_is_lost(page, portal, sea, watch):
    """The answer to the first must not come between: it would take away the link of the second."""
    # htmx logs the request that it replaces
    watch.forgive("htmx:afterRequest", "htmx:sendAbort", "htmx:xhr:abort")
    open_map(page, portal)
    page.evaluate(
        "window.lost = []; document.addEventListener('htmx:oobErrorNoTarget', (e) => lost.push(e.detail))"
    )
    held = []

    def hold(route):
        held.append(route) if route.request.headers.get(
            "hx-target"
        ) == "results" else route.continue_()

    page.route("**/*", hold)
    presets = page.get_by_role("navigation", name="Suggested searches")
    recent, everything = (presets.get_by_role("link").nth(place) for place in (1, 0))
    recent.click()
    everything.click()
    expect(page.locator("#presets")).to_be_visible()
    for route in held.copy():
        route.continue_()
        page.wait_for_timeout(500)  # for the first answer, if it still comes, to be shown
    expect(everything).to_have_attribute("aria-current", "true")
    shown(page, "4 records")
    expect(page).to_have_url(re.compile(r"\?map=5/55\.0000/6\.0000$"))
    assert page.evaluate("lost.length") == 0


def test_back_in_an_earlier_view_a_late_answer_about_another_is_not_shown(page, portal, sea):
    open_map(page, portal, "?map=5/55/6")
    held = []
    page.route("**/summary/**", lambda route: held.append(route))
    with page.expect_request("**/summary/**"):
        page.evaluate("document.querySelector('view-summary').follow({ query: 'taxon=Mola+mola' })")
    page.evaluate("document.querySelector('view-summary').follow({ query: '' })")
    page.wait_for_timeout(1000)  # for the way back to be noticed
    for route in held:
        route.continue_()
    page.wait_for_timeout(1000)  # for the late answer, if it still comes, to be shown
    shown(page, "4 records")
    expect(page.locator(".summary-body")).not_to_have_attribute("aria-busy", "true")


def test_a_whole_flow_breaches_no_policy_and_title_and_links_follow_the_address(
    page, portal, sea, watch
):
    page.add_init_script(
        "addEventListener('securitypolicyviolation', (event) => console.error('policy', event.violatedDirective))"
    )
    open_map(page, portal, "?utm_source=mail&taxon=Gadus&amp;from=2019&map=5/55/6", "3 records")
    expect(page).to_have_url(re.compile(r"\?taxon=Gadus&from=2019&map=5/55"))
    page.locator(".chip", has_text="2019").get_by_role("link").click()
    shown(page, "3 records")
    expect(page).to_have_title(re.compile("^Gadus · "))
    page.get_by_role("link", name="Recent sightings").click()
    expect(page).to_have_title(re.compile("^from .* · "))
    page.get_by_role("link", name="All records").click()
    shown(page, "4 records")
    page.get_by_role("link", name="Recent sightings").click()
    expect(page).to_have_title(re.compile("^from .* · "))
    page.get_by_role("button", name="Zoom in").click()
    expect(page).to_have_url(re.compile(r"map=6/"))
    page.get_by_role("button", name="List records in view").click()
    expect(page).to_have_url(re.compile(r"#here="))
    here = page.url.removeprefix(portal)
    page.get_by_role("link", name="Log in").focus()
    address = page.get_by_role("link", name="Log in").evaluate(
        "link => new URL(link.href).searchParams.get('next')"
    )
    assert address == here
    page.get_by_role("button", name="Deutsch").first.click()
    expect(page.locator("html")).to_have_attribute("lang", "de")
    assert page.url.removeprefix(portal) == here
    assert watch.unforgiven() == []


def test_years_are_chosen_on_the_slider_and_back_and_forward_undo_and_redo_it(page, portal, sea):
    open_map(page, portal)
    first = page.get_by_role("slider", name="First year")
    first.focus()
    page.keyboard.press("ArrowRight")
    shown(page, "3 records")
    expect(page).to_have_url(re.compile(r"from=2020&map="))
    page.get_by_role("slider", name="Last year").focus()
    page.keyboard.press("ArrowLeft")
    shown(page, "1 record")
    expect(page.locator("year-slider output")).to_have_text("2020")
    page.go_back()
    shown(page, "3 records")
    page.go_forward()
    shown(page, "1 record")


def test_years_play_on_the_map_and_stopping_restores_the_filter(page, portal, sea):
    open_map(page, portal, "?taxon=Gadus&from=2019&map=5/55/6", "3 records")
    page.get_by_role("button", name="Play").click()
    expect(page.locator("year-slider output")).to_have_text("2019")
    expect(page.locator(".map-summary")).to_have_text("1 record in this view")
    expect(page.locator("year-slider output")).to_have_text("2020")
    page.get_by_role("button", name="Stop").click()
    shown(page, "3 records")
    expect(page).to_have_url(re.compile(r"taxon=Gadus&from=2019&map="))
    expect(page.locator("year-slider output")).to_have_text("all years")


def test_months_and_depths_are_chosen_by_dragging_and_by_keyboard_across_new_year(
    page, portal, sea
):
    open_map(page, portal)
    june, july = (
        page.locator("[title^='June, 0 to 10 m']"),
        page.locator("[title^='July, 0 to 10 m']"),
    )
    expect(june).to_contain_text("1")
    june.scroll_into_view_if_needed()
    june.hover()
    page.mouse.down()
    july.hover()
    page.mouse.up()
    shown(page, "2 records")
    expect(page).to_have_url(re.compile(r"months=6,7&depth=0,(<|%3C)10&map="))
    page.get_by_role("link", name="All months and depths").click()
    shown(page, "4 records")
    page.locator("[title^='November, 200 to 1,000 m']").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".season-help")).to_contain_text("From November, 200 to 1,000 m.")
    for _ in range(9):
        page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    shown(page, "1 record")
    expect(page.locator(".chip", has_text="November to February")).to_be_visible()
    expect(page.get_by_role("gridcell", selected=True)).to_have_count(4)


def test_two_selections_are_compared_and_the_link_shows_both_again(page, portal, sea):
    open_map(page, portal, f"?taxon={sea['cod'].pk}&map=5/55/6", "3 records")
    page.get_by_role("link", name="Compare").click()
    page.get_by_role("combobox").fill("mola")
    page.locator(".taxon-search [role=option]").click()
    shown(page, "1 record")
    legend = page.locator(".legend li")
    expect(legend).to_have_text(["Mola mola", re.compile("Gadus morhua")])
    page.reload()
    shown(page, "1 record")
    expect(legend).to_have_text(["Mola mola", re.compile("Gadus morhua")])
    page.get_by_role("link", name="Remove from map: Gadus morhua").click()
    expect(legend).to_have_count(6)
    assert "compare" not in page.url


def drawing(page: Page) -> Locator:
    return page.get_by_role("group", name="Draw an area")


def click_map(page: Page, *places: tuple[int, int]) -> None:
    """Click beside the middle of the map, so many pixels to the right and down."""
    canvas = page.locator(".map-canvas-inner")
    box = canvas.bounding_box()
    for x, y in places:
        canvas.click(position={"x": box["width"] / 2 + x, "y": box["height"] / 2 + y})


def test_an_area_is_drawn_corner_by_corner_and_one_that_crosses_itself_is_not_lost(
    page, portal, sea
):
    open_map(page, portal, "?map=5/54.2/7.9")
    page.get_by_role("button", name="Draw an area").click()
    click_map(page, (-60, -60), (60, 60))
    expect(drawing(page)).to_contain_text("Add at least three points.")
    expect(drawing(page).get_by_role("button", name="Search this area")).to_be_disabled()
    click_map(page, (60, -60), (-60, 60))
    expect(drawing(page)).to_contain_text("The outline crosses itself")
    drawing(page).get_by_role("button", name="Undo").click()
    drawing(page).get_by_role("button", name="Undo").click()
    drawing(page).get_by_role("button", name="Undo").click()
    click_map(page, (60, -60), (60, 60), (-60, 60), (-60, -60))
    shown(page, "2 records")
    expect(drawing(page)).to_be_hidden()
    expect(page).to_have_url(re.compile("polygon=POLYGON"))
    page.go_back()
    shown(page, "4 records")


def test_the_keyboard_alone_draws_an_area_at_the_cross_and_escape_gives_up(page, portal, sea):
    open_map(page, portal, "?map=5/54.3/7.7")
    button = page.get_by_role("button", name="Draw an area")
    button.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(drawing(page)).to_be_hidden()
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft"):
        page.keyboard.press("Enter")
        before = page.url
        page.keyboard.press(key)
        expect(page).not_to_have_url(before)
        page.wait_for_timeout(400)  # the map glides
    page.keyboard.press("Enter")
    expect(drawing(page)).to_contain_text("Add more points")
    drawing(page).get_by_role("button", name="Search this area").press("Enter")
    expect(page).to_have_url(re.compile("polygon=POLYGON"))
    expect(page.locator("#results-head")).to_have_text("2 records")
    expect(button).to_be_focused()


def test_near_me_asks_when_pressed_and_tells_no_more_than_a_hundredth_of_a_degree(
    page, portal, sea
):
    page.context.grant_permissions(["geolocation"], origin=portal)
    page.context.set_geolocation({"latitude": 54.20449, "longitude": 7.89512})
    open_map(page, portal)
    page.get_by_role("button", name="Near me").click()
    shown(page, "2 records")
    expect(page).to_have_url(re.compile(r"near=54\.2,7\.9,50&"))


def test_without_javascript_search_and_summary_lead_to_the_records(browser, portal, sea):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{portal}/")
    expect(page.locator("#results-head")).to_have_text("4 records")
    page.get_by_placeholder("Species or common name").fill("atlantic cod")
    page.get_by_role("button", name="Search", exact=True).click()
    page.get_by_role("link", name="Atlantic cod").click()
    expect(page.locator("#results-head")).to_have_text("3 records")
    page.get_by_role("link", name="Summary of these records").click()
    expect(page.locator("[data-told]")).to_have_text("1 species (3 records).")
    page.locator("#dense-head + ol a").first.click()
    expect(page.locator("[data-told]")).to_have_text("1 species (2 records).")
    page.get_by_role("link", name="List records").click()
    expect(page.get_by_role("article")).to_have_count(2)
    context.close()


def test_a_phone_shows_all_of_it_without_sideways_scrolling_and_axe_finds_nothing(
    browser, portal, sea, axe
):
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    open_map(page, portal)
    page.locator("[title^='June, 0 to 10 m']").tap()
    expect(page.locator(".season-help")).to_contain_text("Choose the last square")
    page.locator("[title^='July, 0 to 10 m']").tap()
    shown(page, "2 records")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert axe(page) == []
    context.close()


def test_axe_finds_nothing_on_a_large_dark_screen_nor_on_the_pages_without_javascript(
    page, portal, sea, axe
):
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    page.set_viewport_size({"width": 1440, "height": 900})
    open_map(page, portal, f"?map=5/55/6&compare=taxon%3D{sea['cod'].pk}")
    expect(page.get_by_role("button", name="Next years")).to_be_visible()
    page.get_by_role("combobox").fill("gad")
    expect(page.locator(".taxon-search [role=option]")).to_have_count(2)
    assert axe(page) == []
    for address in ("/summary/", "/suggest/?q=gad"):
        page.goto(f"{portal}{address}")
        assert axe(page) == []
