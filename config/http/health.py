"""/healthz (is this process alive?) and /readyz (can it reach the database?)."""

import logging

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from config.http.problems import RETRY_AFTER_SECONDS

log = logging.getLogger(__name__)


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Return 200 "ok" without a query. A check that restarts the portal should use this one."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Return 200 "ok", or 503; details go to the log."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        log.warning("The database does not answer.")
        headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
        return HttpResponse(
            "database unreachable\n", status=503, content_type="text/plain", headers=headers
        )
    return HttpResponse("ok\n", content_type="text/plain")
