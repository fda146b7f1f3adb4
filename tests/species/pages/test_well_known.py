"""Addresses that browsers and password managers try on their own."""

from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from tests.users.people import person

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("/favicon.ico", b"\x00\x00\x01\x00"),
        ("/apple-touch-icon.png", b"\x89PNG"),
        ("/apple-touch-icon-precomposed.png", b"\x89PNG"),
        ("/apple-touch-icon-120x120.png", b"\x89PNG"),
    ],
)
def test_icons_are_found_where_browsers_try(client, address, kind):
    response = client.get(address)
    assert response.status_code == 302
    with Path(finders.find(response.url.removeprefix("/static/"))).open("rb") as file:
        assert file.read(4) == kind


def test_a_password_manager_finds_the_page_that_changes_the_password(client):
    assert client.get("/.well-known/change-password").url == "/accounts/password/change/"
    ends = client.get("/.well-known/change-password", follow=True)
    assert (ends.status_code, ends.request["PATH_INFO"]) == (200, "/accounts/login/")
    client.force_login(person("ada"))
    ends = client.get("/.well-known/change-password", follow=True)
    assert ends.status_code == 200
    assert ends.request["PATH_INFO"] != "/accounts/login/"


def test_no_other_well_known_address_answers(client):
    address = "/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200"
    assert client.get(address).status_code == 404
