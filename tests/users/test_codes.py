"""Guessing a second factor's code, password in hand: refused from one place, slow from all, open to
the owner.

The same through the pages and through the API, which count together.
"""

import time

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.core import mail
from django.test import Client

from tests.users.api.front_end import FrontEnd, problem
from tests.users.people import PASSWORD, person
from users import throttles
from users.models import AuditEntry, User

pytestmark = pytest.mark.django_db
CODE_PAGE = "/accounts/2fa/authenticate/"
THIEF, OWNER = "198.51.100.1", "203.0.113.9"


@pytest.fixture
def secret():
    secret = generate_totp_secret()
    TOTP.activate(person("ada"), secret)
    return secret


@pytest.fixture
def waits(monkeypatch):
    """How long each try was made to wait, instead of waiting."""
    waited = []
    slow_down = throttles.slow_down
    monkeypatch.setattr(throttles, "slow_down", lambda account: slow_down(account, waited.append))
    return waited


def code_of(secret: str, half_minutes: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + half_minutes))


def wrong(secret: str, number: int) -> str:
    right = {code_of(secret, near) for near in range(-2, 4)}
    return next(
        code for code in (f"{n:06}" for n in range(number, number + 20)) if code not in right
    )


def by_page(address: str, code: str):
    """The answer to a code that follows on the right password."""
    browser = Client(REMOTE_ADDR=address)
    browser.post("/accounts/login/", {"login": "ada@example.org", "password": PASSWORD})
    return browser.post(CODE_PAGE, {"code": code})


def by_api(address: str, code: str):
    tab = FrontEnd()
    tab.client.defaults["REMOTE_ADDR"] = address
    return tab.log_in(code=code)


def is_refused(answer) -> bool:
    return answer.status_code == 429 or b"Too many failed" in answer.content


@pytest.mark.parametrize("give", [by_page, by_api])
def test_who_guesses_codes_from_one_place_is_refused_there_and_the_owner_is_not(secret, give):
    answers = [give(THIEF, wrong(secret, number)) for number in range(6)]
    assert [is_refused(answer) for answer in answers] == [False] * 5 + [True]
    assert is_refused(give(THIEF, code_of(secret)))
    assert give(OWNER, code_of(secret)).status_code in (200, 302)


def test_pages_and_api_count_together(secret):
    for number in range(5):
        by_page(THIEF, wrong(secret, number))
    refused = by_api(THIEF, code_of(secret))
    assert problem(refused, 429) == ""
    assert 290 <= int(refused["Retry-After"]) <= 300


def test_in_a_day_ten_wrong_codes_come_from_one_place_and_then_none(secret, monkeypatch, waits):
    now = time.time()
    for number in range(10):
        monkeypatch.setattr(time, "time", lambda number=number: now + number * 301)
        assert not is_refused(by_api(THIEF, wrong(secret, number)))
    monkeypatch.setattr(time, "time", lambda: now + 4_000)
    assert 82_000 < int(by_api(THIEF, wrong(secret, 11))["Retry-After"]) <= 86_400 - 4_000


def test_guesses_from_everywhere_get_slower_and_leave_the_owner_in(secret, waits):
    for number in range(31):
        assert not is_refused(by_api(f"198.51.100.{number}", wrong(secret, number)))
    assert waits[0] == throttles.SECONDS_PER_FAILURE
    assert waits[-1] == throttles.MOST_SECONDS
    assert by_page(OWNER, code_of(secret))["location"] == "/"


def test_who_is_refused_is_not_made_to_wait_so_that_no_thread_is_kept(secret, waits):
    for number in range(24):
        by_api(f"198.51.100.{number % 4}", wrong(secret, number))
    assert len(waits) == 4 * 5 - throttles.FREE_FAILURES - 1


def test_the_owner_is_told_once_that_somebody_has_the_password(secret, waits):
    for number in range(12):
        by_api(f"198.51.100.{number}", wrong(secret, number))
    (told,) = mail.outbox
    assert told.to == ["ada@example.org"]
    assert "/accounts/password/reset/" in told.body
    failed = AuditEntry.objects.filter(action="log_in_failed", details={"step": "second factor"})
    assert {entry.address for entry in failed} == {f"198.51.100.{number}" for number in range(12)}


