"""Every error of the API as problem details (RFC 9457): Django REST framework's exception handler."""

from typing import Any

from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import exception_handler

from config.http.problems import MEDIA_TYPE, problem_of_api, retry_headers
from species.problems import problem_of


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """The answer to what a view raised; None for a fault of ours, which Django answers with 500 and
    logs.
    """
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
