"""414 for addresses beyond the length that servers, proxies and browsers support."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from config.http.unavailable import refuse

MOST_BYTES = 8_190  # a map's address with a drawn area and every filter is shorter
TITLE = _("This address is too long")
REASON = _("An address can have at most 8,190 characters. Upload the area as a file instead.")


def refuse_long_addresses(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Return middleware that refuses a long address before its query is read."""

    def answer(request: HttpRequest) -> HttpResponse:
        if len(request.path) + 1 + len(request.META.get("QUERY_STRING", "")) > MOST_BYTES:
            return refuse(request, 414, TITLE, REASON)
        return get_response(request)

    return answer
