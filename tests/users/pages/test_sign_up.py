"""From no account to one that can log in; and nothing on the way tells who has one already."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, get_ident

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.users.pages.answers import link_in, seen
from tests.users.people import person
from users.models import AuditEntry, User
from users.pages.forms import SignUpForm

pytestmark = pytest.mark.django_db
URL, LOG_IN = "/accounts/signup/", "/accounts/login/"
CHOSEN = "seven whelks and a limpet"
FORM = {"email": "nemo@example.org", "username": "nemo", "password1": CHOSEN}


def log_in(client, email="nemo@example.org", password=CHOSEN):
    return client.post(LOG_IN, {"login": email, "password": password})


def test_somebody_signs_up_proves_the_address_and_logs_in(client, mailoutbox):
    answer = client.post(URL, FORM, follow=True)
    assert "Check your email" in answer.content.decode()
    assert "_auth_user_id" not in client.session
    link = link_in(mailoutbox[0])
    assert "Confirm <strong>nemo@example.org</strong>" in client.get(link).content.decode()
    client.post(link)
    assert log_in(client)["location"] == "/"
    user = User.objects.get()
    assert (user.role, user.is_staff, user.is_superuser) == ("observer", False, False)
    assert [entry.action for entry in AuditEntry.objects.order_by("pk")] == [
        "sign_up",
        "email_confirmed",
        "log_in",
    ]


def test_a_mail_is_text_and_html_of_the_same_words(client, mailoutbox):
    client.post(URL, FORM)
    (mail,) = mailoutbox
    ((html, kind),) = mail.alternatives
    assert kind == "text/html"
    assert f'href="http://testserver{link_in(mail)}"' in html
    assert mail.subject == "[Marine Species Tracker] Confirm your email address"


def test_the_link_is_good_once_and_for_three_days(client, mailoutbox, settings):
    client.post(URL, FORM)
    link = link_in(mailoutbox[0])
    settings.ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS = -1
    assert "used or has expired" in client.get(link).content.decode()
    settings.ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS = 3
    client.post(link)
    assert "used or has expired" in client.get(link).content.decode()
    assert (
        "used or has expired" in client.get("/accounts/confirm-email/MTIz:forged/").content.decode()
    )


def test_passwords_are_hashed_with_argon2(client, settings):
    settings.PASSWORD_HASHERS = settings.PASSWORD_HASHERS[1:]  # the portal's own
    client.post(URL, FORM)
    assert User.objects.get().password.startswith("argon2")


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("letmein", "too short"),
        ("Password123!", "data breach"),
        ("captain nemo was here", "contains “captain”"),
        ("captain-nemo", "too similar"),
        ("captain.nemo@example.org", "too similar"),
        ("8429176503", "entirely numeric"),
    ],
)
def test_passwords_of_breach_lists_or_of_the_person_s_own_data_are_refused(client, password, why):
    form = {"email": "captain.nemo@example.org", "username": "captain-nemo", "password1": password}
    assert why in client.post(URL, form).content.decode()
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "username", ["admin", "ROOT", "me", "a/b", "a b", "x", "n\x00emo", "n" * 51]
)
def test_a_name_that_is_reserved_or_unreadable_is_refused(client, username):
    assert client.post(URL, FORM | {"username": username}).status_code == 200
    assert not User.objects.exists()


def test_a_name_that_is_taken_is_said_so_since_names_are_public(client):
    person("Nemo")
    assert "already exists" in client.post(URL, FORM).content.decode()


def test_a_forged_form_gives_no_rights(client):
    rights = {
        "role": "moderator",
        "is_staff": "on",
        "is_superuser": "on",
        "is_active": "on",
        "groups": "1",
    }
    client.post(URL, FORM | rights)
    user = User.objects.get()
    assert (user.role, user.is_staff, user.is_superuser, user.groups.count()) == (
        "observer",
        False,
        False,
        0,
    )


def test_an_address_with_an_account_answers_the_same_with_one_mail_too(
    client, mailoutbox, monkeypatch
):
    person("nemo")
    hashed = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(
        MD5PasswordHasher, "encode", lambda *a, **k: hashed.append(1) or encode(*a, **k)
    )
    fresh = Client().post(URL, FORM | {"email": "new@example.org", "username": "new"}, follow=True)
    work_for_a_fresh_one = len(hashed)
    known = Client().post(
        URL, FORM | {"email": "NEMO@example.org", "username": "other"}, follow=True
    )
    assert seen(fresh)[0] == seen(known)[0] == 200
    assert seen(fresh)[1] == seen(known)[1].replace("nemo@example.org", "new@example.org")
    assert len(hashed) == 2 * work_for_a_fresh_one  # the slow part of both is the same
    assert [mail.to for mail in mailoutbox] == [["new@example.org"], ["nemo@example.org"]]
    assert "already has an account" in mailoutbox[1].body
    assert {user.email for user in User.objects.filter(is_active=True)} == {
        "nemo@example.org",
        "new@example.org",
    }


def test_a_name_is_as_taken_after_signing_up_with_a_known_address_as_with_any_other(client):
    person("nemo")
    taken = []
    for email in ("nemo@example.org", "new@example.org"):
        form = FORM | {"email": email, "username": f"probe-{email[:3]}"}
        Client().post(URL, form)
        again = Client().post(
            URL, form | {"email": "my-own@example.org", "username": form["username"].upper()}
        )
        taken.append("already exists" in again.content.decode())
    assert taken == [True, True]
    User.objects.update(date_joined=timezone.now() - timedelta(days=15))
    call_command("tidy_accounts")
    # both are free again on the same day
    assert list(User.objects.values_list("username", flat=True)) == ["nemo"]


def test_a_name_that_is_held_is_nobodys_account(client, mailoutbox):
    person("nemo")
    client.post(URL, FORM | {"username": "probe"})
    held = User.objects.get(username="probe")
    assert (held.is_active, held.has_usable_password()) == (False, False)
    assert client.get("/people/probe/").status_code == 404
    client.post("/accounts/password/reset/", {"email": held.email})
    assert "has no account" in mailoutbox[-1].body


def test_signing_up_and_then_logging_in_does_not_tell_either(client):
    person("nemo")
    answers = []
    for email in ("nemo@example.org", "new@example.org"):
        stranger = Client()
        stranger.post(
            URL, {"email": email, "username": email[:3] + "-x", "password1": "nine dusky groupers"}
        )
        answers.append(seen(log_in(stranger, email, "nine dusky groupers")))
    assert answers[0][0] == 200
    assert answers[0][1] == answers[1][1].replace("new@example.org", "nemo@example.org")


def test_an_address_that_somebody_else_only_wishes_to_have_keeps_nobody_out(client, mailoutbox):
    squatter = person("squatter")
    EmailAddress.objects.create(
        user=squatter, email="nemo@example.org", verified=False, primary=False
    )
    client.post(URL, FORM)
    client.post(link_in(mailoutbox[0]))
    assert log_in(client)["location"] == "/"


@pytest.fixture
def at_once(transactional_db, monkeypatch):
    """Sends two forms that both find address and name free before either is saved; their statuses,
    sorted.
    """
    together, look = Barrier(2, timeout=20), SignUpForm.validate_unique_email
    looked = set()

    def look_together(form, value):
        value = look(form, value)
        if get_ident() not in looked:  # not again, when the form is asked a second time
            looked.add(get_ident())
            together.wait()
        return value

    def sign_up(form: dict[str, str]) -> int:
        try:
            return Client().post(URL, form).status_code
        finally:
            connection.close()

    def both(one: dict[str, str], other: dict[str, str]) -> list[int]:
        monkeypatch.setattr(SignUpForm, "validate_unique_email", look_together)
        with ThreadPoolExecutor(2) as pool:
            return sorted(pool.map(sign_up, [FORM | one, FORM | other]))

    return both


def test_two_who_sign_up_with_one_address_at_once_make_one_account_and_both_get_an_answer(
    at_once, mailoutbox
):
    assert at_once({"username": "nemo"}, {"username": "captain"}) == [302, 302]
    assert User.objects.filter(is_active=True).count() == 1
    # taken, both of them
    assert set(User.objects.values_list("username", flat=True)) == {"nemo", "captain"}
    # to one address one each three minutes
    assert [mail.to for mail in mailoutbox] == [["nemo@example.org"]]


@pytest.mark.parametrize("email", ["ada@example.org", "new@example.org"])
def test_of_two_who_take_one_name_at_once_one_is_told_whether_the_other_is_known_or_not(
    at_once, email
):
    person("ada")
    assert at_once({}, {"email": email}) == [200, 302]
    assert User.objects.filter(username="nemo").count() == 1


def test_a_closed_portal_takes_nobody(client, settings):
    settings.SIGNUP_OPEN = False
    assert "is not accepting new accounts" in client.get(URL).content.decode()
    client.post(URL, FORM)
    assert not User.objects.exists()


def test_a_form_without_the_csrf_token_is_refused():
    assert Client(enforce_csrf_checks=True).post(URL, FORM).status_code == 403


@pytest.mark.parametrize(
    "form", [{}, {"email": "no"}, {"email": "n\x00@example.org"}, {"email": "n" * 300 + "@x.org"}]
)
def test_nonsense_gets_the_form_again(client, form):
    assert client.post(URL, FORM | form if form else {}).status_code == 200
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "kind", ["multipart/form-data; boundary=BoUnDaRyStRiNg", "application/x-www-form-urlencoded"]
)
def test_an_endless_form_is_refused(client, kind):
    endless = client.post(URL, b"password1=" + b"x" * 10_000_000, content_type=kind)
    assert (endless.status_code, "up to 2.5 MB" in endless.content.decode()) == (413, True)
    assert client.post(URL, FORM | {"password1": "x" * 3_000_000}).status_code == 413
    assert client.post(URL, {f"f{n}": "x" for n in range(1_001)}).status_code == 400


def test_a_mail_server_that_is_down_changes_no_answer(client, monkeypatch):
    def fail(*_):
        raise ConnectionRefusedError

    monkeypatch.setattr("django.core.mail.EmailMultiAlternatives.send", fail)
    assert client.post(URL, FORM)["location"] == reverse("account_email_verification_sent")
