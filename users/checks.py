"""System checks: a portal that invites people must be able to write to them, and to keep them
logged in safely.
"""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register


@register(Tags.security, deploy=True)
def check_people_can_sign_up(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """Nobody can finish signing up, or reset a password, where mail goes to the terminal."""
    if not settings.SIGNUP_OPEN or not settings.EMAIL_BACKEND.endswith("console.EmailBackend"):
        return []
    hint = "Set EMAIL_HOST to a mail server, or SIGNUP_OPEN=0."
    return [Error("Sign-up is open, but there is no mail server.", hint=hint, id="users.E001")]


@register(Tags.security, deploy=True)
def check_staff_prove_themselves_twice(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """A password alone should not open the admin of a portal that the world can reach."""
    if settings.STAFF_NEEDS_TWO_FACTOR:
        return []
    hint = "Take STAFF_NEEDS_TWO_FACTOR=0 out of the environment."
    return [Warning("A password alone opens the admin.", hint=hint, id="users.W001")]


@register(Tags.security)
def check_cookies_of_the_api(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """What browsers would refuse without a word, or what would carry tokens over plain http."""
    found: list[CheckMessage] = []
    if settings.AUTH_COOKIE_SAMESITE == "None" and not settings.AUTH_COOKIE_SECURE:
        hint = "Serve over https, and leave AUTH_COOKIE_SECURE on."
        found.append(
            Error(
                "Browsers refuse cookies with SameSite=None that are not Secure.",
                hint=hint,
                id="users.E002",
            )
        )
    if not settings.AUTH_COOKIE_SECURE and settings.HTTPS:
        hint = "Take AUTH_COOKIE_SECURE=0 out of the environment."
        found.append(
            Error("The API's log-in would travel over plain http.", hint=hint, id="users.E003")
        )
    return found


@register(Tags.security)
def check_front_ends_elsewhere(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """A front end at another origin has to be on both lists, by its exact origin."""
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
