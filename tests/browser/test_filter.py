"""The filter as a visitor meets it: ticking, uploading, taking away and saving, with JavaScript and
without.
"""

import json
import re

import pytest
from playwright.sync_api import expect

from tests import factories

SQUARE = {"type": "Polygon", "coordinates": [[[0, 50], [10, 50], [10, 60], [0, 60], [0, 50]]]}


def unfold(page, group):
    """Open a group of conditions, and the filter around it where it is folded, on the list or on
    the map.
    """
    if not page.get_by_text(group, exact=True).is_visible():
        page.get_by_text(re.compile("^Filters$")).click()
    page.get_by_text(group, exact=True).click()


@pytest.mark.parametrize("javascript", [True, False])
def test_an_area_is_uploaded_narrowed_down_taken_away_and_saved(browser, portal, javascript):
    cod = factories.taxon("Gadus morhua")
    for place, month in (((7.9, 54.2), 6), ((7.9, 54.2), 1), ((120.0, 12.0), 6)):
        factories.observation(
            taxon=cod, at=place, date_start=factories.LONG_AGO.date().replace(month=month)
        )
    context = browser.new_context(java_script_enabled=javascript)
    page = context.new_page()
    page.goto(f"{portal}/observations/")
    expect(page.get_by_role("article")).to_have_count(3)
    unfold(page, "Where")
    area = {
        "name": "bight.geojson",
        "mimeType": "application/geo+json",
        "buffer": json.dumps(SQUARE).encode(),
    }
    page.get_by_label("Upload an area (GeoJSON)").set_input_files(area)
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.get_by_role("article")).to_have_count(2)
    expect(page.get_by_role("list", name="Active filters")).to_contain_text("area with 4 points")

    unfold(page, "When")
    page.get_by_label("June", exact=True).check()
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("article")).to_have_count(1)
    page.get_by_role("link", name=re.compile("Remove Polygon")).click()
    expect(page.get_by_role("article")).to_have_count(2)
    expect(page.get_by_label("Polygon", exact=True)).to_have_value("")
    expect(page.get_by_label("June", exact=True)).to_be_checked()

    page.get_by_role("button", name="Save search").click()
    short = page.get_by_role("link", name=re.compile("[0-9a-f]{20}"))
    page.goto(short.get_attribute("href"))
    expect(page.get_by_role("list", name="Active filters")).to_contain_text("June")
    expect(page).to_have_url(re.compile(r"\?months=6"))
    page.get_by_role("link", name="All records").click()
    expect(page.get_by_role("article")).to_have_count(3)
    expect(page.get_by_role("link", name="All records")).to_have_attribute("aria-current", "true")
    context.close()
