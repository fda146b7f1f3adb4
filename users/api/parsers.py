"""Request bodies of the accounts' API: JSON of limited size and depth."""

from collections.abc import Mapping
from typing import Any

from rest_framework.exceptions import APIException, ParseError, UnsupportedMediaType
from rest_framework.parsers import JSONParser
from rest_framework.request import Request

MOST_BYTES = 64 * 1024
MOST_DIGITS = 9  # of a length: leading zeros are legal


class TooLarge(APIException):
    status_code = 413
    default_detail = f"A body may have at most {MOST_BYTES:,} bytes."


def check_body(request: Request) -> None:
    """Refuse a body by its headers, before looking for a CSRF token reads an upload.

    The server passes on no more than Content-Length. Raises UnsupportedMediaType and TooLarge.
    """
    length = request.META.get("CONTENT_LENGTH") or "0"
    if (
        not length.isascii()
        or not length.isdigit()
        or len(length) > MOST_DIGITS
        or int(length) > MOST_BYTES
    ):
        raise TooLarge()
    kind = request.content_type or ""
    if length != "0" and kind.partition(";")[0].strip().lower() != "application/json":
        raise UnsupportedMediaType(kind[:100])


class SmallJSONParser(JSONParser):
    """JSON that does not exhaust Python's stack."""

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError:
            raise ParseError("The JSON is nested too deeply.") from None
