"""What the errors of tiles and of the public API say to machines, as problem details."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from psycopg2.errors import QueryCanceled

from config.http.problems import FOR_ANYBODY, MEDIA_TYPE, headers_of, problem
from config.http.throttles import TooManyRequests
from species.errors import InvalidQuery
from species.masking import mask
from species.models import CuratedObservation


class NotAcceptable(Exception):
    """None of the formats that the client takes is one of ours."""


class Withdrawn(Exception):
    """A record that was withdrawn: dataset, day and reason are told, nothing else."""

    def __init__(self, observation: CuratedObservation) -> None:
        super().__init__("This record has been withdrawn.")
        self.told = {
            "datasetID": str(observation.dataset.uuid),
            "datasetName": mask(observation.dataset.title),
            "withdrawn": observation.withdrawn_at.date().isoformat()
            if observation.withdrawn_at
            else None,
            "reason": observation.withdrawal_reason,
        }


def problem_of(error: Exception) -> dict[str, Any] | None:
    """What an exception of ours or of Django's says to a client; None when it is no answer but a
    fault of ours.
    """
    match error:
        case InvalidQuery():
            reasons = [
                {"parameter": name, "reason": reason} for name, reason in error.errors.items()
            ]
            return problem(400, "The query is not a question that can be answered.", errors=reasons)
        case SuspiciousOperation():  # such as more parameters than Django reads
            return problem(400, "The request cannot be read.")
        case Withdrawn():
            return problem(410, str(error), **error.told)
        case TooManyRequests():
            return error.problem
        case NotAcceptable():
            return problem(
                406, "There are JSON (f=json) and HTML (f=html) of this; Accept names neither."
            )
        case Http404():
            return problem(404, str(error) or "There is nothing at this address.")
        case OperationalError() if isinstance(error.__cause__, QueryCanceled):
            return problem(
                503, "This question took too long to answer. Ask for less, or try again in a while."
            )
    return None


def reading_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A plain view that everybody may read from anywhere: 405 for all else, whatever its CSRF
    token.
    """

    @csrf_exempt
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method in {"GET", "HEAD"}:
            return answering_with_problems(view)(request, *args, **kwargs)
        body = problem(405, f"{request.method} is not answered here: only GET and HEAD are.")
        headers = {"Allow": "GET, HEAD"} | FOR_ANYBODY
        return JsonResponse(body, status=405, content_type=MEDIA_TYPE, headers=headers)

    return answer


def answering_with_problems(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A plain view whose refusals are problem details."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except (
            InvalidQuery,
            SuspiciousOperation,
            Withdrawn,
            NotAcceptable,
            Http404,
            OperationalError,
        ) as error:
            body = problem_of(error)
            if body is None:
                raise
            headers = headers_of(body) | FOR_ANYBODY
            return JsonResponse(
                body, status=body["status"], content_type=MEDIA_TYPE, headers=headers
            )

    return answer
