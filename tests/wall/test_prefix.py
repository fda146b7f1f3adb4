"""Below a path prefix every link, redirection and cookie of every route stays below it."""

import re

import pytest
from django.test import Client
from django.urls import get_script_prefix, set_script_prefix

from config.env import Site
from tests.users.people import PASSWORD
from tests.wall.endpoints import AUTH, Endpoint

pytestmark = pytest.mark.django_db
ORIGIN, PREFIX = "https://portal.example.org", "/sea"
# Addresses in attributes of pages; data-* too, since scripts ask there.
ATTRIBUTES = re.compile(
    r"""(?<=[\s"'])(?:href|src|srcset|action|formaction|content|hx-[a-z-]+|data-[a-z-]+)=["'](/[^"']*)"""
)
ABSOLUTE = re.compile(
    rf"https?://(?:testserver|{re.escape(ORIGIN.partition('://')[2])})[^\s\"'<>]*"
)


@pytest.fixture(autouse=True)
def below(settings):
    settings.PORTAL, settings.PORTAL_URL = (
        Site(ORIGIN, "portal.example.org", PREFIX),
        ORIGIN + PREFIX,
    )
    settings.FORCE_SCRIPT_NAME = PREFIX
    settings.STATIC_URL = f"{PREFIX}/static/"
    settings.COOKIE_PATH = settings.SESSION_COOKIE_PATH = settings.CSRF_COOKIE_PATH = f"{PREFIX}/"
    settings.LANGUAGE_COOKIE_PATH = f"{PREFIX}/"
    before = get_script_prefix()
    set_script_prefix(PREFIX)
    yield
    set_script_prefix(before)


def strays(answer) -> list[str]:
    """Return the addresses of ours in an answer that do not begin with the prefix."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    text = body.decode(errors="replace")
    found = ATTRIBUTES.findall(text) if "html" in answer.headers.get("Content-Type", "") else []
    headers = " ".join(
        answer.headers.get(name, "")
        for name in ("Link", "Location", "Content-Location", "HX-Redirect")
    )
    found += re.findall(r"(?:^|[\s<])(/[^\s>;,]*)", headers)
    stray = [
        path
        for path in found
        if not path.startswith(f"{PREFIX}/") or path.startswith(f"{PREFIX}{PREFIX}")
    ]
    absolute = [
        url for url in ABSOLUTE.findall(text + " " + headers) if not url.startswith(ORIGIN + PREFIX)
    ]
    return stray + [url for url in absolute if url != ORIGIN]


def test_all_that_a_route_says_stays_below_the_prefix(portal: dict[str, Endpoint], browser_of):
    pages = 0
    for name in ("", "ada", "superuser"):
        browser = browser_of(name)
        for route, one in portal.items():
            answer = browser.get(PREFIX + one.address)
            assert (route, answer.status_code < 500, strays(answer)) == (route, True, [])
            paths = {cookie["path"] for cookie in answer.cookies.values()}
            assert (route, {path for path in paths if not path.startswith(f"{PREFIX}/")}) == (
                route,
                set(),
            )
            pages += answer.status_code == 200
    assert pages > 150


@pytest.mark.parametrize(
    "address", ["/admin/", "/admin/species/curatedobservation/", "/nowhere/", "/data", "/?bbox=1"]
)
def test_the_admin_and_refusals_stay_below_it_too(browser_of, address):
    answer = browser_of("superuser").get(PREFIX + address)
    assert answer.status_code < 500
    assert strays(answer) == []


def test_the_cookies_of_the_api_belong_to_the_prefix(people):
    browser = Client()
    body = {"email": "ada@example.org", "password": PASSWORD}
    cookies = browser.post(f"{PREFIX}{AUTH}login/", body, content_type="application/json").cookies
    assert cookies["access_token"]["path"] == f"{PREFIX}/"
    assert cookies["refresh_token"]["path"] == f"{PREFIX}{AUTH}"


def test_logging_in_and_out_leads_to_the_map_below_it(people):
    browser = Client()
    logged_in = browser.post(
        f"{PREFIX}/accounts/login/", {"login": "ada@example.org", "password": PASSWORD}
    )
    assert (logged_in.status_code, logged_in.headers["Location"]) == (302, f"{PREFIX}/")
    assert browser.post(f"{PREFIX}/accounts/logout/").headers["Location"] == f"{PREFIX}/"


def test_public_reads_are_throttled_and_cookieless_below_it_as_well(settings):
    settings.THROTTLES = settings.THROTTLES | {"reads": (1, 60)}
    answers = [
        Client(REMOTE_ADDR="203.0.113.9").get(f"{PREFIX}/api/v1/statistics/") for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert "Cookie" not in answers[0].headers.get("Vary", "")
