"""From no account to one that can log in; and nothing on the way tells who has one already."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection
from django.test import Client
from django.urls import reverse

from tests.users.pages.answers import link_in, seen
from tests.users.people import PASSWORD, person
from users.models import AuditEntry, User
from users.pages.forms import SignUpForm

pytestmark = pytest.mark.django_db
URL, LOG_IN = "/accounts/signup/", "/accounts/login/"
FORM = {"email": "nemo@example.org", "username": "nemo", "password1": PASSWORD}


def log_in(client, email="nemo@example.org", password=PASSWORD):
    return client.post(LOG_IN, {"login": email, "password": password})


def test_somebody_signs_up_proves_the_address_and_logs_in(client, mailoutbox):
    answer = client.post(URL, FORM, follow=True)
    assert "Look at your mail" in answer.content.decode()
    assert "_auth_user_id" not in client.session
    link = link_in(mailoutbox[0])
    assert "Is <strong>nemo@example.org</strong> your address" in client.get(link).content.decode()
    client.post(link)
    assert log_in(client)["location"] == "/"
    user = User.objects.get()
    assert (user.role, user.is_staff, user.is_superuser) == ("observer", False, False)
    assert [entry.action for entry in AuditEntry.objects.order_by("pk")] == ["sign_up", "email_confirmed", "log_in"]


def test_a_mail_is_text_and_html_of_the_same_words(client, mailoutbox):
    client.post(URL, FORM)
    (mail,) = mailoutbox
    ((html, kind),) = mail.alternatives
    assert kind == "text/html"
    assert f'href="http://testserver{link_in(mail)}"' in html
    assert mail.subject == "[Marine Species Tracker] Confirm your e-mail address"


def test_the_link_is_good_once_and_for_three_days(client, mailoutbox, settings):
    client.post(URL, FORM)
    link = link_in(mailoutbox[0])
    settings.ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS = -1
    assert "used or is too old" in client.get(link).content.decode()
    settings.ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS = 3
    client.post(link)
    assert "used or is too old" in client.get(link).content.decode()
    assert "used or is too old" in client.get("/accounts/confirm-email/MTIz:forged/").content.decode()


def test_passwords_are_hashed_with_argon2(client, settings):
    settings.PASSWORD_HASHERS = settings.PASSWORD_HASHERS[1:]  # the portal's own
    client.post(URL, FORM)
    assert User.objects.get().password.startswith("argon2")


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("letmein", "too short"),
        ("password123", "too common"),
        ("captain-nemo", "too similar"),
        ("captain.nemo@example.org", "too similar"),
        ("8429176503", "entirely numeric"),
    ],
)
def test_passwords_of_breach_lists_or_of_the_person_s_own_data_are_refused(client, password, why):
    form = {"email": "captain.nemo@example.org", "username": "captain-nemo", "password1": password}
    assert why in client.post(URL, form).content.decode()
    assert not User.objects.exists()


@pytest.mark.parametrize("username", ["admin", "ROOT", "me", "a/b", "a b", "x", "n\x00emo", "n" * 51])
def test_a_name_that_is_reserved_or_unreadable_is_refused(client, username):
    assert client.post(URL, FORM | {"username": username}).status_code == 200
    assert not User.objects.exists()


def test_a_name_that_is_taken_is_said_so_since_names_are_public(client):
    person("Nemo")
    assert "already exists" in client.post(URL, FORM).content.decode()


def test_a_forged_form_gives_no_rights(client):
    rights = {"role": "moderator", "is_staff": "on", "is_superuser": "on", "is_active": "on", "groups": "1"}
    client.post(URL, FORM | rights)
    user = User.objects.get()
    assert (user.role, user.is_staff, user.is_superuser, user.groups.count()) == ("observer", False, False, 0)


def test_an_address_with_an_account_answers_the_same_with_one_mail_too(client, mailoutbox, monkeypatch):
    person("nemo")
    hashed = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda *a, **k: hashed.append(1) or encode(*a, **k))
    fresh = Client().post(URL, FORM | {"email": "new@example.org", "username": "new"}, follow=True)
    work_for_a_fresh_one = len(hashed)
    known = Client().post(URL, FORM | {"email": "NEMO@example.org", "username": "other"}, follow=True)
    assert seen(fresh)[0] == seen(known)[0] == 200
    assert seen(fresh)[1] == seen(known)[1].replace("nemo@example.org", "new@example.org")
    assert len(hashed) == 2 * work_for_a_fresh_one  # the slow part of both is the same
    assert [mail.to for mail in mailoutbox] == [["new@example.org"], ["nemo@example.org"]]
    assert "has an account already" in mailoutbox[1].body
    assert User.objects.count() == 2


def test_signing_up_and_then_logging_in_does_not_tell_either(client):
    person("nemo")
    answers = []
    for email in ("nemo@example.org", "new@example.org"):
        stranger = Client()
        stranger.post(URL, {"email": email, "username": email[:3] + "-x", "password1": "nine dusky groupers"})
        answers.append(seen(log_in(stranger, email, "nine dusky groupers")))
    assert answers[0][0] == 200
    assert answers[0][1] == answers[1][1].replace("new@example.org", "nemo@example.org")


def test_an_address_that_somebody_else_only_wishes_to_have_keeps_nobody_out(client, mailoutbox):
    squatter = person("squatter")
    EmailAddress.objects.create(user=squatter, email="nemo@example.org", verified=False, primary=False)
    client.post(URL, FORM)
    client.post(link_in(mailoutbox[0]))
    assert log_in(client)["location"] == "/"


@pytest.mark.django_db(transaction=True)
def test_two_who_sign_up_with_one_address_at_once_make_one_account_and_both_get_an_answer(monkeypatch, mailoutbox):
    together, look = Barrier(2, timeout=20), SignUpForm.validate_unique_email

    def look_together(form, value):
        value = look(form, value)
        together.wait()  # both have seen the address free before either saves
        return value

    monkeypatch.setattr(SignUpForm, "validate_unique_email", look_together)

    def sign_up(username: str) -> tuple[int, str]:
        try:
            answer = Client().post(URL, FORM | {"username": username})
            return answer.status_code, answer["location"]
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(sign_up, ["nemo", "captain"]))
    assert answers == [(302, "/accounts/confirm-email/")] * 2
    assert User.objects.count() == 1


def test_a_closed_portal_takes_nobody(client, settings):
    settings.SIGNUP_OPEN = False
    assert "takes no new accounts" in client.get(URL).content.decode()
    client.post(URL, FORM)
    assert not User.objects.exists()


def test_a_form_without_the_csrf_token_is_refused():
    assert Client(enforce_csrf_checks=True).post(URL, FORM).status_code == 403


@pytest.mark.parametrize("form", [{}, {"email": "no"}, {"email": "n\x00@example.org"}, {"email": "n" * 300 + "@x.org"}])
def test_nonsense_gets_the_form_again(client, form):
    assert client.post(URL, FORM | form if form else {}).status_code == 200
    assert not User.objects.exists()


def test_an_endless_form_is_refused(client):
    assert client.post(URL, FORM | {"password1": "x" * 3_000_000}).status_code == 400
    assert client.post(URL, {f"f{n}": "x" for n in range(1_001)}).status_code == 400


def test_a_mail_server_that_is_down_changes_no_answer(client, monkeypatch):
    def fail(*_):
        raise ConnectionRefusedError

    monkeypatch.setattr("django.core.mail.EmailMultiAlternatives.send", fail)
    assert client.post(URL, FORM)["location"] == reverse("account_email_verification_sent")
