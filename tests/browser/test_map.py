"""The map in a browser: it shows what is held, answers mouse, finger and keyboard, and says when
something fails.
"""

import re

import mapbox_vector_tile
import pytest
from playwright.sync_api import Page, expect

from tests import factories

pytestmark = pytest.mark.usefixtures("watch")
HELGOLAND = (7.9, 54.2)


@pytest.fixture
def cod():
    return factories.taxon("Gadus morhua")


def summary(page: Page):
    return page.locator(".map-summary")


def canvas(page: Page):
    return page.get_by_role("application", name="Map of records")


def panel(page: Page):
    return page.locator(".map-panel")


def open_map(page: Page, portal: str, query: str, records: str) -> None:
    """Open the map and wait until it shows so many records."""
    page.goto(f"{portal}/{query}")
    expect(summary(page)).to_have_text(f"{records} in this view")


def conditions(page: Page) -> None:
    """Open the filter's form."""
    page.get_by_text("Filters", exact=True).click()


def decoded(body: bytes) -> dict:
    return mapbox_vector_tile.decode(body)


def click_middle(page: Page) -> None:
    box = canvas(page).bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def test_the_map_tells_how_many_records_it_shows_and_what_a_square_is(page, portal, cod):
    for place in (HELGOLAND, (-60, 40), (150, -20)):
        factories.observation(taxon=cod, at=place)
    open_map(page, portal, "?map=2/20/20", "3 records")
    expect(page.locator(".legend figcaption")).to_have_text(
        re.compile("Records per square \\(about .* wide\\)")
    )
    expect(page.locator(".leaflet-control-attribution")).to_contain_text(
        "OBIS and its data providers, WoRMS; land: Natural Earth"
    )


def test_a_single_record_opens_its_card_and_the_focus_comes_back(page, portal, cod):
    row = factories.observation(
        taxon=cod, at=HELGOLAND, locality="Helgoland", coordinate_uncertainty_in_meters=20_000
    )
    open_map(page, portal, "?map=6/54.2/7.9", "1 record")
    click_middle(page)
    expect(panel(page).get_by_role("heading", level=2)).to_have_text("Gadus morhua")
    expect(panel(page)).to_contain_text("Helgoland")
    expect(page.locator("path.map-extent")).to_be_visible()
    expect(panel(page).get_by_role("heading", level=2)).to_be_focused()
    expect(page).to_have_url(re.compile(f"#record={row.key}$"))
    page.keyboard.press("Escape")
    expect(panel(page)).to_be_hidden()
    expect(canvas(page)).to_be_focused()
    assert "#" not in page.url


def test_the_address_of_an_open_card_opens_it_again(page, portal, cod):
    row = factories.observation(taxon=cod, at=HELGOLAND)
    open_map(page, portal, f"?map=6/54.2/7.9#record={row.key}", "1 record")
    expect(panel(page)).to_contain_text("Gadus morhua")
    panel(page).get_by_role("link", name="View record").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Gadus morhua")


def test_a_square_of_many_records_lists_exactly_them(page, portal, cod):
    for _ in range(3):
        factories.observation(taxon=cod, at=HELGOLAND)
    factories.observation(taxon=cod, at=(100, -40))
    open_map(page, portal, "?map=4/54.2/7.9", "3 records")
    click_middle(page)
    expect(panel(page).get_by_role("heading", level=2, name="3 records").first).to_be_visible()
    expect(panel(page).get_by_role("article")).to_have_count(3)
    panel(page).get_by_role("link", name="Open full page").click()
    expect(page).to_have_url(re.compile(r"/observations/\?bbox=[-\d.]+,[-\d.]+,[-\d.]+,[-\d.]+$"))
    expect(page.get_by_role("article")).to_have_count(3)


def northern_edge(url):
    """Return the northern latitude, in degrees, of the view in the address of a summary."""
    return float(re.search(r"view=[^&]*,([-\d.]+)", url)[1])


