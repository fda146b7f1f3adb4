"""Logging in and out: who may, what a wrong try tells, how often, and what the log keeps of it."""

import time

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.test import Client

from tests.users.pages.answers import seen
from tests.users.people import PASSWORD, person
from users import sessions
from users.models import AuditEntry, User
from users.throttles import MOST_SECONDS, count_failure, slow_down

pytestmark = pytest.mark.django_db
URL = "/accounts/login/"


def log_in(client, email="ada@example.org", password=PASSWORD, address="198.51.100.1", **fields):
    return client.post(URL, {"login": email, "password": password} | fields, REMOTE_ADDR=address)


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def test_the_log_keeps_who_came_from_where_and_who_did_not(client):
    ada = person("ada")
    log_in(client, password="wrong")
    log_in(client, email="nobody@example.org")
    log_in(client)
    client.post("/accounts/logout/")
    told = list(
        AuditEntry.objects.order_by("pk").values_list("action", "target", "actor", "address")
    )
    assert told == [
        ("log_in_failed", f"user:{ada.pk}", None, "198.51.100.1"),
        ("log_in_failed", "", None, "198.51.100.1"),
        ("log_in", "", ada.pk, "198.51.100.1"),
        ("log_out", "", ada.pk, "127.0.0.1"),
    ]


def test_wrong_password_unknown_address_unproved_and_sleeping_account_answer_alike(client):
    person("ada")
    person("sleeper", is_active=False)
    User.objects.create_user("unproved@example.org", "unproved", PASSWORD)
    tries = [("ada", "wrong"), ("nobody", PASSWORD), ("sleeper", PASSWORD), ("unproved", PASSWORD)]
    answers = {
        name: seen(log_in(Client(), f"{name}@example.org", password))[1].replace(name, "")
        for name, password in tries
    }
    assert len(set(answers.values())) == 1
    assert "not correct" in answers["nobody"]


def test_after_five_wrong_tries_an_address_waits_but_nobody_else_does(client):
    person("ada")
    for _ in range(5):
        log_in(client, password="wrong")
    assert "Too many failed" in log_in(client).content.decode()
    assert log_in(Client(), address="203.0.113.9").status_code == 302  # the owner, elsewhere


def test_one_address_cannot_try_many_accounts(client):
    for n in range(20):
        log_in(client, email=f"guess{n}@example.org")
    assert "Too many failed" in log_in(client, email="guess21@example.org").content.decode()


def test_hosts_of_one_ipv6_network_count_as_one(client):
    person("ada")
    for n in range(5):
        log_in(client, password="wrong", address=f"2001:db8::{n + 1}")
    assert "Too many failed" in log_in(client, address="2001:db8::ffff").content.decode()


def test_an_account_that_is_guessed_at_from_everywhere_is_slow_but_open():
    waits = []
    slow_down("ada@example.org", waits.append)
    for _ in range(200):
        count_failure("ada@example.org")
    slow_down("ADA@example.org", waits.append)
    slow_down("bob@example.org", waits.append)
    assert waits == [MOST_SECONDS]


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example/", "javascript:alert(1)", "/\\evil", "\x00"]
)
def test_a_log_in_leads_nowhere_else(client, target):
    person("ada")
    assert log_in(client, next=target)["location"] == "/"


def test_a_log_in_leads_back_to_where_it_was_asked_for(client):
    person("ada")
    assert client.get("/accounts/me/")["location"] == "/accounts/login/?next=/accounts/me/"
    assert log_in(client, next="/observations/?taxon=2")["location"] == "/observations/?taxon=2"


def test_a_second_factor_is_asked_for_and_a_code_is_good_once(client):
    ada, secret = person("ada"), generate_totp_secret()
    TOTP.activate(ada, secret)
    assert log_in(client)["location"] == "/accounts/2fa/authenticate/"
    assert client.get("/accounts/me/").status_code == 302
    assert (
        "Incorrect code"
        in client.post("/accounts/2fa/authenticate/", {"code": "000000"}).content.decode()
    )
    code = code_of(secret)
    assert client.post("/accounts/2fa/authenticate/", {"code": code})["location"] == "/"
    assert client.get("/accounts/me/").status_code == 200
    again = Client()
    log_in(again)
    assert (
        "Incorrect code"
        in again.post("/accounts/2fa/authenticate/", {"code": code}).content.decode()
    )


def test_a_recovery_code_replaces_a_lost_phone_once(client):
    ada = person("ada")
    TOTP.activate(ada, generate_totp_secret())
    (code, *_) = RecoveryCodes.activate(ada).get_unused_codes()
    log_in(client)
    assert client.post("/accounts/2fa/authenticate/", {"code": code})["location"] == "/"
    log_in(again := Client())
    assert again.post("/accounts/2fa/authenticate/", {"code": code}).status_code == 200


def test_logging_out_needs_a_post(client):
    client.force_login(person("ada"))
    assert client.get("/accounts/logout/").status_code == 200
    assert client.get("/accounts/me/").status_code == 200
    client.post("/accounts/logout/")
    assert client.get("/accounts/me/").status_code == 302


def test_log_out_everywhere_ends_this_browser_and_every_other(client):
    ada = person("ada")
    other = Client()
    log_in(client)
    log_in(other)
    tokens = sessions.start(client.get("/accounts/sessions/").wsgi_request, ada)
    assert client.get("/accounts/sessions/").content.decode().count("record-plain") == 2
    assert client.post("/accounts/sessions/end/")["location"] == URL
    assert [each.get("/accounts/me/").status_code for each in (client, other)] == [302, 302]
    assert sessions.family_of(type(tokens.access), str(tokens.access)) is None


def test_strangers_cannot_end_somebody_s_sessions():
    assert Client(enforce_csrf_checks=True).post("/accounts/sessions/end/").status_code == 403
    assert Client().get("/accounts/sessions/end/").status_code == 302


@pytest.mark.parametrize(
    "change", [{"is_active": False}, {"role": "moderator"}, {"is_staff": True}]
)
def test_a_session_ends_when_the_account_s_rights_change(client, change):
    ada = person("ada")
    log_in(client)
    User.objects.filter(pk=ada.pk).update(**change)
    assert client.get("/accounts/me/").status_code == 302


@pytest.mark.parametrize(
    "form", [{}, {"login": "x"}, {"login": "a\x00b@example.org", "password": "\x00"}]
)
def test_nonsense_gets_the_form_again(client, form):
    assert client.post(URL, form).status_code == 200


def test_a_nul_byte_in_an_address_is_refused(client):
    assert client.get("/accounts/login/?next=%00").status_code == 400
    assert client.get("/people/a%00b/").status_code == 400


def test_a_log_in_without_the_csrf_token_is_refused():
    assert log_in(Client(enforce_csrf_checks=True)).status_code == 403
