"""System checks of PORTAL_URL, TRUSTED_PROXIES and the number of database connections."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connections

CONNECTIONS_ALLOWED = """
    SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
"""
SPARE_CONNECTIONS = 10  # for refreshes, jobs and commands beside the server


@register(Tags.security)
def check_trusted_proxies(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """Report BEHIND_PROXY without TRUSTED_PROXIES, which once sufficed and now has no effect."""
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
    """Warn that without PORTAL_URL links in mails depend on the request."""
    if settings.PORTAL_URL:
        return []
    hint = "Set PORTAL_URL to the address that visitors use, such as https://portal.example.org."
    return [Warning("Links in mails follow the host of each request.", hint=hint, id="config.W001")]


@register(Tags.database)
def check_connections(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Warn if the database allows fewer connections than all workers may open.

    Run by `migrate` and by `check --database default`.
    """
    from config.server.granian_server import (  # granian, which other commands need not load
        THREADS,
        worker_count,
    )

    wanted = worker_count() * THREADS
    problems: list[CheckMessage] = []
    for alias in databases or ():
        with connections[alias].cursor() as cursor:
            cursor.execute(CONNECTIONS_ALLOWED)
            (allowed,) = cursor.fetchone()
        if wanted + SPARE_CONNECTIONS > allowed:
            problem = (
                f"The server may open {wanted} connections, but the database allows {allowed}."
            )
            hint = f"Raise max_connections by {wanted + SPARE_CONNECTIONS - allowed} or lower WEB_CONCURRENCY."
            problems.append(Warning(problem, hint=hint, id="config.W002"))
    return problems
