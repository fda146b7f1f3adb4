"""What is sent to the portal: without the CSRF token, with fields nobody may set, too large,
malformed, with NULs.
"""

import json
from typing import Any

import pytest
from django.apps import apps
from django.db.models import Model

from tests.users.people import PASSWORD
from tests.wall.endpoints import Endpoint, Who
from users.models import PersonalAccessToken, RoleRequest, User

pytestmark = pytest.mark.django_db
# They answer whoever is logged in; a cookie counts for nothing in them.
WITHOUT_COOKIES = {
    "auth:password-reset",
    "auth:password-reset-confirm",
    "auth:verify-email",
    "auth:verify-email-resend",
}
JSON = "application/json"


def taking(portal: dict[str, Endpoint]) -> dict[str, Endpoint]:
    """The endpoints that something can be sent to."""
    return {
        k: one
        for k, one in portal.items()
        if one.form is not None or one.patch is not None or one.deletes
    }


def send(browser, one: Endpoint, body: Any = None, **options: Any):
    """The body, or the one of the table, by the method that the endpoint takes, as JSON where it
    takes that.
    """
    method = "delete" if one.deletes else "post" if one.patch is None else "patch"
    if isinstance(body, bytes):
        return browser.generic(method.upper(), one.address, body, **options)
    data = body if body is not None else one.form if one.patch is None else one.patch
    if one.is_personal_api and "content_type" not in options:
        options["content_type"] = JSON
    return getattr(browser, method)(one.address, data or {}, **options)


def test_nothing_is_changed_without_the_csrf_token(portal, browser_of):
    browser = browser_of("moderator", enforce_csrf_checks=True)
    got = {
        k: send(browser, one).status_code
        for k, one in taking(portal).items()
        if k not in WITHOUT_COOKIES
    }
    assert got == dict.fromkeys(got, 403)
    assert len(got) > 40


def test_what_takes_nothing_answers_no_other_method_than_reading(portal, browser_of):
    browser = browser_of("superuser")
    closed = {
        k: one for k, one in portal.items() if k not in taking(portal) and k != "account_signup"
    }
    got = {(k, method): getattr(browser, method)(one.address).status_code
           for k, one in closed.items() for method in ("post", "delete")}  # fmt: skip
    assert {
        key: status for key, status in got.items() if status not in {301, 302, 403, 404, 405, 415}
    } == {}


# --- Fields nobody may set ------------------------------------------------------------------------------------------
VALUES = {
    "role": "moderator",
    "decision": "granted",
    "is_active": "",
    "units": "metric",
    "language": "en",
}
# or asked for
SAID = {"display_name", "language", "units", "vernacular_language", "is_public", "password"}
GUARDED = [f.attname for f in User._meta.concrete_fields if f.name not in {*SAID, "last_login"}] + [
    "password"
]


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))


def forged_fields(other: User) -> dict[str, str]:
    """Every field of the accounts' own models, under both spellings, with a value that somebody
    would like to have.
    """
    models: list[type[Model]] = [User, RoleRequest, PersonalAccessToken]
    names = [field.name for model in models for field in model._meta.get_fields()] + [
        "user_id",
        "pk",
        "id",
        "next_role",
    ]
    wished = {name: VALUES.get(name, str(other.pk)) for name in names if name not in SAID}
    return wished | {camel(name): value for name, value in wished.items()}


def test_no_form_and_no_body_sets_what_it_does_not_ask_for(portal, browser_of, people):
    browser, root = browser_of("ada"), people["superuser"]
    browser.post("/accounts/reauthenticate/", {"password": PASSWORD})
    before = list(User.objects.order_by("pk").values(*GUARDED))
    asked = {
        k: one for k, one in taking(portal).items() if k != "auth:logout" and "session" not in k
    }
    for one in asked.values():
        body = (
            forged_fields(root) | (one.form if one.patch is None else one.patch or {})
            if not one.deletes
            else None
        )
        browser.force_login(people["ada"])
        send(browser, one, body)
    still = User.objects.filter(pk__in=[user.pk for user in people.values()])
    assert list(still.order_by("pk").values(*GUARDED)) == before
    (new,) = User.objects.filter(email="n@example.org")  # whom the form signed up
    assert (new.role, new.is_staff, new.is_superuser) == ("observer", False, False)
    assert not User.groups.through.objects.exists()
    assert not RoleRequest.objects.exclude(decision="", user=people["ada"]).exists()
    assert set(PersonalAccessToken.objects.values_list("user", flat=True)) == {people["ada"].pk}


