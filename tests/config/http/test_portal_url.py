"""PORTAL_URL decides where the portal is: the prefix of its paths and the origin of its links."""

import pytest
from django.core import mail
from django.test import Client, RequestFactory
from django.urls import get_script_prefix, set_script_prefix

from config.env import Site
from config.http.portal_url import absolute_url, mail_link, take_prefix_off
from tests.users.people import person

HOST = {"host": "localhost:6666"}


@pytest.fixture
def at(settings):
    """Put the portal at an address, as PORTAL_URL would."""
    before = get_script_prefix()

    def put(origin: str, prefix: str = "") -> None:
        settings.PORTAL = Site(origin, origin.partition("://")[2], prefix)
        settings.PORTAL_URL, settings.FORCE_SCRIPT_NAME = origin + prefix, prefix
        settings.COOKIE_PATH = settings.SESSION_COOKIE_PATH = settings.CSRF_COOKIE_PATH = (
            f"{prefix}/"
        )
        set_script_prefix(prefix)

    yield put
    set_script_prefix(before)


@pytest.mark.parametrize(
    ("asked", "path", "path_info"),
    [
        ("/sea/data/", "/sea/data/", "/data/"),
        ("/data/", "/sea/data/", "/data/"),  # a proxy took the prefix off
        ("/sea", "/sea/", "/"),
        ("/sea/", "/sea/", "/"),
        ("/", "/sea/", "/"),
        ("/seal/", "/sea/seal/", "/seal/"),
        ("/sea/sea/", "/sea/sea/", "/sea/"),
        ("/sea//data/", "/sea//data/", "//data/"),
    ],
)
def test_a_path_is_routed_by_what_follows_the_prefix(at, asked, path, path_info):
    at("https://example.org", "/sea")
    request = RequestFactory().get(asked)
    take_prefix_off(request)
    assert (request.path, request.path_info) == (path, path_info)


@pytest.mark.parametrize(
    ("location", "url"),
    [
        (None, "https://example.org/sea/data/?a=%C3%A9"),
        ("/sea/species/", "https://example.org/sea/species/"),
        ("?b=1", "https://example.org/sea/data/?b=1"),
        ("below/", "https://example.org/sea/data/below/"),
        ("https://obis.org/x", "https://obis.org/x"),
    ],
)
def test_absolute_links_begin_with_the_portals_origin(at, location, url):
    at("https://example.org", "/sea")
    request = RequestFactory().get("/sea/data/", {"a": "\u00e9"}, headers={"host": "evil.example"})
    take_prefix_off(request)
    assert absolute_url(request, location) == url


@pytest.mark.django_db
def test_pages_link_to_the_portals_own_address_whatever_the_host(at):
    at("https://portal.example.org")
    told = Client().get("/robots.txt", headers=HOST).content.decode()
    assert told.endswith("Sitemap: https://portal.example.org/sitemap.xml\n")
    parts = Client().get("/sitemap-pages.xml", headers=HOST).content.decode()
    assert "<loc>https://portal.example.org/data/</loc>" in parts
    assert "localhost" not in parts


@pytest.mark.parametrize(
    ("https", "port", "origin"),
    [
        (False, "80", "http://localhost"),
        (False, "8000", "http://localhost:8000"),
        (True, "8000", "https://localhost"),
    ],
)
def test_without_a_public_address_a_mailed_link_takes_no_port_from_the_host_header(
    settings, https, port, origin
):
    settings.HTTPS = https
    request = RequestFactory().get("/", headers=HOST, SERVER_PORT=port)
    assert (
        mail_link(request, "http://localhost:6666/accounts/?a=1#b") == f"{origin}/accounts/?a=1#b"
    )


def test_an_ipv6_host_stays_in_brackets_in_a_mailed_link():
    request = RequestFactory().get("/", headers={"host": "[::1]:6666"}, SERVER_PORT="8000")
    assert mail_link(request, "/accounts/") == "http://[::1]:8000/accounts/"


MAILS = {
    "/accounts/password/reset/": [{"email": "ada@example.org"}, {"email": "nobody@example.org"}],
    "/accounts/signup/": [
        {"email": "ada@example.org", "username": "adele", "password1": "nine dusky groupers"},
        {"email": "new@example.org", "username": "new-one", "password1": "nine dusky groupers"},
    ],
}
FORMS = [(address, form) for address, forms in MAILS.items() for form in forms]


@pytest.mark.django_db
@pytest.mark.parametrize(("origin", "prefix"), [("", ""), ("https://example.org:8443", "/sea")])
@pytest.mark.parametrize(("address", "form"), FORMS)
def test_every_mailed_link_is_the_portals_own(at, address, form, origin, prefix):
    person("ada")
    at(origin, prefix)
    Client().post(prefix + address, form, headers=HOST)
    assert f"{origin or 'http://localhost'}{prefix}/accounts/" in mail.outbox[0].body
    assert "6666" not in mail.outbox[0].body
    assert origin == "" or "localhost" not in mail.outbox[0].body
