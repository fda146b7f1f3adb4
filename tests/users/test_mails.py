"""Mail that the server does not take: kept without its text, sent later, seen by the operator,
given up in the end.
"""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings as portal_settings
from django.core import mail, serializers
from django.core.mail.backends.base import BaseEmailBackend
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from tests.markup import squeezed
from tests.users.api.front_end import FrontEnd
from tests.users.pages.answers import link_in, seen
from tests.users.people import PASSWORD, person, staff, superuser
from users import mails
from users.models import PersonalAccessToken, RoleRequest, UnsentMail, User

pytestmark = pytest.mark.django_db
NEW = "nine dusky groupers"
RESET, SIGN_UP = "/accounts/password/reset/", "/accounts/signup/"
ADMIN_LIST = "/admin/users/unsentmail/"
WORKING = "django.core.mail.backends.locmem.EmailBackend"


class RefusingBackend(BaseEmailBackend):
    """A server that is up, and refuses each mail to eve."""

    def send_messages(self, email_messages):
        from smtplib import SMTPRecipientsRefused

        for message in email_messages:
            if "eve@example.org" in message.to:
                raise SMTPRecipientsRefused({"eve@example.org": (550, b"no such user")})
            mail.outbox.append(message)
        return len(email_messages)


@pytest.fixture
def down(settings):
    """A mail server that nobody answers at."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9


@pytest.fixture
def back(settings):
    """Call it when the server is up again: runs the queue as it would run after so many minutes."""

    def after(minutes: float = 6) -> tuple[int, int]:
        settings.EMAIL_BACKEND = WORKING
        return mails.send_due(timezone.now() + timedelta(minutes=minutes))

    return after


def test_a_reset_is_kept_without_key_or_text_and_its_link_works_when_sent(client, down, back):
    person("ada")
    assert (
        client.post(RESET, {"email": "ada@example.org"})["location"]
        == "/accounts/password/reset/done/"
    )
    # what a dump of the database holds
    kept = serializers.serialize("json", UnsentMail.objects.all())
    assert not any(
        secret in kept
        for secret in ("/accounts/", "http://testserver/", "Somebody", "password/reset/key")
    )
    assert back() == (1, 0)
    page = client.get(link_in(mail.outbox[0]), follow=True)
    client.post(page.request["PATH_INFO"], {"password1": NEW, "password2": NEW})
    assert User.objects.get(username="ada").check_password(NEW)
    assert not UnsentMail.objects.exists()


def test_a_confirmation_is_kept_and_its_link_works_when_sent(client, down, back):
    form = {"email": "new@example.org", "username": "newt", "password1": PASSWORD}
    assert client.post(SIGN_UP, form)["location"] == "/accounts/confirm-email/"
    assert "key" not in json.dumps(UnsentMail.objects.get().facts)
    assert back() == (1, 0)
    assert Client().post(link_in(mail.outbox[0])).status_code == 302
    assert EmailAddress.objects.get(email="new@example.org").verified


def test_through_the_api_it_is_the_same(down, back):
    tab = FrontEnd()
    body = {"email": "new@example.org", "username": "newt", "password": PASSWORD}
    assert tab.post("register/", body).status_code == 201
    assert tab.post("password/reset/", {"email": "new@example.org"}).status_code == 202
    assert back() == (2, 0)


def test_a_known_and_an_unknown_address_get_the_same_answer_and_one_row_each(down):
    person("ada")
    answers = {
        seen(Client().post(RESET, {"email": f"{name}@example.org"})) for name in ("ada", "nobody")
    }
    assert len(answers) == 1
    signed = [
        {"email": f"{name}@example.org", "username": f"{name}-2", "password1": PASSWORD}
        for name in ("ada", "neu")
    ]
    assert len({seen(Client().post(SIGN_UP, form)) for form in signed}) == 1
    assert UnsentMail.objects.count() == 4


def test_every_mail_of_the_portal_can_be_kept():
    """A new template has to say how it is written again, or nobody could send it later."""
    import allauth

    roots = [
        Path(portal_settings.BASE_DIR) / "templates",
        Path(allauth.__file__).parent / "templates",
    ]
    found = {
        str(path.relative_to(root)).removesuffix("_subject.txt")
        for root in roots
        for folder in ("account", "mfa", "users", "species")
        for path in root.glob(f"{folder}/email/*_subject.txt")
    }
    switched_off = {
        "account/email/login_code",
        "account/email/password_reset_code",
        "account/email/email_confirm",
    }
    assert found - switched_off == set(mails.KINDS)


def test_other_mails_are_kept_with_what_they_state(client, down, back):
    ada, mo = person("ada"), person("mo", role="moderator")
    PersonalAccessToken.issue(ada, "nightly export", ["profile:read"])
    client.force_login(ada)
    client.post(
        "/accounts/password/change/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    )
    asked = RoleRequest.objects.create(
        user=ada, institution="NIOZ", orcid="0000-0002-1825-0097", reason="whelks"
    )
    client.force_login(mo)
    client.post(
        f"/moderation/requests/{asked.pk}/", {"decision": "refused", "note": "Say more, please."}
    )
    assert UnsentMail.objects.count() == 2
    ada.refresh_from_db()
    client.force_login(ada)
    client.post("/accounts/me/delete/", {"password": NEW, "sure": "on"})
    # What was kept for the account itself went with it.
    assert [row.template for row in UnsentMail.objects.all()] == ["users/email/account_deleted"]
    assert back() == (1, 0)
    assert "was deleted" in mail.outbox[0].body


def test_a_moderator_s_decision_is_sent_later(client, down, back):
    ada, mo = person("ada"), person("mo", role="moderator")
    asked = RoleRequest.objects.create(
        user=ada, institution="NIOZ", orcid="0000-0002-1825-0097", reason="whelks"
    )
    client.force_login(mo)
    client.post(
        f"/moderation/requests/{asked.pk}/", {"decision": "refused", "note": "Say more, please."}
    )
    assert back() == (1, 0)
    assert "Say more, please." in mail.outbox[0].body


def test_a_notice_says_later_what_it_said_at_first(client, down, back):
    ada = person("ada")
    PersonalAccessToken.issue(ada, "nightly export", ["profile:read"])
    client.force_login(ada)
    client.post(
        "/accounts/password/change/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    )
    assert back() == (1, 0)
    text = mail.outbox[0].body
    assert "Your password has been changed." in text
    assert "- nightly export (profile:read)" in text
    assert "IP address: 127.0.0.1" in text


def test_a_mail_speaks_the_language_in_which_it_was_asked_for(down, back):
    person("ada")
    Client(headers={"Accept-Language": "de"}).post(RESET, {"email": "ada@example.org"})
    back()
    assert "Passwort" in mail.outbox[0].subject


def test_a_reset_that_became_pointless_is_not_sent(client, down, back):
    ada = person("ada")
    client.post(RESET, {"email": "ada@example.org"})
    ada.set_password(NEW)
    ada.save()
    assert (back(), mail.outbox, UnsentMail.objects.count()) == ((1, 0), [], 0)


def test_a_confirmed_address_gets_no_late_link(client, down, back):
    client.post(SIGN_UP, {"email": "new@example.org", "username": "newt", "password1": PASSWORD})
    EmailAddress.objects.update(verified=True)
    assert (back(), mail.outbox) == ((1, 0), [])


def test_a_mail_ends_when_its_link_would(client, down, back):
    person("ada")
    client.post(RESET, {"email": "ada@example.org"})
    assert (back(minutes=4 * 60 + 1), mail.outbox, UnsentMail.objects.count()) == ((1, 0), [], 0)


def test_pauses_grow_and_the_last_failure_is_kept_for_the_operator(client, down):
    person("ada")
    client.post(RESET, {"email": "ada@example.org"})
    pauses, now = [], timezone.now()
    for _ in range(20):
        row = UnsentMail.objects.get()
        if row.ended_at:
            break
        pauses.append(round((row.due_at - now).total_seconds() / 60))
        now = row.due_at
        assert mails.send_due(now) == (0, 1)
    assert pauses == [5, 10, 20, 40, 80]
    assert "ConnectionRefusedError" in row.last_error
    assert mails.send_due(now + timedelta(days=1)) == (0, 0)
    assert mails.forget_ended(now + timedelta(days=29)) == 0
    assert mails.forget_ended(now + timedelta(days=31)) == 1


def test_one_mail_that_is_refused_does_not_keep_back_the_others(client, down, settings):
    for name in ("eve", "ada"):
        person(name)
        client.post(RESET, {"email": f"{name}@example.org"})
    settings.EMAIL_BACKEND = "tests.users.test_mails.RefusingBackend"
    assert mails.send_due(timezone.now() + timedelta(minutes=6)) == (1, 1)
    assert [one.to for one in mail.outbox] == [["ada@example.org"]]


def test_one_mail_that_cannot_be_written_does_not_keep_back_the_others(client, down, back):
    person("ada")
    client.post(RESET, {"email": "ada@example.org"})
    UnsentMail.objects.create(
        template="users/email/of_an_older_version", email="x@example.org", language="en", origin="",
        due_at=timezone.now(), expires_at=timezone.now() + timedelta(days=1),
    )  # fmt: skip
    assert back() == (1, 1)


def test_a_server_that_is_down_is_waited_for_once_a_round_and_once_a_minute(
    client, down, settings, caplog
):
    for name in ("ada", "bob", "cleo"):
        person(name)
        client.post(RESET, {"email": f"{name}@example.org"})
    assert sum("could not be sent and is kept" in line for line in caplog.messages) == 1
    assert mails.send_due(timezone.now() + timedelta(minutes=6)) == (0, 1)


def test_a_refused_address_does_not_make_others_wait(client, settings):
    settings.EMAIL_BACKEND = "tests.users.test_mails.RefusingBackend"
    for name in ("eve", "ada"):
        person(name)
        client.post(RESET, {"email": f"{name}@example.org"})
    assert [one.to for one in mail.outbox] == [["ada@example.org"]]


def test_asking_again_replaces_the_kept_mail(client, down):
    person("ada")
    for _ in range(3):
        client.post(RESET, {"email": "ada@example.org"})
    assert UnsentMail.objects.count() == 1


def test_the_table_is_bounded(client, down, monkeypatch):
    monkeypatch.setattr(mails, "MOST_KEPT", 2)
    for number in range(4):
        assert client.post(RESET, {"email": f"guess{number}@example.org"}).status_code == 302
    assert UnsentMail.objects.count() == 2


def test_the_queue_command_sends_them(client, down, settings, capsys):
    person("ada")
    client.post(RESET, {"email": "ada@example.org"})
    UnsentMail.objects.update(due_at=timezone.now())
    settings.EMAIL_BACKEND = WORKING
    call_command("run_queued_refreshes")
    assert len(mail.outbox) == 1
    assert "1 sent" in capsys.readouterr().out


def test_the_operator_sees_that_and_why_but_never_what(client, down):
    person("ada")
    client.post(RESET, {"email": "ada@example.org"})
    client.force_login(superuser())
    row = UnsentMail.objects.get()
    index = squeezed(client.get("/admin/").content.decode())
    assert "1 mail not sent yet" in index
    assert "ConnectionRefusedError" in index
    for page in (ADMIN_LIST, f"{ADMIN_LIST}{row.pk}/change/"):
        text = client.get(page).content.decode()
        assert "ada@example.org" in text
        assert "ConnectionRefusedError" in text
        assert row.facts["state"] not in text
    assert (
        client.post(f"{ADMIN_LIST}{row.pk}/change/", {"email": "mine@example.org"}).status_code
        == 403
    )


def test_staff_without_the_right_see_none_of_it(client, down):
    person("ada")
    client.post(RESET, {"email": "ada@example.org"})
    client.force_login(staff())
    assert client.get(ADMIN_LIST).status_code == 403
    assert "not sent yet" not in client.get("/admin/").content.decode()


def test_people_find_their_unsent_mails_in_their_own_data(client, down):
    ada = person("ada")
    client.post(RESET, {"email": "ada@example.org"})
    client.force_login(ada)
    (row,) = client.get("/accounts/me/data/").json()["unsent_mails"]
    assert row["template"] == "account/email/password_reset_key"
