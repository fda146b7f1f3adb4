"""Tokens for scripts on a page of their own: made once the password is proved, shown once, listed,
revoked.
"""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.users.people import PASSWORD, person
from users.models import AuditEntry, PersonalAccessToken
from users.models.tokens import MOST_TOKENS

pytestmark = pytest.mark.django_db
URL = "/accounts/me/tokens/"
FORM = {"name": "nightly export", "scopes": ["profile:read"], "days": "30"}


def shown(text: str) -> list[str]:
    return re.findall(r"mst_[\w-]{20,}", text)


def test_a_token_is_shown_once_and_works_until_it_is_revoked(client, proved_ada):
    made = client.post(URL, FORM)
    (secret,) = shown(made.content.decode())
    assert "no-store" in made["Cache-Control"]
    header = {"Authorization": f"Bearer {secret}"}
    assert Client().get("/api/v1/auth/profiles/me/", headers=header).json()["username"] == "ada"
    page = client.get(URL).content.decode()
    assert (shown(page), "nightly export" in page, "Read your profile" in page, "Last used" in page) == (
        [], True, True, True,
    )  # fmt: skip
    token = PersonalAccessToken.objects.get()
    assert abs(token.expires_at - timezone.now() - timedelta(days=30)) < timedelta(minutes=1)
    assert client.post(f"{URL}{token.key}/revoke/")["location"] == URL
    assert Client().get("/api/v1/auth/profiles/me/", headers=header).status_code == 401
    log = (
        AuditEntry.objects.filter(target=f"token:{token.key}")
        .order_by("pk")
        .values_list("action", "details")
    )
    assert list(log) == [("token_made", {"scopes": ["profile:read"]}), ("token_revoked", {})]


def test_making_one_asks_for_the_password_and_then_goes_on(client):
    client.force_login(person("bob"))
    assert client.get(URL).status_code == 200
    asked = client.post(URL, FORM)
    assert asked["location"].startswith("/accounts/reauthenticate/")
    assert not PersonalAccessToken.objects.exists()
    made = client.post(asked["location"], {"password": PASSWORD}, follow=True)
    assert len(shown(made.content.decode())) == PersonalAccessToken.objects.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [{"name": ""}, {"name": "x" * 101}, {"name": "a\x00b"}, {"scopes": []}, {"scopes": ["everything"]},
     {"days": "0"}, {"days": "99999"}, {"days": "soon"}],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_the_form(client, proved_ada, wrong):
    answer = client.post(URL, FORM | wrong)
    assert (answer.status_code, 'aria-invalid="true"' in answer.content.decode()) == (200, True)
    assert not PersonalAccessToken.objects.exists()


def test_a_forged_form_makes_no_token_for_somebody_else_or_for_longer(client, proved_ada):
    eve = person("eve")
    forged = {
        "user": eve.pk,
        "user_id": eve.pk,
        "digest": "x",
        "expires_at": "2999-01-01",
        "key": "x",
        "secret": "mst_x",
    }
    client.post(URL, FORM | forged)
    token = PersonalAccessToken.objects.get()
    assert (token.user, token.expires_at < timezone.now() + timedelta(days=31)) == (
        proved_ada,
        True,
    )


def test_others_tokens_are_neither_seen_nor_revoked(client, proved_ada):
    token, _ = PersonalAccessToken.issue(person("eve"), "eves own", ["profile:read"])
    assert "eves own" not in client.get(URL).content.decode()
    assert client.post(f"{URL}{token.key}/revoke/").status_code == 404
    assert PersonalAccessToken.objects.exists()
    assert Client().get(URL)["location"] == f"/accounts/login/?next={URL}"


def test_an_expired_one_says_so_and_one_too_many_is_refused(client, proved_ada):
    PersonalAccessToken.issue(proved_ada, "old", ["profile:read"])
    PersonalAccessToken.objects.update(expires_at=timezone.now())
    assert "Expired" in client.get(URL).content.decode()
    for number in range(MOST_TOKENS):
        PersonalAccessToken.issue(proved_ada, f"n{number}", ["profile:read"])
    assert "maximum number of tokens" in client.post(URL, FORM).content.decode()
