"""System checks: a portal that invites people must be able to write to them."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register


@register(Tags.security, deploy=True)
def check_people_can_sign_up(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Nobody can finish signing up, or reset a password, where mail goes to the terminal."""
    if not settings.SIGNUP_OPEN or not settings.EMAIL_BACKEND.endswith("console.EmailBackend"):
        return []
    hint = "Set EMAIL_HOST to a mail server, or SIGNUP_OPEN=0."
    return [Error("Sign-up is open, but there is no mail server.", hint=hint, id="users.E001")]