@pytest.mark.parametrize(
    ("width", "height", "zoom"), [(2560, 1300, 2), (1440, 900, 1), (390, 844, 0)]
)
def test_every_record_counts_once_however_often_the_world_is_repeated(
    browser, portal, cod, watch, width, height, zoom
):
    for place in ((-150, 10), (5, 1), (120, -30), (150, 10), (8, 54)):
        factories.observation(taxon=cod, at=place)
    # Without motion a dragged map stops where it is let go.
    context = browser.new_context(
        viewport={"width": width, "height": height}, reduced_motion="reduce"
    )
    page = context.new_page()
    open_map(page, portal, f"?map={zoom}/10/0", "5 records")
    expect(page.locator(".map-total")).to_have_text("")
    box = canvas(page).bounding_box()
    y = box["y"] + 20
    for _ in range(4):  # several worlds away
        page.mouse.move(box["x"] + box["width"] - 10, y)
        page.mouse.down()
        page.mouse.move(box["x"] + 10, y, steps=4)
        page.mouse.up()
    expect(page).not_to_have_url(re.compile("/10/0$"))
    # At 390 px the view is a little less than the world; elsewhere it is asked for as the whole of
    # it.
    view = "/summary/" if width == 390 else "view=-180,-"
    with page.expect_response(
        lambda answer: "/summary/" in answer.url and northern_edge(answer.url) < 80
    ):
        page.get_by_role("button", name="Zoom in").click()
    with page.expect_response(lambda answer: view in answer.url and northern_edge(answer.url) > 80):
        page.get_by_role("button", name="Zoom out").click()
    expect(summary(page)).to_have_text("5 records in this view")
    page.get_by_role("button", name="List records in view").click()
    expect(panel(page).get_by_role("article")).to_have_count(5)
    context.close()


def test_the_map_says_of_how_many_records_its_view_is_part(page, portal, cod):
    factories.observation(taxon=cod, at=HELGOLAND)
    for _ in range(2):
        factories.observation(taxon=cod, at=(100, -40))
    open_map(page, portal, "?map=5/54/8", "1 record")
    expect(page.locator(".map-counts")).to_have_text("1 record in this view, of 3")
    expect(page.locator("#results")).to_contain_text("All matching records")


def test_the_keyboard_alone_moves_zooms_and_opens(page, portal, cod):
    factories.observation(taxon=cod, at=HELGOLAND)
    open_map(page, portal, "?map=6/54.2/7.9", "1 record")
    canvas(page).focus()
    page.keyboard.press("Enter")
    expect(panel(page)).to_contain_text("Gadus morhua")
    page.keyboard.press("Escape")
    page.keyboard.press("+")
    expect(page).to_have_url(re.compile(r"map=7/"))
    page.keyboard.press("ArrowRight")
    expect(page).not_to_have_url(re.compile(r"map=7/54\.2\d*/7\.9"))


def test_what_is_in_view_can_be_listed_without_aiming(page, portal, cod):
    factories.observation(taxon=cod, at=HELGOLAND)
    factories.observation(taxon=cod, at=(100, -40))
    open_map(page, portal, "?map=5/54/8", "1 record")
    button = page.get_by_role("button", name="List records in view")
    button.focus()
    page.keyboard.press("Enter")
    expect(panel(page).get_by_role("article")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(button).to_be_focused()


def test_filtering_changes_list_map_and_address_and_back_undoes_it(page, portal, cod):
    factories.observation(taxon=cod, at=HELGOLAND)
    factories.observation(taxon=factories.taxon("Mola mola"), at=(9, 55))
    open_map(page, portal, "?map=5/54/8", "2 records")
    conditions(page)
    page.get_by_label("Species or group", exact=True).fill("Mola mola")
    page.get_by_role("button", name="Apply").click()
    expect(summary(page)).to_have_text("1 record in this view")
    expect(page.get_by_role("article")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"\?(?=.*taxon=Mola(\+|%20)mola)(?=.*map=5/54)"))
    page.go_back()
    expect(summary(page)).to_have_text("2 records in this view")
    expect(page.get_by_role("article")).to_have_count(2)
    page.go_forward()
    expect(summary(page)).to_have_text("1 record in this view")
    page.reload()
    conditions(page)
    expect(page.get_by_label("Species or group", exact=True)).to_have_value("Mola mola")


