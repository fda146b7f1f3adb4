"""Read forms, JSON and query strings as UTF-8, whatever the charset in Content-Type.

Django would decode them by that charset, which may be any codec of Python. Some codecs fail on
every text, and an invalid RFC 2231 parameter fails before any middleware runs.
"""

import re
from collections.abc import Callable
from typing import Any

BOUNDARY = re.compile(r';\s*(boundary=(?:"[^"]*"|[^\s;"]+))', re.ASCII | re.IGNORECASE)

Application = Callable[[dict[str, Any], Callable[..., Any]], Any]


def read_as_utf_8(application: Application) -> Application:
    """Return a WSGI application that sees the media type and the boundary of Content-Type only."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        if "CONTENT_TYPE" in environ:
            environ["CONTENT_TYPE"] = without_charset(environ["CONTENT_TYPE"])
        return application(environ, start_response)

    return answer


def without_charset(header: str) -> str:
    """Return the media type with its boundary, which multipart forms need."""
    boundary = BOUNDARY.search(header)
    media_type = header.partition(";")[0].strip()
    return f"{media_type}; {boundary[1]}" if boundary else media_type
