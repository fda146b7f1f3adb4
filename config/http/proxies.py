"""Proxies: only those in TRUSTED_PROXIES may say by which scheme a request came."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from config.http.addresses import from_trusted_proxy


def drop_untrusted_headers(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware, outermost: without the header Django goes by the connection itself."""

    def answer(request: HttpRequest) -> HttpResponse:
        if not from_trusted_proxy(request):
            request.META.pop("HTTP_X_FORWARDED_PROTO", None)
        return get_response(request)

    return answer
