"""X-Forwarded-Proto, which counts only from TRUSTED_PROXIES."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from config.http.addresses import from_trusted_proxy


def drop_untrusted_headers(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Return the outermost middleware, which removes the header of other peers."""

    def answer(request: HttpRequest) -> HttpResponse:
        if not from_trusted_proxy(request):
            request.META.pop("HTTP_X_FORWARDED_PROTO", None)
        return get_response(request)

    return answer
