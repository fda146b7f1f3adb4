"""The two cookies with the API's tokens, which no script can read."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from rest_framework_simplejwt.settings import api_settings

from users.sessions import Tokens

ACCESS, REFRESH = "access_token", "refresh_token"


def path_of(name: str) -> str:
    """Return the cookie's path; the refresh token is sent to the log-in endpoints only."""
    return settings.COOKIE_PATH + ("api/v1/auth/" if name == REFRESH else "")


def put(response: HttpResponse, tokens: Tokens) -> None:
    set_one(
        response, ACCESS, str(tokens.access), api_settings.ACCESS_TOKEN_LIFETIME.total_seconds()
    )
    set_one(
        response, REFRESH, str(tokens.refresh), api_settings.REFRESH_TOKEN_LIFETIME.total_seconds()
    )


def clear(response: HttpResponse) -> None:
    """Delete both cookies."""
    for name in (ACCESS, REFRESH):
        set_one(response, name, "", 0)


def set_one(response: HttpResponse, name: str, value: str, seconds: float) -> None:
    options: dict[str, Any] = {
        "secure": settings.AUTH_COOKIE_SECURE,
        "samesite": settings.AUTH_COOKIE_SAMESITE,
    }
    response.set_cookie(
        name, value, max_age=int(seconds), path=path_of(name), httponly=True, **options
    )
