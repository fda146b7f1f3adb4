"""Who may keep an answer, and on what it depends."""

import pytest

from tests.users.people import superuser

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "path", ["/", "/data/", "/accounts/login/", "/nothing-here/", "/people/nobody/"]
)
def test_pages_are_private_and_vary_on_who_asks_how_and_in_what(client, path):
    answer = client.get(path)
    assert "private" in answer["Cache-Control"]
    assert {"Cookie", "Accept-Language", "HX-Request"} <= {
        part.strip() for part in answer["Vary"].split(",")
    }


def test_what_is_no_page_says_itself_how_long_it_keeps(client):
    assert client.get("/healthz").headers.get("Cache-Control") != "private, no-cache"


@pytest.mark.parametrize(
    "path",
    ["/", "/observations/", "/data/", "/nothing-here/", "/accounts/me/", "/accounts/me/data/", "/accounts/me/tokens/",
     "/accounts/sessions/", "/accounts/role/", "/accounts/2fa/", "/moderation/requests/", "/admin/",
     "/admin/users/user/", "/admin/jsi18n/", "/api/v1/auth/profiles/me/"],
)  # fmt: skip
def test_nothing_that_shows_a_person_is_stored(client, path):
    client.force_login(superuser())
    assert "no-store" in client.get(path)["Cache-Control"]


@pytest.mark.parametrize(
    "path",
    ["/accounts/login/", "/accounts/signup/", "/accounts/password/reset/key/1-forged/", "/accounts/me/",
     "/accounts/confirm-email/MTIz:forged/"],
)  # fmt: skip
def test_pages_that_lead_into_an_account_are_not_stored_either(client, path):
    assert "no-store" in client.get(path)["Cache-Control"]


def test_public_pages_may_be_kept_for_the_back_button(client):
    assert "no-store" not in client.get("/data/")["Cache-Control"]
