"""Logging in through the API, going on and logging out: what the cookies are, and what nobody gets
past them.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from allauth.mfa.totp.internal.auth import yield_hotp_counters_from_time as counters
from django.db import connection
from django.utils import timezone

from tests.users.api.front_end import AUTH, FrontEnd, problem
from tests.users.people import PASSWORD, person, staff, superuser
from users import sessions
from users.models import AuditEntry, Role, TokenFamily, User


def test_logging_in_sets_two_cookies_that_no_script_and_no_other_site_gets(tab, ada, settings):
    settings.AUTH_COOKIE_SECURE = True
    answer = tab.log_in()
    access, refresh = answer.cookies["access_token"], answer.cookies["refresh_token"]
    for cookie in (access, refresh):
        assert (cookie["httponly"], cookie["secure"], cookie["samesite"]) == (True, True, "Strict")
        assert cookie.value not in answer.content.decode()
    assert (access["path"], access["max-age"]) == ("/", 15 * 60)
    assert (refresh["path"], refresh["max-age"]) == ("/api/v1/auth/", 14 * 86_400)
    assert set(answer.cookies) == {"access_token", "refresh_token"}
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json()["user"]["username"] == "ada"


def test_logging_in_is_remembered_in_the_account_and_the_log(logged_in, ada):
    ada.refresh_from_db()
    assert ada.last_login > timezone.now() - timedelta(minutes=1)
    assert AuditEntry.objects.filter(action="log_in", actor=ada).count() == 1


@pytest.mark.parametrize("typed", ["Ada@Example.org", "ADA@EXAMPLE.ORG"])
def test_the_case_of_the_address_does_not_matter(tab, ada, typed):
    assert tab.log_in(email=typed).status_code == 200


def test_a_wrong_password_an_unknown_address_and_a_closed_account_answer_alike(tab, ada):
    person("grace", is_active=False)
    asked = [{"password": "wrong"}, {"email": "nobody@example.org"}, {"email": "grace@example.org"}]
    answers = [tab.log_in(**body) for body in asked]
    assert [problem(answer, 401) for answer in answers] == ["wrong-credentials"] * 3
    assert len({answer.content for answer in answers}) == 1
    assert not tab.tokens


def test_an_address_that_nobody_has_proved_answers_like_an_unknown_one(tab, db):
    User.objects.create_user("new@example.org", "new", PASSWORD)
    assert problem(tab.log_in("new"), 401) == "wrong-credentials"


@pytest.mark.parametrize("role", list(Role))
def test_session_and_tokens_see_the_same_person_with_the_same_permissions(tab, db, role):
    user = person("ada", role=role)
    tab.log_in()
    by_token = tab.get("profiles/me/").json()
    browser = FrontEnd()
    browser.client.force_login(user)
    assert browser.get("profiles/me/").json() == by_token
    assert by_token["role"] == role
    assert by_token["permissions"] == sorted(user.get_all_permissions())


def test_staff_and_superusers_log_in_too(tab, db):
    staff("clerk", "users.view_user"), superuser("root")
    tab.log_in("clerk")
    assert tab.get("profiles/me/").json()["permissions"] == ["users.view_user"]
    assert tab.log_in("root").json()["user"]["isSuperuser"] is True


def test_a_second_log_in_ends_what_the_browser_was_before(logged_in, ada):
    before = logged_in.tokens
    person("grace")
    logged_in.client.force_login(ada)
    assert logged_in.log_in("grace").status_code == 200
    assert logged_in.knows() == "grace"
    logged_in.keep(before)
    assert logged_in.knows() is None


# --- Two-factor -----------------------------------------------------------------------------------------------------
@pytest.fixture
def code(ada):
    secret = generate_totp_secret()
    TOTP.activate(ada, secret)
    return format_hotp_value(hotp_value(secret, list(counters())[len(list(counters())) // 2]))


def test_with_two_factor_on_the_password_alone_sets_no_cookie(tab, code):
    assert problem(tab.log_in(), 401) == "two-factor-required"
    assert (
        problem(tab.log_in(code="000000" if code != "000000" else "111111"), 401)
        == "two-factor-wrong"
    )
    assert not tab.tokens
    assert not TokenFamily.objects.exists()


def test_a_code_of_the_app_logs_in_once(tab, code):
    assert tab.log_in(code=code).status_code == 200
    assert problem(FrontEnd().log_in(code=code), 401) == "two-factor-wrong"


def test_a_recovery_code_logs_in_once(tab, ada, code):
    spare = RecoveryCodes.activate(ada).generate_codes()[0]
    assert tab.log_in(code=spare).status_code == 200
    assert problem(FrontEnd().log_in(code=spare), 401) == "two-factor-wrong"


def test_a_wrong_password_never_tells_that_two_factor_is_on(tab, code):
    assert problem(tab.log_in(password="wrong", code=code), 401) == "wrong-credentials"


def test_codes_cannot_be_tried_for_ever(tab, code):
    answers = [tab.log_in(code=f"{number:06}").status_code for number in range(8)]
    assert answers[-1] == 429


# --- Throttles ------------------------------------------------------------------------------------------------------
def test_too_many_wrong_passwords_from_one_address_have_to_wait_and_nobody_elses_do(tab, ada):
    answers = [tab.log_in(password="wrong") for _ in range(6)]
    assert problem(answers[-1], 429) == ""
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert problem(tab.log_in(), 429) == ""
    elsewhere = FrontEnd()
    elsewhere.client.defaults["REMOTE_ADDR"] = "192.0.2.7"
    assert elsewhere.log_in().status_code == 200


# --- Going on -------------------------------------------------------------------------------------------------------
def test_refreshing_sets_new_cookies(logged_in):
    before = logged_in.tokens
    answer = logged_in.post("refresh/")
    assert answer.status_code == 200
    assert answer.json()["user"]["username"] == "ada"
    assert logged_in.tokens["refresh_token"] != before["refresh_token"]
    assert logged_in.knows() == "ada"


def test_the_refresh_cookie_is_enough_once_the_access_token_has_expired(logged_in):
    del logged_in.client.cookies["access_token"]
    assert logged_in.knows() is None
    assert logged_in.post("refresh/").status_code == 200
    assert logged_in.knows() == "ada"


def test_without_a_refresh_cookie_there_is_nothing_to_refresh(tab, db):
    answer = tab.post("refresh/")
    assert problem(answer, 401) == "log-in-ended"
    assert [answer.cookies[name]["max-age"] for name in ("access_token", "refresh_token")] == [0, 0]


def test_an_old_refresh_token_that_comes_late_logs_everybody_with_this_log_in_out(logged_in):
    stolen = logged_in.tokens
    logged_in.post("refresh/")
    TokenFamily.objects.update(rotated_at=timezone.now() - timedelta(seconds=11))
    thief = FrontEnd()
    thief.keep(stolen)
    assert problem(thief.post("refresh/"), 401) == "log-in-ended"
    assert not thief.tokens
    assert logged_in.knows() is None


@pytest.mark.django_db(transaction=True)
def test_two_tabs_that_refresh_at_once_stay_logged_in_with_the_same_token():
    person("ada")
    first, second, together = FrontEnd(), FrontEnd(), Barrier(2, timeout=20)
    first.log_in()
    second.keep(first.tokens)

    def refresh(tab: FrontEnd) -> int:
        try:
            together.wait()
            return tab.post("refresh/").status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(refresh, [first, second])) == [200, 200]
    assert first.tokens["refresh_token"] == second.tokens["refresh_token"]
    assert (first.knows(), second.knows()) == ("ada", "ada")


# --- Logging out ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "kept", [("access_token",), ("refresh_token",), ("access_token", "refresh_token")]
)
def test_either_cookie_logs_out_and_both_are_taken_away(logged_in, kept):
    before = logged_in.tokens
    for name in set(before) - set(kept):
        del logged_in.client.cookies[name]
    answer = logged_in.post("logout/")
    assert answer.status_code == 204
    paths = {
        name: (cookie["path"], cookie["max-age"], cookie.value)
        for name, cookie in answer.cookies.items()
    }
    assert paths["access_token"] == ("/", 0, "")
    assert paths["refresh_token"] == ("/api/v1/auth/", 0, "")
    logged_in.keep(before)
    assert logged_in.knows() is None
    assert problem(logged_in.post("refresh/"), 401) == "log-in-ended"


def test_logging_out_ends_a_browsers_session_too(tab, ada):
    tab.client.force_login(ada)
    assert tab.knows() == "ada"
    assert tab.post("logout/").status_code == 204
    assert tab.knows() is None
    assert AuditEntry.objects.filter(action="log_out", actor=ada).exists()


def test_nobody_logs_out_twice(logged_in):
    logged_in.post("logout/")
    answer = logged_in.post("logout/")
    assert problem(answer, 401) == "not-logged-in"
    assert "WWW-Authenticate" in answer.headers
    assert answer.cookies["access_token"]["max-age"] == 0


def test_log_out_everywhere_reaches_every_front_end(logged_in, ada):
    phone = FrontEnd()
    phone.log_in()
    sessions.end_all(ada)
    assert (logged_in.knows(), phone.knows()) == (None, None)


def test_the_profile_asks_few_queries(logged_in, django_assert_max_num_queries):
    # the log-in with its person, two of permissions, one of second factors
    with django_assert_max_num_queries(4):
        assert logged_in.knows() == "ada"


@pytest.mark.parametrize("address", ["/api/v1/taxa/", "/api/v1/datasets/", f"{AUTH}csrf/"])
# the last two: NUL, raw and quoted
@pytest.mark.parametrize("cookie", ["x", "e30.e30.e30", "\x00", r'"\000"'])
def test_a_foreign_or_expired_cookie_is_an_anonymous_visitor_where_everybody_may_read(
    client, db, address, cookie
):
    headers = {"Cookie": f"access_token={cookie}; refresh_token={cookie}"}
    assert client.get(address, headers=headers).status_code == 200
