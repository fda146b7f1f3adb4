"""503 with Retry-After for temporary failures, such as a stopped database or full lanes."""

import logging
import sys
import time
from collections.abc import Callable
from typing import Any

from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override
from django.views.defaults import server_error as server_error_page
from psycopg2.errors import QueryCanceled

from config.http.problems import RETRY_AFTER_SECONDS, problem, problem_response

FOR_PROGRAMS = ("/api/", "/tiles/", "/ogc")
LOG_EVERY_SECONDS = 60
TITLE = _("The portal is unavailable right now")
TOOK_TOO_LONG = _("This search took too long. Add a filter, or try again later.")
NO_DATABASE = _("We can't reach our database. It's not your fault. Try again in a minute.")
log = logging.getLogger(__name__)
logged_at: dict[str, float] = {}


class Unavailable(Exception):
    """A temporary refusal, with a reason for readers and the seconds until a retry."""

    def __init__(self, reason: Any, retry_after: int = RETRY_AFTER_SECONDS) -> None:
        super().__init__(reason)
        self.reason, self.retry_after = reason, retry_after


class TookTooLong(Unavailable):
    """A query was cancelled, or the request used up its time."""

    def __init__(self) -> None:
        super().__init__(TOOK_TOO_LONG)


class ClientLeft(Unavailable):
    """The client has disconnected, so the response has no reader."""

    def __init__(self) -> None:
        super().__init__(TOOK_TOO_LONG)


class UnavailableMiddleware:
    """Turn temporary failures of views into 503, and complete the headers of any 503."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 503:
            response.headers.setdefault("Retry-After", str(RETRY_AFTER_SECONDS))
            response._has_been_logged = True  # type: ignore[attr-defined]  # it is no fault: no mail to the operator
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        refusal = refusal_of(error)
        return unavailable(request, refusal) if refusal else None


def server_error(request: HttpRequest) -> HttpResponse:
    """Return 503 for temporary failures in middleware, else 500: Django's `handler500`."""
    error = sys.exc_info()[1]
    if isinstance(error, Exception) and (refusal := refusal_of(error)):
        return unavailable(request, refusal)
    if is_for_programs(request):
        detail = "The portal could not answer. Its operator has been informed."
        return problem_response(problem(500, detail))
    return server_error_page(request)


def refusal_of(error: Exception) -> Unavailable | None:
    """Return the refusal for a temporary failure; None for an error of the portal."""
    if isinstance(error, Unavailable):
        return error
    if is_cancelled(error):
        return TookTooLong()
    if isinstance(error, OperationalError | InterfaceError) or (
        isinstance(error, DatabaseError) and is_cut_off()
    ):
        log_now_and_then(error)
        return Unavailable(NO_DATABASE)
    return None


def is_cancelled(error: Exception) -> bool:
    """Return whether the database cancelled a query, because of its timeout or on request."""
    return isinstance(error, OperationalError) and isinstance(error.__cause__, QueryCanceled)


def is_cut_off() -> bool:
    """Return whether this thread has lost its connection to the database."""
    return connection.connection is not None and connection.connection.closed != 0


def log_now_and_then(error: Exception) -> None:
    """Log that the database is unreachable, at most once in LOG_EVERY_SECONDS."""
    name, now = type(error).__name__, time.monotonic()
    if now - logged_at.get(name, -LOG_EVERY_SECONDS) >= LOG_EVERY_SECONDS:
        logged_at[name] = now
        log.error("The database cannot be used: %s", str(error).strip())


def unavailable(request: HttpRequest, refusal: Unavailable) -> HttpResponse:
    """Return the refusal as a 503 response in the format of the address."""
    response = refuse(request, 503, TITLE, refusal.reason)
    response.headers["Retry-After"] = str(refusal.retry_after)
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def refuse(request: HttpRequest, status: int, title: Any, reason: Any) -> HttpResponse:
    """Return a page, or a problem document for an API's address. Neither needs the database."""
    if is_for_programs(request):
        with override("en"):
            response: HttpResponse = problem_response(problem(status, str(reason)))
    else:
        page = render_to_string(
            "refused.html", {"status": status, "title": title, "reason": reason}
        )
        response = HttpResponse(page, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response


def is_for_programs(request: HttpRequest) -> bool:
    return request.path_info.startswith(FOR_PROGRAMS)
