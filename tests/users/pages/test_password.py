"""Changing and resetting a password."""

import pytest
from django.test import Client

from tests.users.pages.answers import link_in, seen
from tests.users.people import PASSWORD, person
from users import sessions
from users.models import AuditEntry, User

pytestmark = pytest.mark.django_db
RESET, CHANGE = "/accounts/password/reset/", "/accounts/password/change/"
NEW = "nine dusky groupers"


def follow(client, mail):
    """The page behind the mailed link."""
    return client.get(link_in(mail), follow=True)


def choose(client, page, password=NEW):
    return client.post(page.request["PATH_INFO"], {"password1": password, "password2": password})


def test_a_forgotten_password_is_replaced_through_the_mailed_link(client, mailoutbox):
    ada = person("ada")
    client.post(RESET, {"email": "ADA@example.org"})
    page = follow(client, mailoutbox[0])
    # the key is in no address that a page could give away
    assert "set-password" in page.request["PATH_INFO"]
    assert choose(client, page)["location"] == "/accounts/password/reset/key/done/"
    ada.refresh_from_db()
    assert ada.check_password(NEW)
    assert "password_changed" in AuditEntry.objects.values_list("action", flat=True)
    assert mailoutbox[1].to == ["ada@example.org"]  # told that it was changed


def test_the_link_is_good_once_and_for_four_hours(client, mailoutbox, settings):
    person("ada")
    client.post(RESET, {"email": "ada@example.org"})
    settings.PASSWORD_RESET_TIMEOUT = -1
    assert "has expired" in follow(Client(), mailoutbox[0]).content.decode()
    settings.PASSWORD_RESET_TIMEOUT = 4 * 3600
    choose(client, follow(client, mailoutbox[0]))
    assert "has expired" in follow(Client(), mailoutbox[0]).content.decode()
    assert "has expired" in client.get("/accounts/password/reset/key/1-forged/").content.decode()
    assert (
        "has expired"
        in client.get("/accounts/password/reset/key/zzzzzzzzzzzz-forged/").content.decode()
    )


def test_an_address_without_an_account_gets_the_same_answer_and_one_mail_too(client, mailoutbox):
    person("ada")
    person("sleeper", is_active=False)
    answers = {
        seen(Client().post(RESET, {"email": f"{name}@example.org"}))
        for name in ("ada", "nobody", "sleeper")
    }
    assert answers == {(302, "/accounts/password/reset/done/")}
    assert [len(mail.to) for mail in mailoutbox] == [1, 1, 1]
    assert ["it has no account" in mail.body for mail in mailoutbox] == [False, True, True]


def test_after_three_mails_no_more_are_sent_and_the_answer_stays_the_same(client, mailoutbox):
    person("ada")
    for n in range(5):
        assert (
            client.post(
                RESET, {"email": "ada@example.org"}, REMOTE_ADDR=f"198.51.100.{n}"
            ).status_code
            == 302
        )
    assert len(mailoutbox) == 3
    # the first still leads in
    assert "Choose a new password" in follow(Client(), mailoutbox[0]).content.decode()


def test_one_address_asks_twenty_times_an_hour_at_most(client):
    for n in range(20):
        client.post(RESET, {"email": f"guess{n}@example.org"})
    answer = client.post(RESET, {"email": "ada@example.org"})
    assert (answer.status_code, 3_500 < int(answer["Retry-After"]) <= 3_600) == (429, True)
    assert "Try again in 60 minutes" in answer.content.decode()


def test_who_has_a_new_password_need_not_wait_for_the_old_one_s_wrong_tries(client, mailoutbox):
    person("ada")
    for _ in range(6):
        refused = client.post(
            "/accounts/login/", {"login": "ada@example.org", "password": "forgotten"}
        )
    assert "Too many failed attempts" in refused.content.decode()
    client.post(RESET, {"email": "ada@example.org"})
    choose(client, follow(client, mailoutbox[0]))
    assert (
        client.post("/accounts/login/", {"login": "ada@example.org", "password": NEW})["location"]
        == "/"
    )


def test_the_link_also_proves_the_address(client, mailoutbox):
    fresh = User.objects.create_user("fresh@example.org", "fresh")
    client.post(RESET, {"email": "fresh@example.org"})
    choose(client, follow(client, mailoutbox[0]))
    assert fresh.has_verified_email
    assert (
        client.post("/accounts/login/", {"login": "fresh@example.org", "password": NEW})["location"]
        == "/"
    )


def test_an_address_that_is_only_wished_for_resets_nothing(client, ada, mailoutbox):
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    client.post("/accounts/email/", {"action_add": "", "email": "typing-error@example.org"})
    Client().post(RESET, {"email": "typing-error@example.org"})
    assert "it has no account" in mailoutbox[-1].body


def test_a_changed_password_ends_every_other_log_in(client, ada):
    other = Client()
    other.force_login(ada)
    tokens = sessions.start(client.get(CHANGE).wsgi_request, ada)
    form = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    assert client.post(CHANGE, form).status_code == 302
    assert client.get("/accounts/me/").status_code == 200
    assert other.get("/accounts/me/").status_code == 302
    assert sessions.family_of(type(tokens.access), str(tokens.access)) is None


@pytest.mark.parametrize(
    "form",
    [
        {"oldpassword": "wrong", "password1": NEW, "password2": NEW},
        {"oldpassword": PASSWORD, "password1": "ada@example.org", "password2": "ada@example.org"},
        {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW + "x"},
        {"oldpassword": "\x00", "password1": "\x00", "password2": "\x00"},
    ],
)
def test_a_change_needs_the_old_password_and_a_good_new_one(client, ada, form):
    assert client.post(CHANGE, form).status_code == 200
    assert User.objects.get().check_password(PASSWORD)


def test_only_who_is_logged_in_changes_a_password():
    assert Client().get(CHANGE)["location"].startswith("/accounts/login/")
