"""Explain refusals that Django sends with an empty body, in the format of the address."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from config.http.unavailable import refuse

REASONS = {
    405: (
        _("You can't do that here"),
        _(
            "This address doesn't accept this kind of request. Go back and use "
            "the links and buttons on the page."
        ),
    ),
    412: (
        _("This page has changed"),
        _("The version you requested is out of date. Send the request again without If-Match."),
    ),
}


def explain_empty_refusals(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Return middleware that fills an empty 405 or 412 with a page or a problem document."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code not in REASONS or response.streaming or response.content:
            return response
        explained = refuse(request, response.status_code, *REASONS[response.status_code])
        response.content, response["Content-Type"] = explained.content, explained["Content-Type"]
        return response

    return answer
