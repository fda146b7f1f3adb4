"""The OpenAPI description of the accounts' API, with examples of requests, responses and errors."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema

from config.http import long_addresses, unavailable
from config.http.problems import MEDIA_TYPE, Problem, described, problem, problem_of_api
from users import cookies
from users.api import serializers as s

TAGS = ["Accounts"]
BEARER, COOKIE = "personalAccessToken", "accessCookie"
EITHER_COOKIE: Any = [{COOKIE: []}, {"refreshCookie": []}]
BY_REFRESH: Any = [{"refreshCookie": []}]


class BearerScheme(OpenApiAuthenticationExtension):
    target_class = "users.authentication.BearerAuthentication"
    name = BEARER

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A personal access token, created at tokens/.",
        }


class CookieScheme(OpenApiAuthenticationExtension):
    target_class = "users.authentication.CookieAuthentication"
    name = [COOKIE, "refreshCookie"]

    def get_security_requirement(self, auto_schema: Any) -> dict[str, list[Any]]:
        return {COOKIE: []}

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, str]]:
        return [
            {
                "type": "apiKey",
                "in": "cookie",
                "name": name,
                "description": "Set by login/ and refresh/.",
            }
            for name in (cookies.ACCESS, cookies.REFRESH)
        ]


def named(status: int, code: str, detail: str, **extensions: Any) -> dict[str, Any]:
    return problem_of_api(Problem(status, code, detail, **extensions), status)


def at_fault(parameter: str, reason: str) -> dict[str, Any]:
    errors = [{"parameter": parameter, "reason": reason}]
    return problem(400, "Some fields are missing or invalid.", errors=errors)


MALFORMED = at_fault("email", "Enter a valid email address.")
WEAK = at_fault("newPassword", "This password has appeared in a data breach. Choose another.")
LINK = named(
    400,
    "link-invalid",
    "This link was already used, has expired or is incomplete. Request a new one.",
)
NOBODY = problem(401, "Authentication credentials were not provided.")
CSRF = named(
    403,
    "csrf-failed",
    ("The CSRF token is missing or invalid. Get one from csrf/ and send it as X-CSRFToken."),
)
SCOPE = named(
    403, "scope-missing", "The token lacks the scope profile:write.", scope="profile:write"
)
NO_TOKEN = named(403, "no-token-here", "Personal access tokens can't do this. Log in instead.")
SLOW = problem(429, "Request was throttled. Expected available in 60 seconds.")
REASONS = {
    400: (
        "The body is not JSON, or some fields are missing or invalid. Each "
        "is listed with the reason."
    ),
    401: "Not logged in, or not in the required way.",
    403: "This CSRF token or personal access token doesn't allow it.",
    404: "Not found.",
    409: "There are too many.",
    413: "The body is too large.",
    414: "The address is too long.",
    415: "The body is not JSON.",
    406: "Accept must allow JSON.",
    429: "Too many attempts. See Retry-After.",
    503: "The portal is unavailable. See Retry-After.",
}
ALWAYS = [
    problem(406, "Could not satisfy the request Accept header."),
    problem(414, str(long_addresses.REASON)),
    problem(503, str(unavailable.NO_DATABASE)),
]
WITH_BODY = [
    problem(413, "A body may have at most 65,536 bytes."),
    problem(415, 'Unsupported media type "text/plain" in request.'),
]
CSRF_HEADER = OpenApiParameter(
    "X-CSRFToken",
    str,
    OpenApiParameter.HEADER,
    description="From csrf/. Not needed with a personal access token.",
)
CSRF_NEEDED = OpenApiParameter(
    "X-CSRFToken", str, OpenApiParameter.HEADER, required=True, description="From csrf/."
)
PERSON = {
    "username": "ada",
    "email": "ada@example.org",
    "role": "observer",
    "displayName": "Ada L.",
    "language": "en",
    "units": "metric",
    "vernacularLanguage": "eng",
    "isPublic": False,
    "isStaff": False,
    "isSuperuser": False,
    "dateJoined": "2026-11-23T12:00:00Z",
    "permissions": [],
    "twoFactor": False,
}
LOGGED_IN = {
    "user": PERSON,
    "accessExpires": "2026-11-23T12:15:00Z",
    "refreshExpires": "2026-12-07T12:00:00Z",
}
TOKEN = {
    "id": "5f8e6a2b-1c1d-4b5a-9b0e-6a5d3c2b1a00",
    "name": "nightly export",
    "scopes": ["profile:read"],
    "created": "2026-11-23T12:00:00Z",
    "expires": "2027-02-21T12:00:00Z",
    "lastUsed": None,
}
SECRET = "mst_this-is-shown-once-and-never-again-000000000"  # noqa: S105  # an example
EMAIL = {"email": "ada@example.org"}
KEY = "MQ:1wNDkE:dOyYxR0qkYV0"
NEW = {"newPassword": "seven whelks and a limpet"}
LOG_IN = EMAIL | {"password": "an anemone under the pier"}


def operation(
    summary: str,
    *errors: dict[str, Any],
    takes: Any = None,
    asked: dict[str, Any] | None = None,
    answers: Any = s.MessageSerializer,
    answer: Any = None,
    status: int = 200,
    **options: Any,
) -> dict[str, Any]:
    """One operation: its body by serializer and example, its answer likewise, and its errors by
    examples.
    """
    refused = [*errors, *ALWAYS, *(WITH_BODY if takes else [])]
    responses: dict[Any, Any] = {
        (code, MEDIA_TYPE): described(
            REASONS[code], *(each for each in refused if each["status"] == code)
        )
        for code in sorted({each["status"] for each in refused})
    }
    shown = [OpenApiExample("answer", value=answer)] if answer is not None else []
    responses[status] = OpenApiResponse(answers, "Done.", shown)
    examples = [OpenApiExample("request", value=asked, request_only=True)] if asked else []
    return {
        "summary": summary,
        "tags": TAGS,
        "request": takes,
        "responses": responses,
        "examples": examples,
        **options,
    }


def told(detail: str) -> dict[str, str]:
    return {"detail": detail}


GUARDED: dict[str, Any] = {"parameters": [CSRF_NEEDED]}
BY_COOKIE: dict[str, Any] = {"parameters": [CSRF_HEADER]}
OPERATIONS = {
    "csrf": operation(
        "Get a CSRF token", answers=s.CsrfSerializer, answer={"csrfToken": "q7Jp...64 letters"}
    ),
    "register": operation(
        "Create an account",
        *(at_fault("username", "A user with that username already exists."), CSRF, SLOW),
        takes=s.RegisterSerializer,
        asked=LOG_IN | {"username": "ada"},
        answer=told("Check your email and open the link to confirm your address."),
        status=201,
        **GUARDED,
    ),
    "login": operation(
        "Log in",
        *(
            MALFORMED,
            named(401, "wrong-credentials", "Wrong email or password."),
        ),
        named(
            401, "two-factor-required", "Also send the code from your authenticator app as `code`."
        ),
        *(
            named(401, "two-factor-wrong", "This code is wrong or was already used."),
            CSRF,
            SLOW,
        ),
        takes=s.LoginSerializer,
        asked=LOG_IN,
        answers=s.LoggedInSerializer,
        answer=LOGGED_IN,
        **GUARDED,
    ),
    "logout": operation(
        "Log out",
        *(named(401, "not-logged-in", "You are not logged in."), CSRF),
        answers=None,
        status=204,
        auth=EITHER_COOKIE,
        **GUARDED,
    ),
    "refresh": operation(
        "Refresh the cookies",
        *(named(401, "log-in-ended", "Your session has ended. Log in again."), CSRF),
        answers=s.LoggedInSerializer,
        answer=LOGGED_IN,
        auth=BY_REFRESH,
        **GUARDED,
    ),
    "profile": operation(
        "Read your profile", NOBODY, SCOPE, answers=s.ProfileSerializer, answer=PERSON
    ),
    "profile-change": operation(
        "Change your profile",
        *(at_fault("units", '"fathoms" is not a valid choice.'), NOBODY, CSRF, SCOPE),
        takes=s.ProfileSerializer(partial=True),
        asked={"displayName": "Ada L.", "units": "metric"},
        answers=s.ProfileSerializer,
        answer=PERSON,
        **BY_COOKIE,
    ),
    "password-change": operation(
        "Change your password",
        *(
            at_fault("currentPassword", "Please type your current password."),
            WEAK,
            NOBODY,
            CSRF,
            NO_TOKEN,
            SLOW,
        ),
        takes=s.PasswordChangeSerializer,
        asked={"currentPassword": LOG_IN["password"]} | NEW | {"revokeTokens": True},
        answers=s.LoggedInSerializer,
        answer=LOGGED_IN,
        auth=[{COOKIE: []}],
        **GUARDED,
    ),
    "password-reset": operation(
        "Request a password reset",
        *(MALFORMED, SLOW),
        takes=s.EmailSerializer,
        asked=EMAIL,
        answer=told("We sent an email to this address."),
        status=202,
    ),
    "password-reset-confirm": operation(
        "Set a new password",
        *(LINK, WEAK, SLOW),
        takes=s.PasswordResetConfirmSerializer,
        asked={"key": "1-d0m3x2-5a1b"} | NEW,
        answer=told("Password changed. You can now log in."),
    ),
    "verify-email": operation(
        "Confirm an email address",
        LINK,
        takes=s.KeySerializer,
        asked={"key": KEY},
        answer=told("Email confirmed. You can now log in."),
    ),
    "verify-email-resend": operation(
        "Send the confirmation link again",
        *(MALFORMED, SLOW),
        takes=s.EmailSerializer,
        asked=EMAIL,
        answer=told("We sent an email to this address."),
        status=202,
    ),
    "tokens": operation(
        "List personal access tokens",
        *(NOBODY, NO_TOKEN),
        answers=s.AccessTokensSerializer,
        answer={"results": [TOKEN]},
        auth=[{COOKIE: []}],
    ),
    "token-make": operation(
        "Create a personal access token",
        *(at_fault("scopes.0", '"all" is not a valid choice.'), NOBODY, CSRF, NO_TOKEN),
        named(409, "too-many-tokens", "You have 50 tokens. Revoke one first."),
        takes=s.AccessTokenSerializer,
        asked={"name": "nightly export", "scopes": ["profile:read"], "days": 90},
        answers=s.NewAccessTokenSerializer,
        answer=TOKEN | {"token": SECRET},
        status=201,
        auth=[{COOKIE: []}],
        **GUARDED,
    ),
    "token-revoke": operation(
        "Revoke a personal access token",
        *(NOBODY, CSRF, NO_TOKEN, problem(404, "Not found.")),
        answers=None,
        status=204,
        auth=[{COOKIE: []}],
        **GUARDED,
    ),
}


def documented(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator that adds the operations; descriptions are the views' docstrings."""
    return extend_schema(**OPERATIONS[name])
