"""Error pages that Django itself would print without the portal's frame."""

from math import ceil

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.defaults import page_not_found

from config.problems import FOR_ANYBODY, MEDIA_TYPE, problem
from config.uploads import MAX_BODY
from users.throttles import APP, seconds_until

FOR_PROGRAMS = ("/api/", "/tiles/")
# Which of django-allauth's limits a page counts towards, by the name of its route.
LIMITS = {
    "account_login": "login",
    "users:sign-up": "signup",
    "account_signup": "signup",
    "account_reset_password": "reset_password",
    "account_reset_password_from_key": "reset_password_from_key",
    "account_change_password": "change_password",
    "account_set_password": "change_password",
    "account_reauthenticate": "reauthenticate",
    "account_email": "manage_email",
    "mfa_login_webauthn": "webauthn_login",
}


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """413 for a body that is too large, which Django has no page for, and 400 for the rest."""
    if isinstance(exception, RequestDataTooBig):
        sizes = {"form_megabytes": settings.DATA_UPLOAD_MAX_MEMORY_SIZE / 1e6, "file_megabytes": MAX_BODY // 1_000_000}
        return render(request, "413.html", sizes, status=413)
    return render(request, "400.html", status=400)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A page for people, problem details for programs."""
    if request.path_info.startswith(FOR_PROGRAMS):
        body = problem(404, "There is nothing at this address.")
        return JsonResponse(body, status=404, content_type=MEDIA_TYPE, headers=FOR_ANYBODY)
    return page_not_found(request, exception)


def too_many_requests(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """django-allauth's throttles answer with it; they say neither which it was nor for how long."""
    limit = LIMITS[request.resolver_match.view_name]  # type: ignore[union-attr]  # none but these views ask
    return too_many(request, seconds_until(request, limit, app="allauth.mfa" if limit == "webauthn_login" else APP))


def too_many(request: HttpRequest, seconds: int) -> HttpResponse:
    response = render(request, "429.html", {"minutes": ceil(seconds / 60)}, status=429)
    response.headers["Retry-After"] = str(seconds)
    return response
