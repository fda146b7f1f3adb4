"""Forms, JSON and addresses are read as UTF-8, whatever a Content-Type header says of itself.

Django decodes query strings and forms by the charset in that header, and any codec of Python counts
as one. Some of them fail on every text, and an RFC 2231 parameter that cannot be read fails before
any middleware runs.
"""

import re
from collections.abc import Callable
from typing import Any

BOUNDARY = re.compile(r';\s*(boundary=(?:"[^"]*"|[^\s;"]+))', re.ASCII | re.IGNORECASE)

Application = Callable[[dict[str, Any], Callable[..., Any]], Any]


def read_as_utf_8(application: Application) -> Application:
    """Return the WSGI application with the media type as the only thing that it learns of
    Content-Type.
    """

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        if "CONTENT_TYPE" in environ:
            environ["CONTENT_TYPE"] = without_charset(environ["CONTENT_TYPE"])
        return application(environ, start_response)

    return answer


def without_charset(header: str) -> str:
    """Return the media type, and of its parameters the boundary alone, which multipart forms need."""
    boundary = BOUNDARY.search(header)
    media_type = header.partition(";")[0].strip()
    return f"{media_type}; {boundary[1]}" if boundary else media_type
