"""Deployments that could invite people and not write to them, or whose log-ins would leak or fail
without a word.
"""

import pytest

from users.checks import (
    check_cookies_of_the_api,
    check_front_ends_elsewhere,
    check_people_can_sign_up,
    check_staff_prove_themselves_twice,
)

CONSOLE, SMTP = (f"django.core.mail.backends.{name}.EmailBackend" for name in ("console", "smtp"))
FRONT_END = "https://atlas.example"


def found_by(check) -> list[str]:
    return [message.id for message in check(None)]


@pytest.mark.parametrize(
    ("is_open", "backend", "found"),
    [(True, CONSOLE, ["users.E001"]), (True, SMTP, []), (False, CONSOLE, []), (False, SMTP, [])],
)
def test_an_open_portal_without_a_mail_server_is_an_error(settings, is_open, backend, found):
    settings.SIGNUP_OPEN, settings.EMAIL_BACKEND = is_open, backend
    assert found_by(check_people_can_sign_up) == found


@pytest.mark.parametrize(
    ("https", "secure", "same_site", "found"),
    [
        (True, True, "Strict", []),
        (True, True, "None", []),
        (False, False, "Strict", []),
        (False, False, "None", ["users.E002"]),
        (True, False, "Strict", ["users.E003"]),
    ],
)
def test_the_cookies_of_the_api_are_secure_wherever_pages_are_served_by_https(
    settings, https, secure, same_site, found
):
    settings.HTTPS, settings.AUTH_COOKIE_SECURE, settings.AUTH_COOKIE_SAMESITE = (
        https,
        secure,
        same_site,
    )
    assert found_by(check_cookies_of_the_api) == found


def test_a_front_end_elsewhere_is_on_both_lists(settings):
    settings.CORS_ALLOWED_ORIGINS, settings.CSRF_TRUSTED_ORIGINS = [FRONT_END], []
    assert found_by(check_front_ends_elsewhere) == ["users.E004"]
    settings.CSRF_TRUSTED_ORIGINS = [FRONT_END]
    assert found_by(check_front_ends_elsewhere) == []


@pytest.mark.parametrize(("is_asked", "found"), [(True, []), (False, ["users.W001"])])
def test_an_admin_that_a_password_alone_opens_is_warned_of(settings, is_asked, found):
    settings.STAFF_NEEDS_TWO_FACTOR = is_asked
    assert found_by(check_staff_prove_themselves_twice) == found
