"""Error pages in the portal's frame."""

from math import ceil
from typing import Any

from django.conf import settings
from django.core.exceptions import DisallowedHost, RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.defaults import page_not_found

from config.http.unavailable import is_for_programs, refuse
from config.http.uploads import MAX_BODY
from users.throttles import APP, seconds_until

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
    """Return 413 for a body that is too large, for which Django has no handler, else 400."""
    is_too_large = isinstance(exception, RequestDataTooBig)
    if is_for_programs(request) or not has_host(request):
        return refuse(
            request,
            413 if is_too_large else 400,
            _("We couldn't understand that request"),
            reason(exception),
        )
    if is_too_large:
        sizes = {
            "form_megabytes": settings.DATA_UPLOAD_MAX_MEMORY_SIZE / 1e6,
            "file_megabytes": MAX_BODY // 1_000_000,
        }
        return render(request, "413.html", sizes, status=413)
    return render(request, "400.html", status=400)


def has_host(request: HttpRequest) -> bool:
    """Return whether the request has an allowed host, which the links of pages need."""
    try:
        request.get_host()
    except DisallowedHost:
        return False
    return True


def reason(exception: Exception) -> Any:
    """Return the lazily translated reason for refusing a request before any view."""
    match exception:
        case DisallowedHost():
            return gettext_lazy("This portal doesn't use that host name. Check the address.")
        case RequestDataTooBig():
            return gettext_lazy("Your form or file is too large. Send less at once.")
        case TooManyFieldsSent():
            return gettext_lazy("This request has too many parameters. Remove some and try again.")
    return gettext_lazy("Something in the address or the form isn't valid. Go back and check it.")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return 404 as a page, or as a problem document for programs."""
    if is_for_programs(request):
        return refuse(request, 404, "", "Not found.")
    return page_not_found(request, exception)


def too_many_requests(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Return 429 for django-allauth's rate limits, with the seconds until the next attempt."""
    limit = LIMITS[request.resolver_match.view_name]  # type: ignore[union-attr]  # none but these views ask
    return too_many(
        request,
        seconds_until(request, limit, app="allauth.mfa" if limit == "webauthn_login" else APP),
    )


def too_many(request: HttpRequest, seconds: int) -> HttpResponse:
    response = render(request, "429.html", {"minutes": ceil(seconds / 60)}, status=429)
    response.headers["Retry-After"] = str(seconds)
    return response
