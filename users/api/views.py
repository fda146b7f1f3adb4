"""The accounts' API: log-in with cookies that scripts cannot read, profile and tokens."""

from typing import Any, cast
from uuid import UUID

from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.http.problems import Problem
from users import cookies, sessions
from users.api import flows, serializers
from users.api.openapi import documented
from users.api.parsers import SmallJSONParser, check_body
from users.audit import Action, record
from users.authentication import BearerAuthentication, CookieAuthentication, MayAsk
from users.models import PersonalAccessToken, TokenScope, User
from users.models.tokens import MOST_TOKENS, TooManyTokens


class Account(APIView):
    """A view for the logged-in user, which no cache stores."""

    authentication_classes: Any = [BearerAuthentication, CookieAuthentication]
    permission_classes: Any = [MayAsk]
    parser_classes = [SmallJSONParser]
    http_method_names = ["get", "post", "patch", "delete", "head"]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        check_body(request)
        super().initial(request, *args, **kwargs)

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        answer = super().finalize_response(request, response, *args, **kwargs)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @property
    def person(self) -> User:
        """Return the logged-in user, of whom `MayAsk` has made sure."""
        return cast(User, self.request.user)

    def read(self, kind: type[serializers.serializers.Serializer]) -> dict[str, Any]:
        """Return the validated body. Raises ValidationError."""
        asked = kind(data=self.request.data)
        asked.is_valid(raise_exception=True)
        return asked.validated_data

    def logged_in(self, user: User) -> Response:
        """Start a log-in and return its response, with the tokens in the cookies."""
        return with_cookies(sessions.start(self.request._request, user))


class Open(Account):
    """A view that needs no log-in."""

    authentication_classes: Any = []
    permission_classes: Any = [AllowAny]


