"""Refuse NUL bytes in addresses, which PostgreSQL cannot store in text."""

from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse

# Below these, forms and look-ups read addresses that nothing else checks first.
PREFIXES = ("/admin/", "/accounts/", "/datasets/", "/people/", "/moderation/")


def refuse_nul_bytes(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Return middleware for pages that do not validate their parameters, such as the admin."""

    def answer(request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(PREFIXES) and has_nul(request):
            raise BadRequest("The address holds a NUL byte.")
        return get_response(request)

    return answer


def has_nul(request: HttpRequest) -> bool:
    return "\x00" in request.path_info or "%00" in request.META.get("QUERY_STRING", "")
