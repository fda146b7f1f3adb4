"""408 for a request whose body did not arrive in time."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from config.http.unavailable import refuse

# set by the gateway, which has dropped the body; no header can set it
IS_LATE = "portal.body_is_late"
TITLE = _("Your request took too long")
REASON = _("Your form or file took too long to arrive. Try again on a faster connection.")


def refuse_late_bodies(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Return middleware that refuses such a request before its body is read."""

    def answer(request: HttpRequest) -> HttpResponse:
        if IS_LATE not in request.META:
            return get_response(request)
        response = refuse(request, 408, TITLE, REASON)
        response.headers["Connection"] = "close"  # the rest of the body may follow
        return response

    return answer
