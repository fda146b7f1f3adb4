"""Problem documents (RFC 9457): the errors of tiles, the public API and the accounts' API."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.http import JsonResponse
from drf_spectacular.utils import OpenApiExample, OpenApiResponse
from rest_framework.exceptions import APIException, ErrorDetail, ValidationError

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 10
# What scripts of other origins may read, beside the few headers that they always may.
EXPOSED = "ETag, Link, RateLimit, RateLimit-Policy, Retry-After"
FOR_ANYBODY = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": EXPOSED}


def problem(status: int, detail: str, **extensions: Any) -> dict[str, Any]:
    """Return the members of a problem document (RFC 9457), with the status's phrase as title."""
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    } | extensions


def problem_response(body: dict[str, Any], **headers: str) -> JsonResponse:
    """Return the problem as a response that scripts of any origin may read."""
    return JsonResponse(
        body,
        status=body["status"],
        content_type=MEDIA_TYPE,
        headers=FOR_ANYBODY | retry_headers(body) | headers,
    )


def retry_headers(body: dict[str, Any]) -> dict[str, str]:
    """Return Retry-After for a temporary problem, else no header."""
    if body["status"] == HTTPStatus.SERVICE_UNAVAILABLE:
        return {"Retry-After": str(RETRY_AFTER_SECONDS)}
    return {"Retry-After": str(body["retryAfter"])} if "retryAfter" in body else {}


class Problem(APIException):
    """A refusal with a machine-readable name: `type` and, shorter, `code`."""

    def __init__(self, status: int, code: str, detail: str, **extensions: Any) -> None:
        super().__init__(detail)
        self.status_code = status
        self.extensions = {"type": f"urn:problem-type:{code}", "code": code} | extensions
        if status == HTTPStatus.UNAUTHORIZED:
            self.auth_header = "Bearer"


def problem_of_api(error: Exception, status: int) -> dict[str, Any]:
    """Return the problem document for an error of Django REST framework."""
    if isinstance(error, ValidationError):
        reasons = [
            {"parameter": name, "reason": reason} for name, reason in reasons_of(error.detail)
        ]
        return problem(status, "Some fields are missing or invalid.", errors=reasons)
    return problem(status, str(getattr(error, "detail", "")), **getattr(error, "extensions", {}))


def reasons_of(detail: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield the name and the reason of each invalid field; "body" for errors of no single field."""
    match detail:
        case ErrorDetail() | str():
            # A reason may repeat input, and JSON allows lone surrogates, which UTF-8 does not.
            yield name or "body", str(detail).encode(errors="replace").decode()
        case dict():
            for key, part in detail.items():
                inner = "" if key == "non_field_errors" else str(key)
                yield from reasons_of(part, ".".join(filter(None, (name, inner))))
        case _:
            for part in detail:
                yield from reasons_of(part, name)


# --- How OpenAPI describes them -------------------------------------------------------------------------------------
SCHEMA = {
    "type": "object",
    "description": "Problem details, RFC 9457.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {
            "type": "string",
            "description": "The end of `type`, where the problem has a name of its own.",
        },
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["parameter", "reason"],
                "properties": {"parameter": {"type": "string"}, "reason": {"type": "string"}},
            },
        },
    },
}


def described(reason: str, *examples: dict[str, Any] | None) -> OpenApiResponse:
    """Return the OpenAPI description of an error, with examples named by code or status."""
    bodies = [body for body in examples if body]
    shown = [
        OpenApiExample(str(body.get("code", f"problem {body['status']}")), value=body)
        for body in bodies
    ]
    return OpenApiResponse(SCHEMA, reason, shown)