def test_taking_a_condition_away_leaves_the_map_where_it_was(page, portal, cod):
    factories.observation(taxon=cod, at=HELGOLAND)
    open_map(page, portal, "?taxon=Gadus+morhua&map=5/54/8", "1 record")
    page.get_by_role("link", name="Remove Species or group").click()
    expect(page).to_have_url(re.compile(r"\?map=5"))
    assert "taxon" not in page.url


def test_a_filter_that_makes_no_sense_says_why_in_place(page, portal, cod, watch):
    watch.forgive("400")
    factories.observation(taxon=cod, at=HELGOLAND)
    open_map(page, portal, "?map=5/54/8", "1 record")
    conditions(page)
    page.get_by_role("textbox", name="From").fill("yesterday")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("#results")).to_contain_text("is not a date")


def test_the_antimeridian_is_an_ordinary_place(page, portal, cod):
    factories.observation(taxon=cod, at=(179.9, -17))
    for _ in range(2):
        factories.observation(taxon=cod, at=(-179.5, -17))
    open_map(page, portal, "?map=7/-17/180.5", "3 records")
    click_middle(page)
    expect(panel(page).get_by_role("article")).to_have_count(2)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="List records in view").click()
    expect(panel(page).get_by_role("article")).to_have_count(3)


def test_a_filtered_area_across_the_antimeridian_is_framed(page, portal, cod):
    factories.observation(taxon=cod, at=(179.9, -17))
    factories.observation(taxon=cod, at=(0, -17.5))
    open_map(page, portal, "?bbox=170,-30,-170,0", "1 record")
    expect(page.locator("path.map-area")).to_be_visible()


def test_missing_tiles_are_told_and_come_back_by_themselves_or_when_asked(page, portal, cod, watch):
    watch.forgive("Failed to load resource", "ERR_FAILED")
    factories.observation(taxon=cod, at=HELGOLAND)
    page.route("**/*.mvt*", lambda route: route.abort())
    page.goto(f"{portal}/?map=5/54/8")
    expect(
        page.get_by_role("alert").filter(has_text="Couldn't load part of the map.")
    ).to_be_visible()
    expect(summary(page)).to_have_text("Couldn't load records")
    page.unroute("**/*.mvt*")
    page.get_by_role("button", name="Try again").click()
    expect(summary(page)).to_have_text("1 record in this view")
    expect(page.locator(".map-problem")).to_be_hidden()


def test_no_number_is_told_of_a_view_that_is_still_loading(page, portal, cod):
    for place in (HELGOLAND, (100, -40), (-120, -30)):
        factories.observation(taxon=cod, at=place)
    held = []
    page.route("**/1/1/1.mvt*", lambda route: held.append(route))
    with page.expect_response("**/1/1/0.mvt*"), page.expect_response("**/1/0/1.mvt*"):
        page.goto(f"{portal}/?map=2/10/0")
    page.wait_for_timeout(500)  # for the tiles that came to be counted
    expect(page.locator(".map-counts")).to_have_text("Loading records …")
    for route in held:
        route.continue_()
    expect(page.locator(".map-counts")).to_have_text("3 records in this view")


def test_counts_of_the_earlier_filter_are_not_told_when_those_of_the_new_one_fail(
    page, portal, cod, watch
):
    watch.forgive("Failed to load resource", "ERR_FAILED")
    factories.observation(taxon=cod, at=HELGOLAND)
    factories.observation(taxon=factories.taxon("Mola mola"), at=(9, 55))
    open_map(page, portal, "?map=5/54/8", "2 records")
    page.route("**/*.mvt*", lambda route: route.abort())
    conditions(page)
    page.get_by_label("Species or group", exact=True).fill("Mola mola")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator(".map-counts")).to_have_text("Couldn't load records")