class Guarded(Open):
    """A view that sets or deletes the cookies, and therefore needs the CSRF token."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        CookieAuthentication().enforce_csrf(request)


class Csrf(Open):
    @documented("csrf")
    def get(self, request: Request) -> Response:
        """The token that unsafe methods have to send as the header X-CSRFToken, and the cookie it
        belongs to.
        """
        return Response({"csrfToken": get_token(request._request)})


class Register(Guarded):
    @documented("register")
    def post(self, request: Request) -> Response:
        """Make an account. The answer is the same for an address that has one already: its owner
        gets a mail.
        """
        flows.register(request._request, **self.read(serializers.RegisterSerializer))
        return Response(
            {"detail": "Check your email and open the link to confirm your address."}, 201
        )


class Login(Guarded):
    @documented("login")
    def post(self, request: Request) -> Response:
        """Log in: sets the cookies, and ends what the browser was logged in as before."""
        user = flows.identify(request._request, **self.read(serializers.LoginSerializer))
        flows.leave(request._request)
        record(Action.LOG_IN, request=request._request, actor=user, by="api")
        return self.logged_in(user)


class Logout(Guarded):
    @documented("logout")
    def post(self, request: Request) -> Response:
        """Log out. Either cookie is enough; both are taken away, even if neither was good any more."""
        user = flows.leave(request._request)
        if user is None:
            raise Problem(401, "not-logged-in", "You are not logged in.")
        record(Action.LOG_OUT, request=request._request, actor=user, by="api")
        return Response(status=204)

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        return without_cookies(super().finalize_response(request, response, *args, **kwargs))


class Refresh(Guarded):
    @documented("refresh")
    def post(self, request: Request) -> Response:
        """Exchange the refresh token for new tokens. Using an old one again ends the log-in for all
        of them.
        """
        tokens = sessions.refresh(request._request, request.COOKIES.get(cookies.REFRESH))
        if tokens is None:
            raise Problem(401, "log-in-ended", "Your session has ended. Log in again.")
        return with_cookies(tokens)

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        return without_cookies(super().finalize_response(request, response, *args, **kwargs))


class Profile(Account):
    scopes = {
        "GET": TokenScope.PROFILE_READ,
        "HEAD": TokenScope.PROFILE_READ,
        "PATCH": TokenScope.PROFILE_WRITE,
    }

    @documented("profile")
    def get(self, request: Request) -> Response:
        """The person who asks, and what they may do."""
        return Response(serializers.ProfileSerializer(request.user).data)

    @documented("profile-change")
    def patch(self, request: Request) -> Response:
        """Change some fields. Those that are read-only stay as they are, whatever the body says."""
        asked = serializers.ProfileSerializer(request.user, data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        asked.save()
        return Response(asked.data)


class PasswordChange(Account):
    @documented("password-change")
    def post(self, request: Request) -> Response:
        """Set a new password. Every other log-in ends; this one gets new cookies. `revokeTokens`
        ends tokens too.
        """
        asked = self.read(serializers.PasswordChangeSerializer)
        flows.change_password(
            request._request,
            self.person,
            asked["currentPassword"],
            asked["newPassword"],
            revoke_tokens=asked["revokeTokens"],
        )
        return self.logged_in(self.person)


class PasswordReset(Open):
    @documented("password-reset")
    def post(self, request: Request) -> Response:
        """Ask for the mail whose link leads to a new password."""
        flows.ask_password_reset(request._request, **self.read(serializers.EmailSerializer))
        return Response({"detail": "We sent an email to this address."}, 202)


class PasswordResetConfirm(Open):
    @documented("password-reset-confirm")
    def post(self, request: Request) -> Response:
        """Set a new password with the key from the mail. Every log-in and personal access token
        ends.
        """
        asked = self.read(serializers.PasswordResetConfirmSerializer)
        flows.reset_password(request._request, asked["key"], asked["newPassword"])
        return Response({"detail": "Password changed. You can now log in."})


class VerifyEmail(Open):
    @documented("verify-email")
    def post(self, request: Request) -> Response:
        """Prove an address with the key from the mail."""
        flows.verify_email(request._request, **self.read(serializers.KeySerializer))
        return Response({"detail": "Email confirmed. You can now log in."})


class VerifyEmailResend(Open):
    @documented("verify-email-resend")
    def post(self, request: Request) -> Response:
        """Ask for the mail with the link again."""
        flows.resend_verification(request._request, **self.read(serializers.EmailSerializer))
        return Response({"detail": "We sent an email to this address."}, 202)


class Tokens(Account):
    """The person's own tokens for scripts. No scope reaches them: a token makes no tokens."""

    @documented("tokens")
    def get(self, request: Request) -> Response:
        """The tokens that are still good, newest first, with their last use."""
        rows = PersonalAccessToken.objects.of(self.person).live()
        return Response({"results": serializers.AccessTokenSerializer(rows, many=True).data})

    @documented("token-make")
    def post(self, request: Request) -> Response:
        """Make a token. Its secret is in this answer and nowhere else."""
        try:
            row, secret = PersonalAccessToken.issue(
                self.person, **self.read(serializers.AccessTokenSerializer)
            )
        except TooManyTokens:
            raise Problem(
                409, "too-many-tokens", f"You have {MOST_TOKENS} tokens. Revoke one first."
            ) from None
        record(
            Action.TOKEN_MADE,
            request=request._request,
            target=f"token:{row.key}",
            scopes=row.scopes,
        )
        return Response(serializers.AccessTokenSerializer(row).data | {"token": secret}, 201)


class Token(Account):
    @documented("token-revoke")
    def delete(self, request: Request, key: UUID) -> Response:
        """Revoke a token: it is good for nothing from now on."""
        get_object_or_404(PersonalAccessToken, user=self.person, key=key).delete()
        record(Action.TOKEN_REVOKED, request=request._request, target=f"token:{key}")
        return Response(status=204)


def with_cookies(tokens: sessions.Tokens) -> Response:
    expiries = {"accessExpires": tokens.access_expires, "refreshExpires": tokens.refresh_expires}
    answer = Response(serializers.LoggedInSerializer({"user": tokens.family.user, **expiries}).data)
    cookies.put(answer, tokens)
    return answer


def without_cookies(answer: Response) -> Response:
    """Delete both cookies after the log-in has ended, but not after a failed CSRF check."""
    if answer.status_code in (204, 401):
        cookies.clear(answer)
    return answer
