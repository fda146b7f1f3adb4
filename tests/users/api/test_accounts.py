"""Registering, proving the address and getting a new password through the API, without telling who
has an account.
"""

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core import mail
from django.db import connection

from tests.users.api.front_end import FrontEnd, problem, reasons
from tests.users.people import PASSWORD, person
from users.models import AuditEntry, TokenFamily, User

NEW = "seven whelks and a limpet"
NEMO = {"email": "nemo@example.org", "username": "nemo", "password": NEW}


def key_in(message, page: str) -> str:
    """The last part of the link in the mail to this page."""
    return re.search(rf"https?://\S+{page}/([^/\s]+)/", message.body)[1]


def test_a_new_person_registers_proves_the_address_and_logs_in(tab, db):
    answer = tab.post("register/", NEMO)
    assert answer.status_code == 201
    assert set(answer.cookies) <= {"csrftoken"}
    assert problem(tab.log_in("nemo", password=NEW), 401) == "wrong-credentials"
    (message,) = mail.outbox
    assert message.to == ["nemo@example.org"]
    key = key_in(message, "confirm-email")
    assert tab.post("verify-email/", {"key": key}, csrf=False).status_code == 200
    assert tab.log_in("nemo", password=NEW).status_code == 200
    assert problem(tab.post("verify-email/", {"key": key}), 400) == "link-invalid"
    assert AuditEntry.objects.filter(action="sign_up", actor__username="nemo").count() == 1


def test_registering_an_address_that_has_an_account_answers_the_same_and_tells_its_owner(tab, ada):
    fresh = tab.post("register/", NEMO)
    known = tab.post("register/", NEMO | {"email": "ADA@example.org", "username": "somebody"})
    assert (known.status_code, known.content) == (fresh.status_code, fresh.content)
    assert set(known.cookies) == set(fresh.cookies)
    assert [message.to for message in mail.outbox] == [["nemo@example.org"], ["ada@example.org"]]
    fresh, known = (
        FrontEnd().post("register/", NEMO | {"email": "c@example.org", "username": name})
        for name in ("nemo", "somebody")
    )
    assert list(reasons(fresh)) == list(reasons(known)) == ["username"]  # either name is taken now


RIGHTS = {
    "role": "moderator",
    "isStaff": True,
    "is_staff": True,
    "isSuperuser": True,
    "is_superuser": True,
    "id": 1,
}


def test_nobody_registers_with_rights(tab, db):
    given = RIGHTS | {
        "is_active": False,
        "isActive": False,
        "groups": [1],
        "user_permissions": [1],
        "permissions": ["x"],
    }
    assert tab.post("register/", NEMO | given).status_code == 201
    nemo = User.objects.get(username="nemo")
    assert (nemo.role, nemo.is_staff, nemo.is_superuser, nemo.is_active) == (
        "observer",
        False,
        False,
        True,
    )
    assert not nemo.get_all_permissions()


@pytest.mark.parametrize(
    ("change", "parameter"),
    [
        ({"email": "nemo"}, "email"),
        ({"email": None}, "email"),
        ({"email": ["a@b.example"]}, "email"),
        ({"email": "a" * 250 + "@example.org"}, "email"),
        ({"email": "ne\x00mo@example.org"}, "email"),
        ({"username": ""}, "username"),
        ({"username": "n" * 51}, "username"),
        ({"username": "ne mo"}, "username"),
        ({"username": "ne\x00mo"}, "username"),
        ({"username": "\ud800\udfff"[:1]}, "username"),
        ({"username": "Ada"}, "username"),
        ({"username": {"a": 1}}, "username"),
        ({"password": "password"}, "password"),
        ({"password": "nemo@example.org"}, "password"),
        ({"password": "p" * 1_001}, "password"),
        ({"password": "a\x00" * 10}, "password"),
        ({"password": 12345678901}, "password"),
    ],
)
def test_what_is_wrong_is_named(tab, ada, change, parameter):
    assert list(reasons(tab.post("register/", NEMO | change))) == [parameter]
    assert not User.objects.filter(email__startswith="nemo").exists()


def test_what_is_missing_is_named(tab, db):
    assert set(reasons(tab.post("register/", {}))) == {"email", "username", "password"}


def test_a_portal_that_is_closed_takes_no_new_accounts(tab, db, settings):
    settings.SIGNUP_OPEN = False
    assert problem(tab.post("register/", NEMO), 403) == "sign-up-closed"


@pytest.mark.django_db(transaction=True)
def test_two_that_register_one_address_at_once_make_one_account_and_get_the_same_answer():
    together = Barrier(2, timeout=20)

    def register(username: str) -> tuple[int, bytes]:
        tab = FrontEnd()
        token = tab.get("csrf/").json()["csrfToken"]
        try:
            together.wait()
            answer = tab.post(
                "register/", NEMO | {"username": username}, csrf=False, **{"X-CSRFToken": token}
            )
            return answer.status_code, answer.content
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(register, ["nemo", "captain"])
    assert first == second
    assert first[0] == 201
    assert User.objects.filter(email="nemo@example.org").count() == 1
    assert User.objects.count() == 2  # the other name is held


