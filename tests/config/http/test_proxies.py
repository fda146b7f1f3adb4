"""X-Forwarded-Proto counts only from the proxies in TRUSTED_PROXIES."""

import pytest
from django.test import Client

from config.checks import check_portal_url, check_trusted_proxies

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def over_https(settings):
    settings.SECURE_SSL_REDIRECT = True


@pytest.mark.parametrize(
    ("peer", "trusted", "scheme", "status"),
    [
        ("203.0.113.7", [], "https", 301),
        ("127.0.0.1", [], "https", 301),  # not even this machine is trusted unasked
        ("203.0.113.7", ["10.0.0.0/8"], "https", 301),
        ("10.1.2.3", ["10.0.0.0/8"], "https", 200),
        ("10.1.2.3", ["10.0.0.0/8"], "http", 301),
        ("10.1.2.3", ["10.0.0.0/8"], "ftp", 301),
        ("2001:db8::7", ["2001:db8::/32"], "https", 200),
        ("", ["127.0.0.1"], "https", 200),  # a unix socket
        ("", [], "https", 301),
    ],
)
def test_only_a_trusted_proxy_says_that_a_request_came_by_https(
    settings, peer, trusted, scheme, status
):
    settings.TRUSTED_PROXIES = trusted
    answer = Client(REMOTE_ADDR=peer).get("/robots.txt", headers={"X-Forwarded-Proto": scheme})
    assert answer.status_code == status


def test_a_connection_that_is_https_itself_needs_no_header():
    assert Client().get("/robots.txt", secure=True).status_code == 200


@pytest.mark.parametrize(
    "name",
    ["X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Prefix", "Script-Name", "Forwarded"],
)
def test_no_other_header_changes_a_link_not_even_from_a_trusted_proxy(settings, name):
    settings.TRUSTED_PROXIES, settings.SECURE_SSL_REDIRECT = ["127.0.0.1"], False
    told = Client().get("/robots.txt", headers={name: "evil"}).content.decode()
    assert told.endswith("Sitemap: http://testserver/sitemap.xml\n")


@pytest.mark.parametrize(
    ("behind", "trusted", "found"),
    [(True, [], ["config.E001"]), (True, ["127.0.0.1"], []), (False, [], [])],
)
def test_behind_proxy_without_trusted_proxies_is_an_error_that_says_what_to_set(
    settings, behind, trusted, found
):
    settings.BEHIND_PROXY, settings.TRUSTED_PROXIES = behind, trusted
    messages = check_trusted_proxies(None)
    assert [message.id for message in messages] == found
    assert all("TRUSTED_PROXIES" in str(message.hint) for message in messages)


@pytest.mark.parametrize(
    ("url", "found"), [("", ["config.W001"]), ("https://portal.example.org", [])]
)
def test_a_deployment_without_a_public_address_is_warned(settings, url, found):
    settings.PORTAL_URL = url
    assert [message.id for message in check_portal_url(None)] == found
