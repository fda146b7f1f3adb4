"""Who may ask what: every route of the portal, asked by everybody there is, with every kind of bad
token.
"""

from datetime import timedelta

import jwt
import pytest
from django.conf import settings as portal
from django.test import Client, RequestFactory
from django.utils import timezone

from species.models import SavedSelection
from tests.users.people import PASSWORD
from tests.wall.endpoints import TABLE, Endpoint, Who, admin_patterns, routes
from users import sessions
from users.models import PersonalAccessToken, TokenFamily

pytestmark = pytest.mark.django_db
CAST = ("", "ada", "researcher", "moderator", "staff", "superuser")
DECIDE = {"moderator", "superuser"}
JSON = "application/json"
KEY = portal.SIMPLE_JWT["SIGNING_KEY"]


def test_every_route_stands_in_the_table():
    assert sorted(set(routes()) ^ set(TABLE)) == []


def expected(one: Endpoint, name: str) -> int:
    if not name and one.who is not Who.EVERYBODY:
        return 401 if one.is_personal_api else 302
    if not name and one.anonymous:
        return one.anonymous
    if one.who is Who.MODERATORS and name not in DECIDE:
        return 403
    return one.get


def is_worth_asking(one: Endpoint, name: str) -> bool:
    """What is everybody's is asked by nobody in particular and, of pages, by one who is logged in."""
    return not name or one.who is not Who.EVERYBODY or (name == "ada" and not one.is_cookieless)


@pytest.mark.parametrize("name", CAST)
def test_a_page_answers_whom_it_is_for(portal, browser_of, name):
    asked = {k: one for k, one in portal.items() if is_worth_asking(one, name)}
    browser = browser_of(name)
    got = {route: browser.get(one.address).status_code for route, one in asked.items()}
    assert got == {route: expected(one, name) for route, one in asked.items()}


def admin_addresses() -> list[str]:
    """Every one of the admin's, of objects that are there or not."""
    fill = {
        "<path:object_id>": "1",
        "<id>": "1",
        "<path:content_type_id>": "1",
        "<int:content_type_id>": "1",
    }
    found = []
    for pattern in admin_patterns():
        for part, value in fill.items():
            pattern = pattern.replace(part, value)
        found.append("/" + pattern.split("(?P<url>")[0].removesuffix("$"))
    return found


def test_the_admin_lets_nobody_in_but_staff_and_staff_only_where_they_have_rights(
    people, browser_of
):
    addresses = admin_addresses()
    assert len(addresses) > 40
    for_all_staff = {
        "",
        "login/",
        "logout/",
        "jsi18n/",
        "password_change/",
        "password_change/done/",
        "r/1/1/",
    }
    let_in = [
        (name, address)
        for name in ("", "ada", "moderator", "staff")
        for browser in [browser_of(name)]
        for address in addresses
        if browser.get(address).status_code not in {302, 403, 404}
    ]
    assert [
        (name, path) for name, path in let_in if name != "staff" or path[7:] not in for_all_staff
    ] == []


# --- Tokens that are none -------------------------------------------------------------------------------------------
def forged(family: TokenFamily, key: str = KEY, algorithm: str = "HS256", **claims) -> str:
    token = sessions.tokens_of(family).access
    return jwt.encode(
        {**token.payload, "iss": portal.SIMPLE_JWT["ISSUER"], **claims}, key, algorithm
    )


BAD_TOKENS = {
    "algorithm none": lambda family: forged(family, "", "none"),
    "foreign key": lambda family: forged(family, "k" * 64),
    "expired": lambda family: forged(family, exp=1),
    "tampered": lambda family: forged(family)[:-6] + "AAAAAA",
    "a refresh token": lambda family: str(sessions.tokens_of(family).refresh),
    "of an ended log-in": lambda family: forged(family, sid="0" * 32),
    "nonsense": lambda family: r'"e30.\351\000.e30"',  # quoted, as cookies carry such characters
}


@pytest.fixture
def family(people) -> TokenFamily:
    return sessions.start(RequestFactory().post("/"), people["superuser"]).family


def test_a_good_token_opens_what_a_session_opens(portal, family):
    browser = Client()
    browser.cookies["access_token"] = forged(family)
    got = {
        route: browser.get(one.address).status_code
        for route, one in portal.items()
        if one.who is not Who.EVERYBODY
    }
    assert got == {route: expected(portal[route], "superuser") for route in got}


@pytest.mark.parametrize("kind", BAD_TOKENS)
def test_a_bad_token_opens_nothing_and_closes_nothing(portal, family, kind):
    # which no cookie jar would take
    browser = Client(headers={"Cookie": f"access_token={BAD_TOKENS[kind](family)}"})
    asked = {k: one for k, one in portal.items() if one.who is not Who.EVERYBODY} | {
        name: portal[name]
        for name in ("species:observation-list", "species:taxon-tree", "api:taxon-list")
    }
    got = {route: browser.get(one.address).status_code for route, one in asked.items()}
    assert got == {route: expected(one, "") for route, one in asked.items()}
    assert browser.get("/admin/").status_code == 302
    for method in ("post", "patch", "delete"):
        assert getattr(browser, method)(portal["auth:profile"].address, {}, JSON).status_code in {
            401,
            405,
        }


# --- Guessed numbers ------------------------------------------------------------------------------------------------
OWN = ("species:selection-name", "species:selection-delete", "users:token-revoke", "auth:token", "mfa_remove_webauthn",
       "mfa_edit_webauthn")  # fmt: skip


@pytest.mark.parametrize("name", ["stranger", "moderator", "superuser"])
def test_what_is_somebody_s_own_is_not_there_for_anybody_else(portal, browser_of, people, name):
    browser = browser_of(name)
    browser.post("/accounts/reauthenticate/", {"password": PASSWORD})
    for route in OWN:
        one = portal[route]
        answer = browser.delete(one.address) if one.deletes else browser.post(one.address, one.form)
        assert (route, answer.status_code) == (route, 404)
    saved = SavedSelection.objects.get()
    assert (saved.name, saved.owner, PersonalAccessToken.objects.count()) == ("", people["ada"], 1)
    assert people["keeper"].authenticator_set.count() == 1


def test_a_moderator_s_own_request_is_not_there_for_the_moderator(portal, browser_of, people):
    people["ada"].role_requests.update(user=people["moderator"])
    browser = browser_of("moderator")
    one = portal["users:request-detail"]
    assert (
        browser.get(one.address).status_code,
        browser.post(one.address, one.form).status_code,
    ) == (404, 404)


def test_an_own_token_that_has_expired_is_refused(people):
    _, secret = PersonalAccessToken.issue(people["ada"], "old", ["profile:read"])
    PersonalAccessToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    answer = Client().get(
        "/api/v1/auth/profiles/me/", headers={"Authorization": f"Bearer {secret}"}
    )
    assert answer.status_code == 401
