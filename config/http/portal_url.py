"""Paths below PORTAL_URL's prefix, and absolute links under its origin."""

from collections.abc import Callable
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.encoding import iri_to_uri


def serve_at_portal_url(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Return middleware that applies PORTAL_URL; it wraps all that reads paths and hosts."""

    def answer(request: HttpRequest) -> HttpResponse:
        take_prefix_off(request)
        if settings.PORTAL.origin:
            request.build_absolute_uri = lambda location=None: absolute_url(request, location)  # type: ignore[method-assign]
        return get_response(request)

    return answer


def take_prefix_off(request: HttpRequest) -> None:
    """Remove the prefix from the path; a proxy may have removed it already."""
    prefix = settings.PORTAL.prefix
    if prefix and f"{request.path_info}/".startswith(f"{prefix}/"):
        request.path_info = request.path_info.removeprefix(prefix) or "/"
        request.path = prefix + request.path_info


def absolute_url(request: HttpRequest, location: str | None = None) -> str:
    """Return the absolute address of a location, by default that of the request."""
    if location is None:
        return settings.PORTAL.origin + request.get_full_path()
    return iri_to_uri(urljoin(settings.PORTAL.origin + request.path, str(location)))


def mail_link(request: HttpRequest, url: str) -> str:
    """Return the link under an origin that the client cannot choose.

    Without PORTAL_URL that is the host name, which ALLOWED_HOSTS has checked, and the server's
    port; https is served on its default port.
    """
    return mail_origin(request) + urlsplit(url)._replace(scheme="", netloc="").geturl()


def mail_origin(request: HttpRequest) -> str:
    if settings.PORTAL.origin:
        return settings.PORTAL.origin
    scheme = "https" if settings.HTTPS else request.scheme or "http"
    name = urlsplit(f"//{request.get_host()}").hostname or ""
    host, port = f"[{name}]" if ":" in name else name, request.META["SERVER_PORT"]
    return f"{scheme}://{host}" + ("" if scheme == "https" or port == "80" else f":{port}")
