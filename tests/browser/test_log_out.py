"""After log-out the Back button brings no page of the person back, also where the browser keeps
whole pages.
"""

import pytest
from playwright.sync_api import BrowserType, Page, expect

from tests.users.people import PASSWORD, person

pytestmark = pytest.mark.django_db(transaction=True)
NAME = "Ada Lovelace-Byron"


@pytest.fixture(params=["with pages kept", "without"])
def page_of_its_own(request, browser_type: BrowserType, browser_type_launch_args):
    """Playwright switches the back-forward cache off; people have it on."""
    kept = ["--disable-back-forward-cache"] if request.param == "with pages kept" else []
    browser = browser_type.launch(**browser_type_launch_args, ignore_default_args=kept)
    yield browser.new_page()
    browser.close()


def log_in(page: Page, portal: str) -> None:
    page.goto(f"{portal}/accounts/login/")
    page.locator("input[name=login]").fill("ada@example.org")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main button[type=submit]").first.click()
    page.wait_for_url(f"{portal}/")


def test_the_back_button_shows_nothing_of_a_person_who_has_logged_out(portal, page_of_its_own):
    page = page_of_its_own
    person("ada", display_name=NAME)
    log_in(page, portal)
    for path in (
        "/data/",
        "/accounts/me/",
        "/accounts/me/tokens/",
        "/accounts/me/",
        "/developers/",
    ):
        page.goto(portal + path)
        expect(page.locator(".account-menu summary")).to_have_text(NAME)
    page.locator(".account-menu summary").click()
    page.locator(".account-menu button").click()
    page.wait_for_url(f"{portal}/")
    for _ in range(5):
        page.go_back(wait_until="load")
        expect(page.locator("main")).to_be_visible()
        expect(page.locator(".account-menu")).to_have_count(0)
        expect(page.locator("body")).not_to_contain_text("ada@example.org")
