"""Limits on the database work of web requests; commands, migrations and jobs have none."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, OperationalError, connection, connections
from django.http import HttpRequest, HttpResponse
from psycopg2.extensions import TRANSACTION_STATUS_ACTIVE

from config.http.clients import Client
from config.http.unavailable import ClientLeft, TookTooLong, is_cancelled

# A request is given up before its next query, once it has taken so many times as long as a query
# may.
QUERIES_A_REQUEST = 2
IDLE_IN_TRANSACTION_MS = 60_000
# A database that vanishes without a word (a pulled cable) is noticed, too.
OPTIONS = {
    **{
        "connect_timeout": 3,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
    },
    "tcp_user_timeout": 15_000,
}
log = logging.getLogger(__name__)


def bound_web_connections() -> None:
    """Apply the timeouts of web requests to all connections opened from now on."""
    options = connections.settings[DEFAULT_DB_ALIAS]["OPTIONS"]
    options |= {
        name: value
        for name, value in OPTIONS.items()
        if name not in settings.DATABASE_OPTIONS_GIVEN
    }
    options["options"] += (
        f" -c statement_timeout={settings.STATEMENT_TIMEOUT_MS}"
        f" -c idle_in_transaction_session_timeout={IDLE_IN_TRANSACTION_MS}"
    )


def limit_query_time(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Return middleware that raises TookTooLong for a cancelled query or too much time in all."""

    def answer(request: HttpRequest) -> HttpResponse:
        if not settings.STATEMENT_TIMEOUT_MS:
            return get_response(request)
        end = time.monotonic() + QUERIES_A_REQUEST * settings.STATEMENT_TIMEOUT_MS / 1_000

        def in_time(execute: Callable[..., Any], *words: Any) -> Any:
            if time.monotonic() > end:
                raise TookTooLong
            try:
                return execute(*words)
            except OperationalError as error:
                if is_cancelled(error):
                    raise TookTooLong from error
                raise

        with connection.execute_wrapper(in_time):
            return get_response(request)

    return answer


@contextmanager
def queries_end_with(client: Client) -> Iterator[None]:
    """Cancel this thread's query in the block once the client has left, and start no other."""
    own = connections[DEFAULT_DB_ALIAS]

    def cancel() -> None:
        # psycopg2's own cancel() holds the interpreter while it connects, which may take long.
        running = own.connection
        if (
            running is None
            or running.closed
            or running.info.transaction_status != TRANSACTION_STATUS_ACTIVE
        ):
            return
        try:
            with closing(own.copy()) as other, other.cursor() as cursor:
                cursor.execute("SELECT pg_cancel_backend(%s)", [running.info.backend_pid])
        except DatabaseError as error:
            log.warning(
                "The query of a client that left could not be cancelled: %s", str(error).strip()
            )

    def unless_left(execute: Callable[..., Any], *words: Any) -> Any:
        if client.has_left:
            raise ClientLeft
        return execute(*words)

    with client.cancelling(cancel), own.execute_wrapper(unless_left):
        yield
