"""Public reads take no cookies: whatever a browser sends, their answers are the same bytes and set none."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

# Everything below these addresses is the same for everybody. What asks who somebody is must not stand here ...
PREFIXES = ("/tiles/", "/api/")
# ... except here, where people log in.
PERSONAL = "/api/v1/auth/"


def without_cookies(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware, outside those of sessions and CSRF, which answer a garbled cookie with a new one."""

    def answer(request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(PREFIXES) and not request.path_info.startswith(PERSONAL):
            request.META.pop("HTTP_COOKIE", None)
        return get_response(request)

    return answer
