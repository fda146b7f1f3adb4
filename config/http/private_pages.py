"""Cache-Control of pages, which contain menus, tokens and personal data."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

# Below these, every response is about a person or leads into an account, files and redirects too.
PERSONAL = ("/accounts/", "/admin/", "/moderation/")


def forbid_storing(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Return middleware that makes HTML `private, no-cache`, unless a view is stricter.

    Pages for logged-in users are `no-store`, so that the Back button does not show them after log-
    out.
    """

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        is_page = response.get("Content-Type", "").startswith("text/html")
        if is_page:
            response.headers.setdefault("Cache-Control", "private, no-cache")
            patch_vary_headers(response, ("Cookie", "Accept-Language", "HX-Request"))
        if request.path_info.startswith(PERSONAL) or (is_page and is_logged_in(request)):
            response.headers["Cache-Control"] = "private, no-cache, no-store"
        return response

    return answer


def is_logged_in(request: HttpRequest) -> bool:
    """Return whether the user was logged in; requests that were refused early have no user."""
    return hasattr(request, "user") and request.user.is_authenticated
