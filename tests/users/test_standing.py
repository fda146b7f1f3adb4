"""Whatever closes an account, or gives it another password, role or right, ends its log-ins before
anybody asks.
"""

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client, RequestFactory
from django.urls import reverse

from tests.users.pages.answers import link_in
from tests.users.people import PASSWORD, person, superuser
from users import sessions, standing
from users.models import AuditEntry, PersonalAccessToken, RoleRequest, TokenFamily, User

pytestmark = pytest.mark.django_db
ASKED = RequestFactory().post("/api/v1/auth/login/")
NEW = "seven whelks and a limpet"
PASSWORDS = {"password1": NEW, "password2": NEW}


@pytest.fixture
def ada(client):
    """Logged in by a browser and through the API, and with a token for scripts."""
    user = person("ada")
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    sessions.start(ASKED, user)
    PersonalAccessToken.issue(user, "laptop", ["profile:read"])
    assert kept(user) == (1, 1, 1)
    return user


@pytest.fixture
def root():
    browser = Client()
    browser.force_login(superuser())
    return browser


def kept(user: User) -> tuple[int, int, int]:
    """How many sessions, log-ins through the API and tokens are in the tables."""
    mine = UserSession.objects.filter(user=user).values("session_key")
    alive = Session.objects.filter(session_key__in=mine).count()
    return alive, TokenFamily.objects.filter(user=user).count(), user.access_tokens.count()


def save_in_admin(root: Client, user: User, **changes: str):
    form = {
        "email": user.email,
        "username": user.username,
        "role": user.role,
        "is_active": "on",
    } | changes
    assert root.post(reverse("admin:users_user_change", args=[user.pk]), form).status_code == 302


def decided(user: User) -> None:
    asked = RoleRequest.objects.create(
        user=user, institution="NIOZ", orcid="0000-0002-1825-0097", reason="whelks"
    )
    moderator = Client()
    moderator.force_login(person("mo", role="moderator"))
    moderator.post(
        reverse("users:request-detail", args=[asked.pk]),
        {"decision": "granted", "note": "Welcome."},
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda root, ada: save_in_admin(root, ada, role="moderator"),
        lambda root, ada: save_in_admin(root, ada, is_staff="on"),
        lambda root, ada: call_command("roles", "set", ada.email, "researcher"),
        lambda root, ada: call_command("accounts", "log-out", ada.email),
        lambda root, ada: decided(ada),
    ],
    ids=["role", "rights", "role by command", "log-out by command", "decision"],
)
def test_another_role_or_right_ends_every_log_in_and_leaves_tokens(ada, root, change):
    change(root, ada)
    assert kept(ada) == (0, 0, 1)


def test_a_password_set_by_staff_ends_every_log_in_and_revokes_tokens(ada, root):
    page = reverse("admin:auth_user_password_change", args=[ada.pk])
    root.post(page, {"usable_password": "true"} | PASSWORDS)
    assert kept(ada) == (0, 0, 0)


@pytest.mark.parametrize(
    "close",
    [
        lambda root, ada: save_in_admin(root, ada, is_active=""),
        lambda root, ada: call_command("accounts", "close", "ADA@example.org"),
    ],
    ids=["admin", "command"],
)
def test_a_closed_account_has_neither_log_ins_nor_tokens_and_gets_none_back_when_it_is_opened(
    ada, root, close
):
    close(root, ada)
    assert kept(ada) == (0, 0, 0)
    call_command("accounts", "reopen", ada.email)
    assert kept(ada) == (0, 0, 0)
    assert (
        Client().post("/accounts/login/", {"login": ada.email, "password": PASSWORD}).status_code
        == 302
    )
    log = (
        AuditEntry.objects.filter(target=f"user:{ada.pk}")
        .order_by("pk")
        .values_list("action", flat=True)
    )
    assert list(log)[-2:] == ["account_closed", "account_reopened"]


def test_another_name_ends_nothing(ada, root):
    save_in_admin(root, ada, display_name="Ada L.")
    assert kept(ada) == (1, 1, 1)


def test_who_changes_the_own_password_goes_on_in_this_browser_alone(client, ada):
    other = Client()
    other.post("/accounts/login/", {"login": ada.email, "password": PASSWORD})
    client.post("/accounts/password/change/", {"oldpassword": PASSWORD} | PASSWORDS)
    assert kept(ada) == (1, 0, 1)
    assert client.get("/accounts/me/").status_code == 200
    assert list(UserSession.objects.values_list("session_key", flat=True)) == [
        client.session.session_key
    ]
    assert other.get("/accounts/me/").status_code == 302


def test_a_password_that_is_reset_by_mail_ends_every_log_in_and_revokes_tokens(ada, mailoutbox):
    somewhere = Client()
    somewhere.post("/accounts/password/reset/", {"email": ada.email})
    page = somewhere.get(link_in(mailoutbox[-1]), follow=True)
    somewhere.post(page.request["PATH_INFO"], PASSWORDS)
    assert kept(ada) == (0, 0, 0)


def test_staff_change_their_own_password_where_the_old_one_is_asked_for(root):
    me = User.objects.get(username="root")
    answer = root.post(reverse("admin:auth_user_password_change", args=[me.pk]), PASSWORDS)
    assert answer["location"] == "/accounts/password/change/"


def test_the_last_superuser_is_not_closed():
    root = superuser()
    with pytest.raises(ValidationError):
        standing.close(root)
    with pytest.raises(CommandError, match="only superuser account"):
        call_command("accounts", "close", root.email)
    superuser("other")
    standing.close(root)


def test_an_account_that_is_not_there_is_said_so():
    with pytest.raises(CommandError, match="No account has the email"):
        call_command("accounts", "close", "nobody@example.org")