# --- The link again -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("address", ["new@example.org", "ada@example.org", "nobody@example.org"])
def test_asking_for_the_link_again_answers_the_same_and_sends_one_mail_to_everybody(
    tab, ada, address
):
    User.objects.create_user("new@example.org", "new", PASSWORD).emailaddress_set.create(
        email="new@example.org"
    )
    answer = tab.post("verify-email/resend/", {"email": address}, csrf=False)
    assert (answer.status_code, answer.json()["detail"]) == (
        202,
        "We sent an email to this address.",
    )
    assert [message.to for message in mail.outbox] == [[address]]
    assert not answer.cookies


def test_the_link_of_the_second_mail_works(tab, db):
    User.objects.create_user("new@example.org", "new", PASSWORD).emailaddress_set.create(
        email="new@example.org"
    )
    tab.post("verify-email/resend/", {"email": "New@example.org"})
    tab.post("verify-email/", {"key": key_in(mail.outbox[0], "confirm-email")})
    assert tab.log_in("new").status_code == 200


@pytest.mark.parametrize("key", ["x", "MQ:1:x", "../../", "é", "MQ" * 200])
def test_a_made_up_key_proves_nothing(tab, db, key):
    assert problem(tab.post("verify-email/", {"key": key}), 400) == "link-invalid"
    assert (
        problem(tab.post("password/reset/confirm/", {"key": key, "newPassword": NEW}), 400)
        == "link-invalid"
    )


# --- A new password -------------------------------------------------------------------------------------------------
def test_a_forgotten_password_is_replaced_by_mail_and_every_log_in_ends(logged_in, ada):
    answer = logged_in.post("password/reset/", {"email": "Ada@example.org"}, csrf=False)
    assert answer.status_code == 202
    key = key_in(mail.outbox[0], "key")
    assert reasons(logged_in.post("password/reset/confirm/", {"key": key, "newPassword": "ada"}))[
        "newPassword"
    ]
    assert logged_in.knows() == "ada"
    done = logged_in.post("password/reset/confirm/", {"key": key, "newPassword": NEW})
    assert (done.status_code, set(done.cookies)) == (200, set())
    assert logged_in.knows() is None
    assert FrontEnd().log_in(password=NEW).status_code == 200
    assert (
        problem(logged_in.post("password/reset/confirm/", {"key": key, "newPassword": NEW}), 400)
        == "link-invalid"
    )


def test_asking_for_a_new_password_tells_nobody_who_has_an_account(tab, ada):
    answers = [
        tab.post("password/reset/", {"email": f"{name}@example.org"}) for name in ("ada", "nobody")
    ]
    assert answers[0].content == answers[1].content
    assert [message.to[0] for message in mail.outbox] == ["ada@example.org", "nobody@example.org"]


def test_changing_the_password_ends_every_other_log_in_and_goes_on_here_with_new_tokens(
    logged_in, ada
):
    phone, before = FrontEnd(), logged_in.tokens
    phone.log_in()
    answer = logged_in.post("password/change/", {"currentPassword": PASSWORD, "newPassword": NEW})
    assert answer.status_code == 200
    assert (logged_in.knows(), phone.knows()) == ("ada", None)
    old = FrontEnd()
    old.keep(before)
    assert old.knows() is None
    ada.refresh_from_db()
    assert ada.check_password(NEW)
    assert TokenFamily.objects.count() == 1
    assert [message.to for message in mail.outbox] == [["ada@example.org"]]


@pytest.mark.parametrize(
    ("change", "parameter"),
    [
        ({"currentPassword": "wrong"}, "currentPassword"),
        ({"newPassword": "password"}, "newPassword"),
        ({"newPassword": "ada@example.org"}, "newPassword"),
    ],
)
def test_a_password_is_not_changed_to_a_weak_one_nor_without_the_old_one(
    logged_in, ada, change, parameter
):
    body = {"currentPassword": PASSWORD, "newPassword": NEW} | change
    assert list(reasons(logged_in.post("password/change/", body))) == [parameter]
    ada.refresh_from_db()
    assert ada.check_password(PASSWORD)


def test_guessing_the_current_password_has_to_wait_too(logged_in):
    body = {"currentPassword": "wrong", "newPassword": NEW}
    answers = [logged_in.post("password/change/", body).status_code for _ in range(6)]
    assert answers == [400] * 5 + [429]


def test_a_change_of_role_ends_the_log_in_at_once(logged_in, ada):
    person("other")
    User.objects.filter(pk=ada.pk).update(role="researcher")
    assert logged_in.knows() is None
    assert problem(logged_in.post("refresh/"), 401) == "log-in-ended"


def test_who_asks_for_too_many_mails_is_told_when_there_may_be_more(tab, db):
    for number in range(20):
        tab.post("verify-email/resend/", {"email": f"guess{number}@example.org"}, csrf=False)
    for refused in (
        tab.post(f"{what}/", {"email": "a@example.org"})
        for what in ("verify-email/resend", "password/reset")
    ):
        assert problem(refused, 429) == ""
        assert 3_500 < int(refused.headers["Retry-After"]) <= 3_600
