"""Bounds on the database work of web requests. Commands, migrations, refreshes and jobs have none."""

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.http import HttpRequest, HttpResponse

from config.unavailable import TookTooLong

# A request is given up before its next query, once it has taken so many times as long as a query may.
QUERIES_A_REQUEST = 2
IDLE_IN_TRANSACTION_MS = 60_000
# A database that vanishes without a word (a pulled cable) is noticed, too.
OPTIONS = {
    **{"connect_timeout": 3, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3},
    "tcp_user_timeout": 15_000,
}


def bound_web_connections() -> None:
    """Give the connections that this process opens from now on the bounds of web requests."""
    options = connections.settings[DEFAULT_DB_ALIAS]["OPTIONS"]
    options |= {name: value for name, value in OPTIONS.items() if name not in settings.DATABASE_OPTIONS_GIVEN}
    options["options"] += (
        f" -c statement_timeout={settings.STATEMENT_TIMEOUT_MS}"
        f" -c idle_in_transaction_session_timeout={IDLE_IN_TRANSACTION_MS}"
    )


def bounded(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: no request goes on querying for long, whether or not its client is still there."""

    def answer(request: HttpRequest) -> HttpResponse:
        if not settings.STATEMENT_TIMEOUT_MS:
            return get_response(request)
        end = time.monotonic() + QUERIES_A_REQUEST * settings.STATEMENT_TIMEOUT_MS / 1_000

        def in_time(execute: Callable[..., Any], *words: Any) -> Any:
            if time.monotonic() > end:
                raise TookTooLong
            return execute(*words)

        with connection.execute_wrapper(in_time):
            return get_response(request)

    return answer