@pytest.mark.parametrize("first", [by_page, by_api])
@pytest.mark.parametrize("again", [by_page, by_api])
def test_a_code_is_good_once_for_as_long_as_the_app_s_clock_allows_it(
    secret, monkeypatch, first, again
):
    began = time.time() // 30 * 30
    monkeypatch.setattr(time, "time", lambda: began)
    code = code_of(secret, 1)  # of a clock that is half a minute fast
    assert first(OWNER, code).status_code in (200, 302)
    for later in (29, 31, 59):
        monkeypatch.setattr(time, "time", lambda later=later: began + later)
        answer = again(OWNER, code)
        assert answer.status_code in (200, 401)
        assert b"Incorrect code" in answer.content or problem(answer, 401) == "two-factor-wrong"


def test_a_right_code_forgets_the_wrong_ones_before_it_at_this_account_only(secret):
    other = generate_totp_secret()
    TOTP.activate(person("bob"), other)
    for number in range(18):
        Client(REMOTE_ADDR=THIEF).post(
            "/accounts/login/", {"login": f"n{number}@example.org", "password": "x"}
        )
    for _ in range(2):
        assert by_api(THIEF, code_of(secret, -1)).status_code in (200, 401)
    answer = Client(REMOTE_ADDR=THIEF).post(
        "/accounts/login/", {"login": "n@example.org", "password": "x"}
    )
    answer = Client(REMOTE_ADDR=THIEF).post(
        "/accounts/login/", {"login": "n@example.org", "password": "x"}
    )
    assert is_refused(answer)


def test_codes_asked_for_again_are_counted_like_those_of_a_log_in(secret):
    browser = Client(REMOTE_ADDR=THIEF)
    browser.post("/accounts/login/", {"login": "ada@example.org", "password": PASSWORD})
    browser.post(CODE_PAGE, {"code": code_of(secret)})
    answers = [
        browser.post("/accounts/2fa/reauthenticate/", {"code": wrong(secret, n)}) for n in range(6)
    ]
    assert [is_refused(answer) for answer in answers] == [False] * 5 + [True]


def test_recovery_codes_are_guessed_at_no_faster(secret):

    spare = RecoveryCodes.activate(User.objects.get()).generate_codes()
    for number in range(5):
        by_api(THIEF, f"{number:08}")
    assert is_refused(by_api(THIEF, spare[0]))
    assert by_api(OWNER, spare[0]).status_code == 200


def activated(ada: User) -> tuple[Client, str, str]:
    """A browser that has just set up an authenticator app, the app's secret, and the code it was
    proved with.
    """
    browser = Client()
    browser.force_login(ada)
    browser.post("/accounts/reauthenticate/", {"password": PASSWORD})
    browser.get("/accounts/2fa/totp/activate/")
    secret = browser.session["mfa.totp.secret"]
    code = code_of(secret)
    assert browser.post("/accounts/2fa/totp/activate/", {"code": code}).status_code == 302
    return browser, secret, code


@pytest.mark.parametrize("give", [by_page, by_api])
def test_the_code_that_set_the_app_up_does_not_log_in(give):
    _, secret, code = activated(person("ada"))
    refused = give(OWNER, code)
    assert refused.status_code == 401 or b"Incorrect code" in refused.content
    assert give(OWNER, code_of(secret, 1)).status_code in (200, 302)


def test_the_code_that_set_the_app_up_is_no_proof_afterwards():
    browser, secret, code = activated(person("ada"))
    again = "/accounts/2fa/reauthenticate/"
    assert b"Incorrect code" in browser.post(again, {"code": code}).content
    assert browser.post(again, {"code": code_of(secret, 1)}).status_code == 302


def test_codes_are_remembered_after_the_app_was_removed_and_set_up_again():
    browser, secret, code = activated(person("ada"))
    assert browser.post("/accounts/2fa/totp/deactivate/").status_code == 302
    TOTP.activate(User.objects.get(username="ada"), secret)
    assert problem(by_api(OWNER, code), 401) == "two-factor-wrong"


@pytest.mark.parametrize(("first", "second"), [(by_page, by_api), (by_api, by_page)])
def test_a_recovery_code_is_good_once_on_page_and_api_together(secret, first, second):
    code = RecoveryCodes.activate(User.objects.get(username="ada")).get_unused_codes()[0]
    assert first(OWNER, code).status_code in (200, 302)
    refused = second(OWNER, code)
    assert refused.status_code == 401 or b"Incorrect code" in refused.content