# --- Strange things -------------------------------------------------------------------------------------------------
FORM, PARTS = "application/x-www-form-urlencoded", "multipart/form-data"
STRANGE = {
    "NUL bytes": None,
    "nothing readable": (b"\xff\xfe\x00{", JSON),
    "deep JSON": (b"[" * 20_000, JSON),
    "half a form of many parts": (
        b"--x\r\nContent-Disposition: form-data; na",
        f"{PARTS}; boundary=x",
    ),
    "no boundary": (b"x", PARTS),
    "half a character": (b"name=%ff&query=%ED%A0%80&email=%00", FORM),
    "an unknown charset": (b"name=x", f"{FORM}; charset=klingon"),
    "too many fields": (b"&".join(b"f%d=x" % n for n in range(1_200)), FORM),
    "too much": (b"name=" + b"x" * 2_600_000, FORM),
}
REFUSALS = {400, 401, 403, 404, 405, 409, 410, 413, 415, 429}


@pytest.mark.parametrize("kind", STRANGE)
def test_what_is_strange_is_answered_in_words_wherever_it_is_sent(portal, browser_of, people, kind):
    browser = browser_of("moderator")
    got = {}
    for route, one in taking(portal).items():
        if sent := STRANGE[kind]:
            answer = send(browser, one, sent[0], content_type=sent[1])
        else:
            answer = send(
                browser, one, dict.fromkeys(one.form or one.patch or {"name": ""}, "a\x00b")
            )
        got[route] = answer.status_code
        browser.force_login(people["moderator"])  # log-outs and a few refusals end the log-in
    assert {
        route: status
        for route, status in got.items()
        if status not in REFUSALS | {200, 202, 204, 302}
    } == {}


@pytest.mark.parametrize(
    "query", ["a=%00&q=%00&page=%00&next=%00//x", "page=9" + "9" * 30 + "&%ff=%fe&x=" + "y" * 9_000]
)
def test_a_strange_address_is_answered_in_words_wherever_it_is_asked(portal, browser_of, query):
    browser = browser_of("superuser")
    joined = {
        k: one.address + ("&" if "?" in one.address else "?") + query for k, one in portal.items()
    }
    got = {k: browser.get(address).status_code for k, address in joined.items()}
    assert {k: status for k, status in got.items() if status >= 500} == {}


def test_json_that_is_no_object_is_refused_by_every_operation_of_the_accounts(portal, browser_of):
    browser = browser_of("moderator")
    for route, one in taking(portal).items():
        if one.is_personal_api and (one.form or one.patch):
            for body in ([], "text", 1, None):
                sent = send(browser, one, json.dumps(body), content_type=JSON)
                assert (route, body, sent.status_code) == (route, body, 400)


def test_every_model_of_the_accounts_is_thought_of():
    """A new model has to be put where it is forged above, or to be named here."""
    known = {
        "User",
        "RoleRequest",
        "PersonalAccessToken",
        "TokenFamily",
        "AuditEntry",
        "UnsentMail",
    }
    assert {model.__name__ for model in apps.get_app_config("users").get_models()} == known


def test_only_moderators_decide(portal, browser_of, people):
    one = portal["users:request-detail"]
    for name in ("ada", "stranger", "researcher", "staff"):
        assert send(browser_of(name), one).status_code == 403
    assert RoleRequest.objects.get().is_open
    assert one.who is Who.MODERATORS
    assert send(browser_of("moderator"), one).status_code == 302
    people["ada"].refresh_from_db()
    assert people["ada"].role == "researcher"
