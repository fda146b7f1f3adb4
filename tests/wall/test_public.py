"""What may be kept by anybody is the same for everybody; what is somebody's page is kept by their
browser alone.
"""

import pytest
from django.test import Client

from tests.users.people import PASSWORD
from tests.wall.endpoints import Endpoint

pytestmark = pytest.mark.django_db
COOKIES = {"sessionid", "csrftoken", "access_token", "refresh_token", "django_language", "messages"}
PAGE_VARIES = {"Cookie", "Accept-Language", "HX-Request"}


def public(portal: dict[str, Endpoint]) -> dict[str, Endpoint]:
    return {route: one for route, one in portal.items() if one.is_cookieless}


def walled(answer) -> bool:
    """Whether the answer says what a browser may do with it."""
    policy = answer.headers["Content-Security-Policy"]
    return (
        "default-src 'none'" in policy
        and "unsafe" not in policy
        and answer.headers["X-Content-Type-Options"] == "nosniff"
        and answer.headers["X-Frame-Options"] == "DENY"
        and answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        and answer.headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
        and answer.headers["Permissions-Policy"].startswith("geolocation=(self), ")
    )


def varies(answer) -> set[str]:
    return {part.strip() for part in answer.headers.get("Vary", "").split(",")} - {""}


@pytest.fixture
def known(people) -> Client:
    """A superuser who reads German in feet and miles, logged in by every cookie there is."""
    people["superuser"].units = "imperial"
    people["superuser"].save()
    browser = Client(headers={"Accept-Language": "de"})
    browser.force_login(people["superuser"])
    body = {"email": "root@example.org", "password": PASSWORD}
    browser.post("/api/v1/auth/login/", body, content_type="application/json")
    browser.get("/accounts/login/")
    browser.cookies["django_language"], browser.cookies["messages"] = "de", "garbled"
    browser.force_login(people["superuser"])
    browser.get("/api/v1/auth/csrf/")
    assert set(browser.cookies) == COOKIES
    return browser


@pytest.mark.parametrize(
    "address", ["/api/v1/observations/", "/ogc/", "/tiles/observations/0/0/0.mvt"]
)
def test_scripts_of_other_origins_may_ask_whether_what_they_hold_is_still_true(address):
    asked = {"Origin": "https://dive.example", "Access-Control-Request-Method": "GET"}
    told = Client().options(
        address, headers=asked | {"Access-Control-Request-Headers": "if-none-match"}
    )
    assert (told.status_code, told.headers["Access-Control-Allow-Origin"]) == (204, "*")
    assert "If-None-Match" in told.headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in told.headers


@pytest.mark.parametrize(
    "address", ["/api/v1/", "/tiles/zzz", "/words/xx.js", "/sitemap-x.xml", "/ogc/nothing"]
)
def test_where_there_is_nothing_public_no_cookie_is_set_either(address):
    answer = Client().get(address)
    assert (answer.status_code, dict(answer.cookies)) == (404, {})
    if address.startswith(("/api/", "/tiles/")):
        assert answer.headers["Content-Type"] == "application/problem+json"


def test_public_answers_set_no_cookie_and_are_equal_bytes_with_any_cookie(portal, known):
    assert len(public(portal)) > 30
    for route, one in public(portal).items():
        plain, asked = Client().get(one.address), known.get(one.address)
        assert (route, asked.status_code, body(asked) == body(plain)) == (
            route,
            plain.status_code,
            True,
        )
        assert (route, dict(plain.cookies), dict(asked.cookies)) == (route, {}, {})
        assert (route, varies(plain) & {"Cookie", "Accept-Language"}) == (route, set())
        assert (route, walled(plain)) == (route, True)
        garbled = Client().get(
            one.address, headers={"Cookie": 'sessionid=\x7f; csrftoken=y; a="b; =; ;'}
        )
        assert (route, body(garbled) == body(plain), dict(garbled.cookies)) == (route, True, {})


def body(answer) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def test_the_api_s_description_is_kept_and_asked_for_again_by_its_etag():
    first = Client().get("/api/v1/schema/")
    assert first.headers["Cache-Control"] == "public, max-age=3600"
    again = Client().get("/api/v1/schema/", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_pages_are_their_reader_s_alone_and_vary_on_who_asks_in_which_language_and_how(
    portal, browser_of
):
    pages = 0
    for name in ("", "moderator"):
        browser = browser_of(name)
        for route, one in portal.items():
            if one.is_cookieless:
                continue
            answer = browser.get(one.address)
            assert (route, walled(answer)) == (route, True)
            if not answer.headers.get("Content-Type", "").startswith("text/html"):
                continue
            pages += answer.status_code == 200
            control = answer.headers["Cache-Control"]
            assert (route, "private" in control, "no-cache" in control) == (route, True, True)
            assert (route, PAGE_VARIES - varies(answer)) == (route, set())
    assert pages > 40


def test_the_accounts_api_is_kept_by_nobody(portal, browser_of):
    for name in ("", "ada"):
        for route, one in portal.items():
            if one.is_personal_api:
                assert (route, browser_of(name).get(one.address).headers["Cache-Control"]) == (
                    route,
                    "no-store",
                )


def test_static_files_take_no_cookie_either(settings, tmp_path, people):
    (tmp_path / "portal.css").write_text("body {}")
    settings.STATIC_ROOT = tmp_path
    browser = Client()
    browser.force_login(people["ada"])
    browser.cookies["django_language"] = "de"
    plain, asked = Client().get("/static/portal.css"), browser.get("/static/portal.css")
    assert (plain.status_code, body(plain) == body(asked) == b"body {}") == (200, True)
    assert (dict(plain.cookies), dict(asked.cookies), varies(asked) & PAGE_VARIES) == (
        {},
        {},
        set(),
    )
    assert "public" in asked.headers["Cache-Control"]


# of log-in and sign-up, which begin a visit
FORMS = {"account_", "users:sign-up", "mfa_", "auth:csrf"}


def test_a_visitor_who_only_reads_gets_no_cookie(portal):
    got, pages = {}, 0
    for route, one in portal.items():
        if not any(route.startswith(form) for form in FORMS):
            answer = Client().get(one.address)
            got[route], pages = set(answer.cookies), pages + (answer.status_code == 200)
    assert {route: names for route, names in got.items() if names} == {}
    assert pages > 40
