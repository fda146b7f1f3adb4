"""The own profile and the tokens for scripts: the owner's alone, field by field, scope by scope."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from tests.users.api.front_end import FrontEnd, problem, reasons
from tests.users.api.test_accounts import RIGHTS
from tests.users.people import person
from users.models import AuditEntry, PersonalAccessToken, TokenScope
from users.models.tokens import MOST_TOKENS

READ, WRITE = TokenScope.PROFILE_READ, TokenScope.PROFILE_WRITE


def test_people_change_what_they_say_of_themselves(logged_in, ada):
    said = {
        "displayName": "Ada L.",
        "units": "imperial",
        "vernacularLanguage": "fra",
        "isPublic": True,
        "language": "en",
    }
    answer = logged_in.send("patch", "profiles/me/", said)
    assert answer.status_code == 200
    assert said.items() <= answer.json().items()
    assert answer.json() == logged_in.get("profiles/me/").json()
    ada.refresh_from_db()
    assert (ada.display_name, ada.units, ada.vernacular_language, ada.is_public) == (
        "Ada L.",
        "imperial",
        "fra",
        True,
    )


FORGED = {
    "username": "root",
    "email": "mine@example.org",
    "dateJoined": "2001-01-01T00:00:00Z",
    "date_joined": "2001-01-01T00:00:00Z",
    "last_login": None,
    "permissions": ["users.change_user"],
    "user_permissions": [1],
    "groups": [1],
    "is_active": False,
    "password": "seven whelks and a limpet",
    "twoFactor": True,
    "token_families": [],
} | RIGHTS


@pytest.mark.parametrize("field", FORGED)
def test_no_read_only_field_is_set_by_sending_it(logged_in, ada, field):
    before = type(ada).objects.filter(pk=ada.pk).values().get()
    shown = logged_in.get("profiles/me/").json()
    assert logged_in.send("patch", "profiles/me/", {field: FORGED[field]}).json() == shown
    assert type(ada).objects.filter(pk=ada.pk).values().get() == before
    assert logged_in.knows() == "ada"


@pytest.mark.parametrize(
    ("said", "parameter"),
    [
        ({"units": "fathoms"}, "units"),
        ({"language": "tlh"}, "language"),
        ({"vernacularLanguage": "english"}, "vernacularLanguage"),
        ({"isPublic": "perhaps"}, "isPublic"),
        ({"displayName": "a" * 101}, "displayName"),
        ({"displayName": "a\x00b"}, "displayName"),
        ([], "body"),
    ],
)
def test_what_is_wrong_in_a_profile_is_named(logged_in, said, parameter):
    assert list(reasons(logged_in.send("patch", "profiles/me/", said))) == [parameter]


def test_nobody_reads_or_changes_a_profile_without_being_logged_in(tab, ada):
    for answer in (
        tab.get("profiles/me/"),
        tab.send("patch", "profiles/me/", {"displayName": "x"}),
    ):
        problem(answer, 401)
        assert answer.headers["WWW-Authenticate"] == "Bearer"


# --- Tokens for scripts ---------------------------------------------------------------------------------------------
def made(tab: FrontEnd, *scopes: str, **body) -> dict:
    answer = tab.post("tokens/", {"name": "export", "scopes": list(scopes or (READ,))} | body)
    assert answer.status_code == 201
    return answer.json()


def script(token: dict) -> FrontEnd:
    return FrontEnd(Authorization=f"Bearer {token['token']}")


def test_a_token_is_shown_once_and_kept_as_a_digest(logged_in, ada):
    token = made(logged_in, READ, WRITE, days=30)
    assert token["token"].startswith("mst_")
    (listed,) = logged_in.get("tokens/").json()["results"]
    assert listed == {name: value for name, value in token.items() if name != "token"}
    assert token["token"] not in str(PersonalAccessToken.objects.values().get())
    row = PersonalAccessToken.objects.get()
    assert row.expires_at - row.created_at == timedelta(days=30)
    assert list(
        AuditEntry.objects.filter(actor=ada, action="token_made").values_list("target", flat=True)
    ) == [f"token:{token['id']}"]


def test_a_token_needs_neither_cookie_nor_csrf_token_and_its_use_is_noted(logged_in):
    token = made(logged_in, READ, WRITE)
    assert script(token).knows() == "ada"
    answer = script(token).send("patch", "profiles/me/", {"displayName": "Robot"}, csrf=False)
    assert (answer.status_code, answer.json()["displayName"]) == (200, "Robot")
    assert logged_in.get("tokens/").json()["results"][0]["lastUsed"]


def test_a_token_does_what_its_scopes_say_and_never_reaches_passwords_and_tokens(logged_in):
    token = script(made(logged_in, READ))
    answer = token.send("patch", "profiles/me/", {"displayName": "Robot"}, csrf=False)
    assert problem(answer, 403) == "scope-missing"
    assert answer.json()["scope"] == "profile:write"
    assert problem(token.get("tokens/"), 403) == "no-token-here"
    for path in ("tokens/", "password/change/"):
        assert problem(token.post(path, csrf=False), 403) == "no-token-here"


def test_beside_an_authorization_header_cookies_are_ignored(logged_in):
    person("grace")
    other = FrontEnd()
    other.log_in("grace")
    token = made(other)
    logged_in.headers = {"Authorization": f"Bearer {token['token']}"}
    assert logged_in.knows() == "grace"
    for foreign in ("Bearer mst_unknown", "Bearer", "Bearer \xff", "Basic YWRhOmFkYQ==", "Token x"):
        logged_in.headers = {"Authorization": foreign}
        problem(logged_in.get("profiles/me/"), 401)


def test_a_token_ends_with_its_time_its_revocation_and_its_owner(logged_in, ada):
    expired, revoked, kept = made(logged_in), made(logged_in), made(logged_in)
    PersonalAccessToken.objects.filter(key=expired["id"]).update(expires_at=timezone.now())
    assert logged_in.send("delete", f"tokens/{revoked['id']}/").status_code == 204
    assert [script(token).knows() for token in (expired, revoked, kept)] == [None, None, "ada"]
    assert [token["id"] for token in logged_in.get("tokens/").json()["results"]] == [kept["id"]]
    type(ada).objects.filter(pk=ada.pk).update(is_active=False)
    assert script(kept).knows() is None


def test_tokens_of_others_are_not_there(logged_in, stranger, tab, db):
    token = made(logged_in)
    assert stranger.get("tokens/").json()["results"] == []
    for key in (token["id"], uuid4()):
        problem(stranger.send("delete", f"tokens/{key}/"), 404)
    nobody = FrontEnd()
    problem(nobody.get("tokens/"), 401)
    problem(nobody.send("delete", f"tokens/{token['id']}/"), 401)
    problem(stranger.send("delete", f"tokens/{PersonalAccessToken.objects.get().pk}/"), 404)
    assert script(token).knows() == "ada"


@pytest.mark.parametrize(
    ("change", "parameter"),
    [
        ({"scopes": []}, "scopes"),
        ({"scopes": ["everything"]}, "scopes.0"),
        ({"scopes": "profile:read"}, "scopes"),
        ({"days": 0}, "days"),
        ({"days": 100_000}, "days"),
        ({"name": ""}, "name"),
        ({"name": "a\x00"}, "name"),
    ],
)
def test_what_is_wrong_with_a_token_asked_for_is_named(logged_in, change, parameter):
    assert list(
        reasons(logged_in.post("tokens/", {"name": "export", "scopes": [READ]} | change))
    ) == [parameter]


def test_a_token_s_read_only_fields_are_not_set_by_sending_them(logged_in, ada):
    grace = person("grace")
    given = {
        "id": str(uuid4()),
        "user": grace.pk,
        "expires": "2999-01-01T00:00:00Z",
        "digest": "0" * 64,
        "token": "mine",
    }
    token = made(logged_in, **given)
    row = PersonalAccessToken.objects.get()
    assert (row.user, str(row.key)) == (ada, token["id"])
    assert not given.items() & token.items()
    assert row.expires_at < timezone.now() + timedelta(days=91)


def test_nobody_has_endless_tokens(logged_in, ada):
    for number in range(MOST_TOKENS):
        PersonalAccessToken.issue(ada, f"token {number}", [READ])
    assert (
        problem(logged_in.post("tokens/", {"name": "one more", "scopes": [READ]}), 409)
        == "too-many-tokens"
    )


@pytest.mark.parametrize("header", ["", " ", "Bearer", "Basic YTpi"])
def test_beside_an_authorization_header_no_cookie_counts_even_if_it_is_empty(logged_in, header):
    assert problem(logged_in.get("profiles/me/", Authorization=header), 401) == ""
