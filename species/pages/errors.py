"""Error pages that Django itself would print without the portal's frame."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.defaults import page_not_found

from config.problems import FOR_ANYBODY, MEDIA_TYPE, problem

FOR_PROGRAMS = ("/api/", "/tiles/")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "400.html", status=400)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A page for people, problem details for programs."""
    if request.path_info.startswith(FOR_PROGRAMS):
        body = problem(404, "There is nothing at this address.")
        return JsonResponse(body, status=404, content_type=MEDIA_TYPE, headers=FOR_ANYBODY)
    return page_not_found(request, exception)


def too_many_requests(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    response = render(request, "429.html", status=429)
    response.headers["Retry-After"] = "60"
    return response
