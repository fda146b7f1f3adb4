"""Middleware for users who logged in through the API, and for their units."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject
from rest_framework_simplejwt.tokens import AccessToken

from config.http import cookieless
from users import cookies, sessions, units
from users.models import Units


def authenticate_by_token(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Return middleware that sets `request.user` by the access token, if no session does.

    The token is checked at each request, but only if the user is needed. Django's CSRF middleware
    protects pages, `users.authentication` protects the API.
    """

    def answer(request: HttpRequest) -> HttpResponse:
        by_session: Any = request.user
        request.user = SimpleLazyObject(
            lambda: by_session if by_session.is_authenticated else by_token(request)
        )  # type: ignore[assignment]
        response = get_response(request)
        family = getattr(request, "token_family", None)
        # where a refused request is anonymous too
        in_api = request.path_info.startswith(cookieless.PERSONAL)
        # a page has logged the person out
        if family is not None and not in_api and not request.user.is_authenticated:
            family.delete()
            cookies.clear(response)
        return response

    def by_token(request: HttpRequest) -> Any:
        family = sessions.family_of(AccessToken, request.COOKIES.get(cookies.ACCESS))
        request.token_family = family  # type: ignore[attr-defined]
        return family.user if family else AnonymousUser()

    return answer


def apply_own_units(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Return middleware that applies the user's units; they are looked up only if needed."""

    def answer(request: HttpRequest) -> HttpResponse:
        with units.feet_if(lambda: getattr(request.user, "units", "") == Units.IMPERIAL):
            return get_response(request)

    return answer
