"""The admin in a browser under the same strict policy: log in, see a record on its map, queue a
refresh, watch it.
"""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from species.models import RefreshRun, RunnerHeartbeat
from species.refresh.payload import pack_record
from tests import factories
from tests.users.people import PASSWORD, superuser

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("watch")]


@pytest.fixture
def admin(page: Page, portal: str) -> Page:
    """Logged in by the form, in another case than the address has."""
    superuser()
    page.goto(f"{portal}/admin/")
    page.get_by_label("Email address").fill("ROOT@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page.get_by_text("No runner seen yet")).to_be_visible()
    return page


def open_row(page: Page, portal: str, row) -> None:
    page.goto(f"{portal}/admin/species/{row._meta.model_name}/{row.pk}/change/")


DRAWN = """canvases => canvases.some((canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return data.some((value) => value > 0);
})"""


def shows_land(place: Locator) -> None:
    """Some tile has land, once it is there: others are all sea, or of the zoom before."""
    for _ in range(100):
        if place.locator("canvas").evaluate_all(DRAWN):
            return
        place.page.wait_for_timeout(100)
    raise AssertionError("no land near Helgoland")


def test_a_record_shows_its_place_on_our_own_map(admin, portal, watch):
    row = factories.observation(at=(7.9, 54.2))
    open_row(admin, portal, row)
    place = admin.locator("#place-map")
    marker = place.locator(".leaflet-marker-icon")
    expect(marker).to_be_visible()
    assert marker.evaluate("image => image.complete && image.naturalWidth > 0")
    assert place.locator(".leaflet-marker-shadow").evaluate(
        "image => image.complete && image.naturalWidth > 0"
    )
    expect(place.locator("canvas.leaflet-tile-loaded").first).to_be_attached()
    shows_land(place)
    expect(admin.locator(".leaflet-draw-toolbar")).to_have_count(0)


@pytest.mark.parametrize("where", [(179.999, -17.0), (-180.0, 89.9), (0.001, -77.8)])
def test_the_edges_of_the_world_break_no_map(admin, portal, where):
    open_row(admin, portal, factories.observation(at=where))
    expect(admin.locator("#place-map .leaflet-marker-icon")).to_be_attached()


def test_a_refresh_is_queued_and_watched_without_reloading(admin, portal):
    RunnerHeartbeat.beat()
    admin.goto(f"{portal}/admin/species/refreshrun/")
    admin.get_by_role("link", name="Queue a refresh").click()
    admin.get_by_label("Full: all datasets").check()
    admin.get_by_label("Taxa").fill("137205")
    admin.get_by_role("button", name="Queue this refresh").click()
    progress = admin.locator("#run-progress")
    expect(progress).to_contain_text("Queued")
    run = RefreshRun.objects.get()
    RefreshRun.objects.filter(pk=run.pk).update(
        state="running", records_planned=200, fetched=50, added=50
    )
    expect(progress).to_contain_text("50 of about 200 records")
    RefreshRun.objects.filter(pk=run.pk).update(state="failed", error="OBIS did not answer.")
    expect(progress.locator(".portal-red").first).to_have_text("Failed")
    expect(progress).to_contain_text("OBIS did not answer.")


def test_an_editor_prefers_a_common_name_by_keyboard(admin, portal):
    cod = factories.taxon("Gadus morhua")
    factories.vernacular(cod, "Atlantic cod")
    factories.vernacular(cod, "codling")
    open_row(admin, portal, cod)
    box = admin.get_by_role("row", name=re.compile("codling")).get_by_role("checkbox")
    box.focus()
    admin.keyboard.press("Space")
    admin.get_by_role("button", name="Save", exact=True).focus()
    admin.keyboard.press("Enter")
    expect(admin.get_by_text("was changed successfully")).to_be_visible()
    assert cod.vernacular_names.get(is_preferred=True).name == "codling"


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize(
    "model", ["taxon", "dataset", "curatedobservation", "refreshrun", "rejectedrecord"]
)
def test_every_list_and_row_keeps_the_policy_on_phone_and_desktop(admin, portal, model, width):
    row = factories.observation()
    row.dataset.rejected_records.create(
        key=row.key,
        record_hash=row.key,
        reason="no_taxon",
        payload=pack_record({}),
        first_seen=row.first_seen,
        last_seen=row.first_seen,
    )
    RefreshRun.objects.create(mode="full", state="failed", error="OBIS did not answer.")
    admin.set_viewport_size({"width": width, "height": 800})
    admin.goto(f"{portal}/admin/species/{model}/")
    admin.locator("#result_list tbody a").first.click()
    expect(admin.locator("#content h1, #content h2").first).to_be_visible()
    assert admin.evaluate("document.documentElement.scrollWidth <= innerWidth"), (
        "the page scrolls sideways"
    )
