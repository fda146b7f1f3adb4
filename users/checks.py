"""System checks of mail, second factors, cookies and front ends."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register


@register(Tags.security, deploy=True)
def check_people_can_sign_up(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """Report open sign-up without a mail server."""
    if not settings.SIGNUP_OPEN or not settings.EMAIL_BACKEND.endswith("console.EmailBackend"):
        return []
    hint = "Set EMAIL_HOST to a mail server, or SIGNUP_OPEN=0."
    return [Error("Sign-up is open, but there is no mail server.", hint=hint, id="users.E001")]


@register(Tags.security, deploy=True)
def check_staff_prove_themselves_twice(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """Warn that a password alone opens the admin of a public portal."""
    if settings.STAFF_NEEDS_TWO_FACTOR:
        return []
    hint = "Remove STAFF_NEEDS_TWO_FACTOR=0 from the environment."
    return [Warning("The admin can be opened with a password alone.", hint=hint, id="users.W001")]


@register(Tags.security)
def check_cookies_of_the_api(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """Report cookies that browsers would refuse, or send over plain http."""
    found: list[CheckMessage] = []
    if settings.AUTH_COOKIE_SAMESITE == "None" and not settings.AUTH_COOKIE_SECURE:
        hint = "Use https and leave AUTH_COOKIE_SECURE on."
        found.append(
            Error(
                "Browsers reject SameSite=None cookies that are not Secure.",
                hint=hint,
                id="users.E002",
            )
        )
    if not settings.AUTH_COOKIE_SECURE and settings.HTTPS:
        hint = "Remove AUTH_COOKIE_SECURE=0 from the environment."
        found.append(Error("API logins would be sent over plain http.", hint=hint, id="users.E003"))
    return found


@register(Tags.security)
def check_front_ends_elsewhere(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """Report a front end that is in one of the two lists of origins only."""
    hint = "Name each front end in CORS_ALLOWED_ORIGINS and in CSRF_TRUSTED_ORIGINS, such as https://atlas.example."
    missing = [
        origin
        for origin in settings.CORS_ALLOWED_ORIGINS
        if origin not in settings.CSRF_TRUSTED_ORIGINS
    ]
    return [
        Error(
            f"{origin} may read who is logged in but not log in: it is on one list only.",
            hint=hint,
            id="users.E004",
        )
        for origin in missing
    ]
