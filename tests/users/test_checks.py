"""Deployments that could invite people and not write to them."""

import pytest

from users.checks import check_people_can_sign_up

CONSOLE, SMTP = (f"django.core.mail.backends.{name}.EmailBackend" for name in ("console", "smtp"))


@pytest.mark.parametrize(
    ("is_open", "backend", "found"),
    [(True, CONSOLE, ["users.E001"]), (True, SMTP, []), (False, CONSOLE, []), (False, SMTP, [])],
)
def test_an_open_portal_without_a_mail_server_is_an_error(settings, is_open, backend, found):
    settings.SIGNUP_OPEN, settings.EMAIL_BACKEND = is_open, backend
    assert [message.id for message in check_people_can_sign_up(None)] == found
