"""System checks of the portal's address and of the proxies in front of it."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register


@register(Tags.security)
def check_trusted_proxies(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """BEHIND_PROXY alone used to trust everybody's X-Forwarded-Proto; now it would trust nobody's."""
    if not settings.BEHIND_PROXY or settings.TRUSTED_PROXIES:
        return []
    hint = (
        "Set TRUSTED_PROXIES to the address or network that the proxy connects from, such as 127.0.0.1 (which covers "
        "a unix socket) or 10.0.0.0/24, and take BEHIND_PROXY out of the environment."
    )
    problem = "BEHIND_PROXY is set but TRUSTED_PROXIES is empty: X-Forwarded-Proto is ignored."
    return [Error(problem, hint=hint, id="config.E001")]


@register(Tags.security, deploy=True)
def check_portal_url(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Links in mails should not depend on the request that caused the mail."""
    if settings.PORTAL_URL:
        return []
    hint = "Set PORTAL_URL to the address that visitors use, such as https://portal.example.org."
    return [Warning("Links in mails follow the host of each request.", hint=hint, id="config.W001")]
