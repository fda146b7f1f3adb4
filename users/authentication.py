"""Authentication of the accounts' API: tokens for scripts, cookies with CSRF tokens, and scopes."""

from typing import Any

from rest_framework.authentication import (
    BaseAuthentication,
    SessionAuthentication,
    get_authorization_header,
)
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request

from config.http.problems import Problem
from users.models import PersonalAccessToken, User


class BearerAuthentication(BaseAuthentication):
    """A personal access token, `Authorization: Bearer mst_...`. It takes precedence over cookies."""

    def authenticate(self, request: Request) -> tuple[User, PersonalAccessToken] | None:
        scheme, _, secret = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        token = PersonalAccessToken.objects.of_secret(secret.strip().decode("latin-1"))
        if token is None:
            raise AuthenticationFailed("This token is unknown, revoked or expired.")
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class CookieAuthentication(SessionAuthentication):
    """The user of the session or access token; unsafe methods need the CSRF token."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        # even an empty one
        return None if "Authorization" in request.headers else super().authenticate(request)

    def enforce_csrf(self, request: Request) -> None:
        try:
            super().enforce_csrf(request._request)  # type: ignore[arg-type]  # the other one would read the body here
        except PermissionDenied as error:
            detail = (
                "The CSRF token is missing or invalid. Get one from csrf/ and send "
                "it as X-CSRFToken."
            )
            raise Problem(403, "csrf-failed", detail) from error


class MayAsk(IsAuthenticated):
    """Allow logged-in users, and personal access tokens with the scope in the view's `scopes`."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not super().has_permission(request, view):
            return False
        if not isinstance(request.auth, PersonalAccessToken):
            return True
        scope = getattr(view, "scopes", {}).get(request.method)
        if scope is None:
            raise Problem(
                403,
                "no-token-here",
                "Personal access tokens can't do this. Log in instead.",
            )
        if scope not in request.auth.scopes:
            raise Problem(403, "scope-missing", f"The token lacks the scope {scope}.", scope=scope)
        return True
