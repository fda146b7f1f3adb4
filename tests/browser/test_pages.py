"""Every page in a browser: nothing from elsewhere, not too wide for a phone, no barrier, usable as
plain HTML.
"""

import pytest
from playwright.sync_api import expect

from species.models import RefreshRun
from species.models.refresh_run import RefreshMode, RunState
from species.terms import Finding, ObisFlag
from tests import factories

PAGES = (
    *(
        "map",
        "list",
        "filtered",
        "empty",
        "refused",
        "record",
        "withdrawn",
        "data",
        "rules",
        "unknown",
    ),
    *("tree", "found", "taxon", "higher taxon", "datasets", "dataset", "absences"),
    *("features", "feature", "queryables", "pyramid", "developers"),
)
# what a browser writes to its console of pages that are meant to refuse
REFUSALS = ("400", "404", "410")


@pytest.fixture
def addresses(portal) -> dict[str, str]:
    """One portal with every kind of page."""
    animals = factories.taxon("Animalia", rank="Kingdom")
    cod = factories.taxon("Gadus morhua", kingdom="Animalia", parent=animals, iucn_category="VU")
    factories.vernacular(cod, "morue", "fra")
    survey = factories.dataset(
        "A survey with a title that is long enough to need a second line on every phone"
    )
    doubts = {
        "obis_flags": int(ObisFlag.ON_LAND),
        "findings": int(Finding.PLACE_VAGUE),
        "sst": 11.5,
    }
    row = factories.observation(
        taxon=cod,
        dataset=survey,
        common_name="Atlantic cod",
        as_given={"sex": "Macho"},
        locality="x" * 200,
        coordinate_uncertainty_in_meters=30_000,
        **doubts,
    )
    for _ in range(30):
        factories.observation(taxon=cod, dataset=survey)
    gone = factories.observation(taxon=cod, dataset=survey, withdrawn_at=factories.LONG_AGO)
    factories.observation(taxon=cod, dataset=survey, occurrence_status="absent")
    factories.observation(dataset=factories.dataset("Demonstration: a sea", source="demonstration"))
    paths = {
        "map": "/",
        "list": "/observations/",
        "filtered": "/observations/?taxon=Gadus+morhua&from=2000&bbox=0,50,10,60",
        "empty": "/observations/?from=2090",
        "refused": "/observations/?from=yesterday",
        "record": f"/observations/{row.key}/",
        "withdrawn": f"/observations/{gone.key}/",
        "data": "/data/",
        "rules": "/data/rules/",
        "unknown": "/nothing-here/",
        "tree": "/species/",
        "found": "/species/?q=morue",
        "taxon": cod.get_absolute_url(),
        "higher taxon": animals.get_absolute_url(),
        "datasets": "/datasets/",
        "absences": "/absences/",
        "dataset": survey.get_absolute_url(),
        "developers": "/developers/",
        "features": "/ogc/collections/observations/items?f=html&limit=5",
        "feature": f"/ogc/collections/observations/items/{row.key}?f=html",
        "queryables": "/ogc/collections/observations/queryables?f=html",
        "pyramid": "/ogc/tileMatrixSets/WebMercatorQuad?f=html",
    }
    return {name: portal + path for name, path in paths.items()}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_sound_on_a_phone_and_on_a_desktop_in_light_and_dark(
    page, addresses, watch, axe, name
):
    watch.forgive(*REFUSALS)
    for width, scheme in ((390, "light"), (1440, "dark")):
        page.set_viewport_size({"width": width, "height": 844})
        page.emulate_media(color_scheme=scheme)
        page.goto(addresses[name])
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert axe(page) == []


def test_words_in_a_narrow_table_are_not_broken_letter_by_letter(page, portal, watch):
    RefreshRun.objects.create(
        mode=RefreshMode.INCREMENTAL, state=RunState.DONE, started_at=factories.LONG_AGO
    )
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{portal}/data/")
    tag = page.locator("td .tag").first
    line = tag.evaluate("(tag) => parseFloat(getComputedStyle(tag).lineHeight)")
    assert tag.bounding_box()["height"] < 1.9 * line


def test_names_of_rules_are_broken_between_their_words_only(page, portal, watch):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{portal}/data/rules/")
    head = page.get_by_role("rowheader", name="unreadable", exact=True)
    line = head.evaluate("(head) => parseFloat(getComputedStyle(head).lineHeight)")
    words = head.evaluate(
        "(head) => { const all = new Range(); all.selectNodeContents(head); return all.getBoundingClientRect().height }"
    )
    assert words < 1.9 * line
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("name", ["map", "list"])
def test_without_javascript_the_portal_is_a_list_with_a_filter(browser, addresses, name):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(addresses[name])
    expect(page.get_by_role("article")).to_have_count(25)
    page.get_by_role("link", name="Next 25").click()
    expect(page.get_by_role("article")).to_have_count(7)
    page.goto(addresses[name])
    page.get_by_text("Filters", exact=True).click()
    page.get_by_label("Species or group", exact=True).fill("Gadus morhua")
    page.get_by_role("textbox", name="From").fill("2090")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("No records match these filters")).to_be_visible()
    page.goto(addresses["record"])
    expect(page.get_by_role("heading", level=1)).to_have_text("Gadus morhua")
    page.get_by_role("link", name="Gadus morhua").click()
    page.get_by_role("link", name="Show years, seasons and depths").click()
    expect(page.get_by_role("table").first).to_be_visible()
    context.close()


def test_turning_a_page_moves_the_reader_to_the_head_of_the_list(page, addresses, watch):
    page.goto(addresses["list"])
    page.get_by_role("link", name="Next 25").click()
    expect(page.get_by_role("article")).to_have_count(7)
    expect(page.get_by_role("heading", name="32 records")).to_be_focused()
    page.go_back()
    expect(page.get_by_role("article")).to_have_count(25)


def test_the_keyboard_reaches_the_content_first(page, addresses, watch):
    page.goto(addresses["data"])
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_the_tree_opens_branch_by_branch_without_leaving_the_page(page, addresses, watch):
    page.goto(addresses["tree"])
    page.get_by_role("group").filter(has_text="Animalia").locator("summary").press("Enter")
    expect(page.locator(".tree .tree summary")).to_contain_text("Gadus morhua")
    page.locator(".tree .tree summary").press("Enter")
    page.get_by_role("link", name="Open Gadus morhua").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Gadus morhua")


def test_the_record_page_draws_place_and_uncertainty(page, addresses, watch):
    page.goto(addresses["record"])
    expect(page.locator("location-map path")).to_have_count(2)


def test_a_list_that_cannot_be_loaded_says_so_and_keeps_what_was_there(page, addresses, watch):
    watch.forgive("Failed to load resource", "htmx:sendError", "htmx:afterRequest")
    page.goto(addresses["list"])
    page.route("**/observations/?*", lambda route: route.abort())
    page.get_by_role("link", name="Next 25").click()
    expect(page.locator("#results [data-problem]")).to_contain_text("Couldn't load")
    expect(page.get_by_role("article")).to_have_count(25)
