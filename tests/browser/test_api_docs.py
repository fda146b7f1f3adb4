"""The API's documentation in a real browser, under the portal's strict policy and without a third
party.
"""

from playwright.sync_api import Page, expect

from tests import factories


def operations(page: Page, portal) -> int:
    """How many the schema itself has."""
    paths = page.request.get(f"{portal}/api/v1/schema/?format=json").json()["paths"]
    return sum(method != "parameters" for methods in paths.values() for method in methods)


def test_swagger_ui_shows_the_operations_and_tries_one_out(page: Page, portal, watch):
    factories.observation(taxon=factories.taxon("Mola mola"))
    page.goto(f"{portal}/api/v1/docs/")
    expect(page.locator(".opblock")).to_have_count(operations(page, portal))
    operation = page.locator(".opblock", has_text="List observations")
    operation.locator(".opblock-summary-control").click()
    expect(
        operation.get_by_text("west,south,east,north in degrees, including the edges")
    ).to_be_visible()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_role("button", name="Execute").click()
    expect(operation.locator(".live-responses-table").first).to_contain_text("Mola mola")


def test_the_docs_fit_a_phone(page: Page, portal, watch):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{portal}/api/v1/docs/")
    expect(page.locator(".opblock")).to_have_count(operations(page, portal))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_calls_are_made_on_the_developers_page_and_their_answers_shown_as_text(
    page: Page, portal, watch
):
    watch.forgive("400")
    factories.observation(
        taxon=factories.taxon("Mola mola"), locality="<img src=x onerror=alert(1)>"
    )
    page.goto(f"{portal}/developers/")
    page.get_by_role("button", name="format=csv").click()
    answer = page.get_by_role("region", name="format=csv")
    expect(answer).to_contain_text("Content-Type: text/csv; charset=utf-8")
    expect(answer).to_contain_text("<img src=x")
    page.get_by_role("button", name="bbox=1").click()
    expect(page.get_by_text("400 Bad Request")).to_be_visible()
    expect(page.get_by_role("region", name="bbox=1")).to_contain_text("Enter west,south,east,north")
