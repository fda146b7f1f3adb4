"""Django REST framework's exception handler, which returns problem documents (RFC 9457)."""

from typing import Any

from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import exception_handler

from config.http.problems import MEDIA_TYPE, problem_of_api, retry_headers
from species.problems import problem_of


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """Return the problem for an exception of a view; None for an error of the portal."""
    body, headers = problem_of(error), {}
    if body is None:
        response = exception_handler(error, context)
        if response is None:
            return None
        body = problem_of_api(error, response.status_code)
        headers = dict(response.items())
    # Whatever was asked for, or agreed on before: a problem is JSON.
    context["request"].accepted_renderer, context["request"].accepted_media_type = (
        JSONRenderer(),
        MEDIA_TYPE,
    )
    return Response(
        body, body["status"], headers=headers | retry_headers(body), content_type=MEDIA_TYPE
    )
