"""Problem documents for the errors that tiles, the public API and the OGC API share."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from config.http.problems import problem, problem_response
from config.http.throttles import TooManyRequests
from species.errors import InvalidQuery
from species.masking import mask
from species.models import CuratedObservation


class NotAcceptable(Exception):
    """The Accept header names no format that is available."""


class Withdrawn(Exception):
    """A withdrawn record, of which only dataset, day and reason are published."""

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
    """Return the problem document for an exception; None for an error of the portal."""
    match error:
        case InvalidQuery():
            reasons = [
                {"parameter": name, "reason": reason} for name, reason in error.errors.items()
            ]
            return problem(
                400, "Invalid query. Each parameter is listed with the reason.", errors=reasons
            )
        case SuspiciousOperation():  # such as more parameters than Django reads
            return problem(400, "Invalid request.")
        case Withdrawn():
            return problem(410, str(error), **error.told)
        case TooManyRequests():
            return error.problem
        case NotAcceptable():
            return problem(406, "Available formats are JSON (f=json) and HTML (f=html).")
        case Http404():
            return problem(404, str(error) or "Not found.")
    return None


def reading_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Return a view for GET and HEAD alone whose errors are problem documents."""

    @csrf_exempt
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method in {"GET", "HEAD"}:
            return answering_with_problems(view)(request, *args, **kwargs)
        detail = f"{request.method} is not supported here. Use GET or HEAD."
        return problem_response(problem(405, detail), Allow="GET, HEAD")

    return answer


def answering_with_problems(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Return a view whose errors are problem documents."""

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
        ) as error:
            body = problem_of(error)
            if body is None:
                raise
            return problem_response(body)

    return answer
