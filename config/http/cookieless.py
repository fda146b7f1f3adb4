"""Make public responses independent of cookies and languages, so that caches may share them."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from config.http.problems import FOR_ANYBODY

# Everything below these addresses is the same for everyone. Views that depend on the user do not
# belong here ...
PREFIXES = (
    *("/tiles/", "/api/", "/ogc", "/words/", "/sitemap", "/robots.txt", "/healthz", "/readyz"),
    *("/favicon.ico", "/apple-touch-icon"),
)
# ... except here, where people log in.
PERSONAL = "/api/v1/auth/"
# Scripts of other origins may send conditional reads.
PREFLIGHT = FOR_ANYBODY | {
    "Access-Control-Allow-Methods": "GET, HEAD",
    "Access-Control-Allow-Headers": "Accept, If-Modified-Since, If-None-Match",
    "Access-Control-Max-Age": "86400",
}


def is_public(request: HttpRequest) -> bool:
    """Return whether the response is the same for everyone."""
    return request.path_info.startswith(PREFIXES) and not request.path_info.startswith(PERSONAL)


def drop_cookies(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Return middleware that removes cookies from public requests and responses, and adds CORS.

    It wraps the middleware of sessions, CSRF and languages, which would set cookies.
    """

    def answer(request: HttpRequest) -> HttpResponse:
        if not is_public(request):
            return get_response(request)
        if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
            return HttpResponse(status=204, headers=PREFLIGHT)
        request.META.pop("HTTP_COOKIE", None)
        request.META.pop("HTTP_ACCEPT_LANGUAGE", None)
        response = get_response(request)
        # a page that says that there is nothing would bring one for its forms
        response.cookies.clear()
        for name, value in FOR_ANYBODY.items():  # redirections to the address with a slash, too
            response.headers.setdefault(name, value)
        return one_for_all_languages(response)

    return answer


def one_for_all_languages(response: HttpResponse) -> HttpResponse:
    """Remove Accept-Language and Cookie from Vary."""
    varies = [
        name
        for name in response.headers.get("Vary", "").split(", ")
        if name not in {"", "Accept-Language", "Cookie"}
    ]
    response.headers["Vary"] = ", ".join(varies)
    if not varies:
        del response.headers["Vary"]
    return response