def test_a_search_that_is_refused_says_why_on_the_map(page, portal, cod, watch):
    watch.forgive("400")
    factories.observation(taxon=cod, at=HELGOLAND)
    page.goto(f"{portal}/?polygon=junk")
    expect(page.locator(".map-problem")).to_contain_text("This is neither GeoJSON nor WKT")
    expect(page.locator(".map-counts")).to_have_text("Check your filters")


def test_a_misspelt_name_in_the_filter_offers_names_like_it(page, portal, cod, watch):
    watch.forgive("400")
    factories.observation(taxon=cod, at=HELGOLAND)
    page.goto(f"{portal}/?taxon=Gadus+morrhua&map=5/54/8")
    expect(page.locator("#results").get_by_role("link", name="Gadus morhua")).to_be_visible()
    expect(page.locator("#filter-form").get_by_role("link", name="Gadus morhua")).to_be_visible()
    page.locator(".map-problem").get_by_role("link", name="Gadus morhua").click()
    expect(summary(page)).to_have_text("1 record in this view")
    expect(page).to_have_url(re.compile(rf"taxon={cod.pk}&map=5/54"))


def test_a_card_that_cannot_be_loaded_says_so(page, portal, cod, watch):
    watch.forgive("Failed to load resource", "ERR_FAILED")
    factories.observation(taxon=cod, at=HELGOLAND)
    open_map(page, portal, "?map=6/54.2/7.9", "1 record")
    page.route("**/card/", lambda route: route.abort())
    click_middle(page)
    expect(panel(page)).to_contain_text("Couldn't load this.")


def test_on_a_phone_the_world_fits_and_a_finger_need_not_hit_the_dot_exactly(
    browser, portal, cod, watch
):
    factories.observation(taxon=cod, at=HELGOLAND)
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    open_map(page, portal, "?map=6/54.2/7.9", "1 record")
    box = canvas(page).bounding_box()
    page.touchscreen.tap(box["x"] + box["width"] / 2 + 9, box["y"] + box["height"] / 2 - 7)
    expect(panel(page)).to_contain_text("Gadus morhua")
    # without a view in the address a phone shows all three seas
    for place in ((-150, 40), (153, -30)):
        factories.observation(taxon=cod, at=place)
    open_map(page, portal, "", "3 records")
    for name in ("Zoom in", "Near me", "List records in view"):
        assert page.get_by_role("button", name=name).bounding_box()["height"] >= 44
    context.close()


def test_on_a_phone_in_forced_colours_the_choices_stand_above_the_map_and_single_records_are_dots(
    browser, portal, cod, watch
):
    factories.observation(taxon=cod, at=HELGOLAND)
    factories.observation(taxon=cod, at=(7.9005, 54.2005))
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    page.emulate_media(forced_colors="active")
    with page.expect_response(
        lambda answer: "/tiles/observations/" in answer.url and answer.status == 200
    ) as drawn:
        open_map(page, portal, "?map=14/54.2/7.9", "2 records")
    assert {layer for layer in decoded(drawn.value.body()) if layer != "meta"} == {"points"}
    preset = page.get_by_role("navigation", name="Suggested searches").get_by_role(
        "link", name="All records"
    )
    assert preset.bounding_box()["y"] < canvas(page).bounding_box()["y"]
    assert canvas(page).bounding_box()["y"] < 844 / 2
    for part in (
        page.locator(".legend"),
        page.get_by_role("button", name="Zoom in"),
        summary(page),
    ):
        expect(part).to_be_visible()
    swatches = page.locator(".legend .swatch").evaluate_all(
        "all => all.map((each) => getComputedStyle(each).backgroundColor)"
    )
    assert len(set(swatches)) == len(swatches) > 3  # not all of one system colour
    page.get_by_role("link", name="Recent sightings").tap()
    expect(page.get_by_role("link", name="Recent sightings")).to_have_attribute(
        "aria-current", "true"
    )
    expect(summary(page)).to_have_text("2 records in this view")
    context.close()
