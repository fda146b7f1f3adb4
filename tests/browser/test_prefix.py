"""The portal below a path: the map, its list, the search and the log-in ask for nothing outside it."""

import re
from urllib.parse import urlsplit

import pytest
from django.conf import settings as portal_settings
from django.core.handlers.wsgi import WSGIHandler
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from config.env import Site
from species.models import DataVersion
from tests import factories
from tests.users.people import PASSWORD, person

PREFIX = "/sea"


@pytest.fixture
def portal(settings, transactional_db):
    """A server below the prefix, as PORTAL_URL would have it."""
    settings.FORCE_SCRIPT_NAME, settings.STATIC_URL = PREFIX, f"{PREFIX}/static/"
    settings.COOKIE_PATH = settings.SESSION_COOKIE_PATH = settings.CSRF_COOKIE_PATH = f"{PREFIX}/"
    settings.LANGUAGE_COOKIE_PATH = f"{PREFIX}/"
    settings.ALLOWED_HOSTS = ["localhost"]
    DataVersion.objects.get_or_create(pk=1)
    # nothing is collected here
    settings.WHITENOISE_AUTOREFRESH = settings.WHITENOISE_USE_FINDERS = True
    server = LiveServer("localhost", start=False)
    # the portal serves its files itself, as everywhere else
    server.thread.static_handler = lambda media: WSGIHandler()
    server.start()
    settings.PORTAL = Site(server.url, "localhost", PREFIX)
    settings.PORTAL_URL = server.url + PREFIX
    yield server.url + PREFIX
    server.stop()


def test_all_that_the_pages_ask_for_is_below_the_prefix(page: Page, portal, watch):
    paths = set()
    page.on("request", lambda request: paths.add(urlsplit(request.url).path))
    person("ada")
    cod = factories.taxon("Gadus morhua")
    factories.observation(taxon=cod, at=(7.9, 54.2))
    page.goto(f"{portal}/?map=6/54.2/7.9")
    expect(page.locator(".map-summary")).to_have_text("1 record in this view")
    box = page.get_by_role("application", name="Map of records").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator(".map-panel")).to_contain_text("Gadus morhua")
    page.get_by_role("link", name="Log in").click()
    page.get_by_label("Email").fill("ada@example.org")
    page.get_by_label("Password").first.fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Log in").first.click()
    page.wait_for_url(re.compile(rf"^{re.escape(portal)}/\?map="))
    page.goto(f"{portal}/developers/")
    page.get_by_role("button", name="Run").first.click()
    expect(page.locator("live-call").first).to_contain_text("200")
    assert {cookie["path"] for cookie in page.context.cookies()} == {portal_settings.COOKIE_PATH}
    assert {path for path in paths if not path.startswith(f"{PREFIX}/")} == set()
    assert any(path.startswith(f"{PREFIX}/tiles/") for path in paths)
