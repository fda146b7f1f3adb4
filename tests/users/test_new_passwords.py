"""Personal access tokens and a new password: a reset revokes them, a change offers to, and the mail
lists them.
"""

import pytest
from django.core.management import call_command
from django.test import Client

from tests.users.api.front_end import FrontEnd
from tests.users.pages.answers import link_in
from tests.users.people import PASSWORD, person, superuser
from users.models import AuditEntry, PersonalAccessToken, User

pytestmark = pytest.mark.django_db
NEW = "nine dusky groupers"
CHANGE, RESET = "/accounts/password/change/", "/accounts/password/reset/"
FORM = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}


@pytest.fixture
def ada() -> User:
    return person("ada")


@pytest.fixture
def secret(ada) -> str:
    return PersonalAccessToken.issue(ada, "nightly\nexport", ["profile:read", "profile:write"])[1]


def works(secret: str) -> bool:
    header = {"Authorization": f"Bearer {secret}"}
    return Client().get("/api/v1/auth/profiles/me/", headers=header).status_code == 200


def page_of(user: User) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def lists_the_token(mail) -> bool:
    return "- nightly export (profile:read, profile:write)" in mail.body and "mst_" not in mail.body


def test_a_reset_by_mail_revokes_tokens_and_the_mail_lists_them(client, secret, mailoutbox):
    client.post(RESET, {"email": "ada@example.org"})
    page = client.get(link_in(mailoutbox[0]), follow=True)
    client.post(page.request["PATH_INFO"], {"password1": NEW, "password2": NEW})
    assert not works(secret)
    assert lists_the_token(mailoutbox[-1])
    assert "were revoked" in mailoutbox[-1].body
    assert AuditEntry.objects.filter(action="token_revoked").count() == 1


def test_a_reset_through_the_api_does_the_same(secret, mailoutbox):
    tab = FrontEnd()
    tab.post("password/reset/", {"email": "ada@example.org"})
    key = link_in(mailoutbox[0]).rstrip("/").rpartition("/")[2]
    assert tab.post("password/reset/confirm/", {"key": key, "newPassword": NEW}).status_code == 200
    assert not works(secret)
    assert lists_the_token(mailoutbox[-1])


def test_a_reset_in_the_admin_does_the_same(ada, secret):
    form = {"password1": NEW, "password2": NEW, "usable_password": "true"}
    page_of(superuser()).post(f"/admin/users/user/{ada.pk}/password/", form)
    assert not works(secret)


def test_a_change_leaves_tokens_alone_unless_the_box_is_ticked(ada, secret, mailoutbox):
    browser = page_of(ada)
    assert 'name="revoke_tokens"' in browser.get(CHANGE).content.decode()
    assert browser.post(CHANGE, FORM).status_code == 302
    assert works(secret)
    assert lists_the_token(mailoutbox[-1])
    assert "still work" in mailoutbox[-1].body


def test_a_change_with_the_box_ticked_revokes_them(ada, secret, mailoutbox):
    page_of(ada).post(CHANGE, FORM | {"revoke_tokens": "on"})
    assert not works(secret)
    assert lists_the_token(mailoutbox[-1])
    assert "were revoked" in mailoutbox[-1].body


def test_there_is_no_box_where_there_is_no_token(ada, mailoutbox):
    browser = page_of(ada)
    assert "revoke_tokens" not in browser.get(CHANGE).content.decode()
    assert browser.post(CHANGE, FORM).status_code == 302
    assert "token" not in mailoutbox[-1].body


@pytest.mark.parametrize(
    ("said", "stays"),
    [({}, True), ({"revokeTokens": False}, True), ({"revokeTokens": True}, False)],
)
def test_the_api_revokes_them_only_when_told_so(secret, mailoutbox, said, stays):
    tab = FrontEnd()
    tab.log_in()
    answer = tab.post("password/change/", {"currentPassword": PASSWORD, "newPassword": NEW} | said)
    assert (answer.status_code, works(secret)) == (200, stays)
    assert lists_the_token(mailoutbox[-1])


def test_the_operator_revokes_them_on_the_command_line(secret):
    call_command("accounts", "revoke-tokens", "ada@example.org")
    assert not works(secret)
